package cli

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2/lang"
	"github.com/spf13/cobra"
)

// help prints a command's help, in the user's language throughout.
func help(cmd *cobra.Command, _ []string) {
	var b strings.Builder
	about := cmd.Long
	if about == "" {
		about = cmd.Short
	}
	fmt.Fprintf(&b, "%s\n\n%s\n  %s\n", about, lang.X("cli.help.usage", "Usage:"), cmd.UseLine())
	if cmd.HasAvailableSubCommands() {
		if cmd.Runnable() {
			fmt.Fprintf(&b, "  %s %s\n", cmd.CommandPath(), lang.X("cli.help.command", "COMMAND"))
		}
		fmt.Fprintf(&b, "\n%s\n", lang.X("cli.help.commands", "Commands:"))
		for _, c := range cmd.Commands() {
			if c.IsAvailableCommand() || c.Name() == "help" {
				fmt.Fprintf(&b, "  %s  %s\n", pad(c.Name(), 11, false), c.Short)
			}
		}
	}
	if cmd.Example != "" {
		fmt.Fprintf(&b, "\n%s\n%s\n", lang.X("cli.help.examples", "Examples:"), cmd.Example)
	}
	if flags := cmd.LocalFlags().FlagUsages(); flags != "" {
		fmt.Fprintf(&b, "\n%s\n%s", lang.X("cli.help.flags", "Flags:"), flags)
	}
	if cmd.Annotations[exitCodes] == "" {
		fmt.Fprintf(&b, "\n%s\n", lang.X("cli.help.exit", "Exit codes: 0 done, 1 error, 2 nothing found."))
	}
	fmt.Fprint(cmd.OutOrStdout(), b.String())
}

// exitCodes marks commands whose text tells of exit codes of their own.
const exitCodes = "exit codes"

func ownExitCodes() map[string]string { return map[string]string{exitCodes: "own"} }

// filterHelp explains the filter, for the commands that take one.
func filterHelp() string {
	return lang.X("cli.help.filter", `A filter is made of terms that must all hold:
  3000  3000-3999  80,443     a port, a range, any of several
  node                        process, project, command, unit or container contains it
  127.0.0.1:3000  :::3000     as error messages write it: also where every interface is served
  proto:udp  pid:42  process:node  user:alice  state:listen  port:3000
  addr:127.0.0.1  addr:192.168.  addr:10.0.0.0/8  addr:localhost  addr:*
  -node                       not that; any term can be negated`)
}

package cli

import (
	"errors"
	"strings"

	"fyne.io/fyne/v2/lang"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// separateTerms moves the negated terms of a filter (-node, -3000) behind a
// "--", where they are no flags. A dash and a single letter stays a flag, so
// that a mistyped "-a" is told of and not searched for.
func separateTerms(args []string) ([]string, error) {
	at := 0
	for at < len(args) && strings.HasPrefix(args[at], "-") {
		at++
	}
	if at == len(args) || args[at] != "list" && args[at] != "watch" {
		return args, nil
	}
	at++
	out := append([]string(nil), args[:at]...)
	var terms []string
	for i := at; i < len(args); i++ {
		a := args[i]
		switch {
		case a == "--":
			terms = append(terms, args[i+1:]...)
			i = len(args)
		case a == "--sort" || a == "--interval": // the next one is the value
			out = append(out, a)
			if i++; i < len(args) {
				out = append(out, args[i])
			}
		case len(a) == 2 && a[0] == '-' && isLetter(a[1]) && a != "-h":
			return nil, errors.New(lang.X("cli.error.short_flag",
				`unknown flag {{.Flag}}: long flags have two dashes; to leave out what contains "{{.Letter}}", add: -- {{.Flag}}`,
				map[string]any{"Flag": a, "Letter": a[1:]}))
		case len(a) > 1 && a[0] == '-' && a[1] != '-' && a != "-h":
			terms = append(terms, a)
		default:
			out = append(out, a)
		}
	}
	if len(terms) > 0 {
		out = append(append(out, "--"), terms...)
	}
	return out, nil
}

func isLetter(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }

// flagError says in the user's language what package pflag says in English.
func flagError(cmd *cobra.Command, err error) error {
	d := map[string]any{"Command": cmd.CommandPath()}
	var unknown *pflag.NotExistError
	var missing *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		d["Flag"] = "--" + unknown.GetSpecifiedName()
		if short := unknown.GetSpecifiedShortnames(); short != "" {
			d["Flag"] = "-" + short
		}
		return errors.New(lang.X("cli.error.flag", "unknown flag {{.Flag}}: see {{.Command}} --help", d))
	case errors.As(err, &missing):
		d["Flag"] = "--" + missing.GetSpecifiedName()
		return errors.New(lang.X("cli.error.flag_value", "{{.Flag}} needs a value: see {{.Command}} --help", d))
	case errors.As(err, &invalid):
		d["Flag"], d["Value"] = "--"+invalid.GetFlag().Name, invalid.GetValue()
		if invalid.GetFlag().Value.Type() == "duration" {
			return errors.New(lang.X("cli.error.duration", `{{.Flag}} can't be "{{.Value}}": give a time such as 500ms, 2s or 1m`, d))
		}
		return errors.New(lang.X("cli.error.flag_bad", `{{.Flag}} can't be "{{.Value}}": see {{.Command}} --help`, d))
	}
	return err
}

func unknownCommand(cmd *cobra.Command, name string) error {
	d := map[string]any{"Name": name}
	if strings.Trim(name, "0123456789") == "" {
		return errors.New(lang.X("cli.error.command_port", "unknown command {{.Name}}: to see who holds that port, use: portlight who {{.Name}}", d))
	}
	cmd.SuggestionsMinimumDistance = 2
	if near := cmd.SuggestionsFor(name); len(near) > 0 {
		d["Near"] = near[0]
		return errors.New(lang.X("cli.error.command_near", `unknown command "{{.Name}}": did you mean {{.Near}}?`, d))
	}
	return errors.New(lang.X("cli.error.command", `unknown command "{{.Name}}": see portlight --help`, d))
}

func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return errors.New(lang.X("cli.error.no_args", `{{.Command}} takes no arguments: leave out "{{.Arg}}"`,
		map[string]any{"Command": cmd.CommandPath(), "Arg": args[0]}))
}

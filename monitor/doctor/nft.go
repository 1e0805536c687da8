package doctor

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/portlight-app/portlight/monitor/sockets"
)

// nftChain is one chain of `nft -j list ruleset` (libnftables-json(5)).
type nftChain struct {
	Family, Table, Name, Type, Hook, Policy string

	rules []nftRule
}

// nftRule's statements stay raw: each is an object with one member, its kind.
type nftRule struct {
	Family, Table, Chain string
	Handle               int
	Expr                 []map[string]json.RawMessage
}

// nftSet is a named set.
type nftSet struct {
	Family, Table, Name string
	Elem                []json.RawMessage
}

// parseNft finds the rules that keep others from the port. Every chain at the
// input hook must let a packet through. Conditions it doesn't know (addresses,
// marks, what iptables' extensions test) may or may not hold, and make what
// follows from them uncertain. text is `nft -a list ruleset`, for the rules'
// own words.
func parseNft(ruleset []byte, text string, proto sockets.Proto, port uint16) ([]Barrier, error) {
	var doc struct {
		Nftables []struct {
			Chain *nftChain
			Rule  *nftRule
			Set   *nftSet
		}
	}
	if err := json.Unmarshal(ruleset, &doc); err != nil {
		return nil, fmt.Errorf("nft's rules: %w", err)
	}
	w := nftWalk{proto: proto, port: port, chains: map[string]*nftChain{}, sets: map[string]*nftSet{}, text: nftText(text)}
	var order []*nftChain
	for _, o := range doc.Nftables {
		switch {
		case o.Chain != nil:
			w.chains[nftName(o.Chain.Family, o.Chain.Table, o.Chain.Name)] = o.Chain
			order = append(order, o.Chain)
		case o.Set != nil:
			w.sets[nftName(o.Set.Family, o.Set.Table, o.Set.Name)] = o.Set
		}
	}
	for _, o := range doc.Nftables {
		if o.Rule == nil {
			continue
		}
		if c := w.chains[nftName(o.Rule.Family, o.Rule.Table, o.Rule.Chain)]; c != nil {
			c.rules = append(c.rules, *o.Rule)
		}
	}
	for _, c := range order {
		if c.Hook != "input" || !slices.Contains([]string{"ip", "ip6", "inet"}, c.Family) {
			continue
		}
		w.maybe = false
		if v, ended := w.chain(c); !ended && v != yes && c.Policy == "drop" {
			w.block(fmt.Sprintf("%s %s %s: policy drop", c.Family, c.Table, c.Name), yes)
		}
	}
	return w.barriers, nil
}

func nftName(family, table, name string) string { return family + " " + table + " " + name }

// nftText finds the rules in `nft -a list ruleset`, which ends each with
// "# handle n".
func nftText(text string) map[string]string {
	all := map[string]string{}
	table := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		body, handle, ok := strings.Cut(line, " # handle ")
		if !ok {
			continue
		}
		f := strings.Fields(body)
		switch {
		case len(f) >= 3 && f[0] == "table" && strings.HasSuffix(body, "{"):
			table = f[1] + " " + f[2]
		case strings.HasSuffix(body, "{"):
		default:
			all[table+" "+handle] = body
		}
	}
	return all
}

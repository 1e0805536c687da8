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

// nftWalk follows one imagined packet: the first of a new connection to the
// port, from another machine.
type nftWalk struct {
	proto  sockets.Proto
	port   uint16
	chains map[string]*nftChain
	sets   map[string]*nftSet
	text   map[string]string // rules as nft prints them, by table and handle
	depth  int
	steps  int

	barriers []Barrier
	maybe    bool // a rule before might have accepted it
}

// answer of one condition or chain.
type answer uint8

const (
	no answer = iota
	maybe
	yes
)

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

// chain walks one chain. ended tells that a verdict was given for certain, and
// v that it was acceptance.
func (w *nftWalk) chain(c *nftChain) (v answer, ended bool) {
	// NFT_JUMP_STACK_SIZE of net/netfilter/nf_tables_core.c; the steps bound what
	// only foreign bytes could ask for.
	if w.depth > 16 || w.steps > 1e5 {
		return no, false
	}
	w.depth++
	defer func() { w.depth-- }()
	for i := range c.rules {
		r := &c.rules[i]
		holds := yes
		w.steps++
		for _, statement := range r.Expr {
			for kind, raw := range statement {
				switch kind {
				case "counter", "log", "comment", "notrack":
				case "accept":
					if holds == yes {
						return yes, true
					}
					w.maybe = true
				case "drop", "reject":
					w.block(w.words(r, kind), holds)
					if holds == yes {
						return no, true
					}
				case "return":
					if holds == yes {
						return no, false
					}
					w.maybe = true
				case "jump", "goto":
					var to struct{ Target string }
					target := (*nftChain)(nil)
					if json.Unmarshal(raw, &to) == nil {
						target = w.chains[nftName(r.Family, r.Table, to.Target)]
					}
					if target == nil {
						w.maybe = true
						continue
					}
					w.maybe = w.maybe || holds != yes // what it blocks, it blocks perhaps
					v, ended := w.chain(target)
					if holds == yes && (ended || kind == "goto") {
						return v, ended
					}
				default:
					holds = min(holds, w.condition(r, kind, raw))
				}
			}
			if holds == no {
				break
			}
		}
	}
	return no, false
}

// block notes what stops the packet.
func (w *nftWalk) block(evidence string, holds answer) {
	w.barriers = append(w.barriers, Barrier{Kind: BarrierNft, Evidence: evidence, Certain: holds == yes && !w.maybe})
}

// words are a rule as nft prints it, or its handle.
func (w *nftWalk) words(r *nftRule, verdict string) string {
	in := nftName(r.Family, r.Table, r.Chain)
	if t := w.text[fmt.Sprintf("%s %s %d", r.Family, r.Table, r.Handle)]; t != "" {
		return in + ": " + t
	}
	return fmt.Sprintf("%s: handle %d %s", in, r.Handle, verdict)
}

// condition: does a statement let the imagined packet on to the next?
func (w *nftWalk) condition(r *nftRule, kind string, raw json.RawMessage) answer {
	var m struct {
		Op    string
		Left  json.RawMessage
		Right json.RawMessage
	}
	if kind != "match" || json.Unmarshal(raw, &m) != nil {
		return maybe // limit, xt, quota…
	}
	var left struct {
		Payload struct{ Protocol, Field string }
		Meta    struct{ Key string }
		CT      struct{ Key string } `json:"ct"`
	}
	if json.Unmarshal(m.Left, &left) != nil {
		return maybe
	}
	var v answer
	switch {
	case left.Payload.Field == "dport" && (left.Payload.Protocol == "tcp" || left.Payload.Protocol == "udp" || left.Payload.Protocol == "th"):
		if left.Payload.Protocol != "th" && left.Payload.Protocol != w.proto.String() {
			return no
		}
		v = w.has(r, m.Right)
	case left.Payload.Protocol == "tcp" || left.Payload.Protocol == "udp":
		if left.Payload.Protocol != w.proto.String() {
			return no
		}
		return maybe
	case left.Payload.Protocol == "icmp" || left.Payload.Protocol == "icmpv6":
		return no
	case left.Meta.Key == "l4proto", left.Payload.Field == "protocol", left.Payload.Field == "nexthdr":
		v = among(m.Right, w.proto.String(), map[sockets.Proto]string{sockets.TCP: "6", sockets.UDP: "17"}[w.proto])
	case left.CT.Key == "state":
		v = among(m.Right, "new", "new")
	case left.Meta.Key == "iif" || left.Meta.Key == "iifname":
		if among(m.Right, "lo", "lo") == no {
			return maybe // of others we don't know which
		}
		v = no // it comes from outside
	default:
		return maybe
	}
	if m.Op == "!=" {
		v = yes - v
	}
	return v
}

// has reports whether ports written as a number, range, set or a named set's
// name contain ours.
func (w *nftWalk) has(r *nftRule, raw json.RawMessage) answer {
	var one uint16
	if json.Unmarshal(raw, &one) == nil {
		return truth(one == w.port)
	}
	var name string
	if json.Unmarshal(raw, &name) == nil {
		set := w.sets[nftName(r.Family, r.Table, strings.TrimPrefix(name, "@"))]
		if set == nil || !strings.HasPrefix(name, "@") {
			return maybe
		}
		return w.hasAny(r, set.Elem)
	}
	var many struct {
		Range []uint16
		Set   []json.RawMessage
	}
	if json.Unmarshal(raw, &many) != nil {
		return maybe
	}
	if len(many.Range) == 2 {
		return truth(many.Range[0] <= w.port && w.port <= many.Range[1])
	}
	return w.hasAny(r, many.Set)
}

func (w *nftWalk) hasAny(r *nftRule, elements []json.RawMessage) answer {
	v := no
	for _, e := range elements {
		v = max(v, w.has(r, e))
	}
	return v
}

func truth(b bool) answer {
	if b {
		return yes
	}
	return no
}

// among reports whether a word, or one of a list or set of words, is ours.
func among(raw json.RawMessage, names ...string) answer {
	var words []any
	var one any
	if json.Unmarshal(raw, &one) != nil {
		return maybe
	}
	switch x := one.(type) {
	case []any:
		words = x
	case map[string]any:
		set, ok := x["set"].([]any)
		if !ok {
			return maybe
		}
		words = set
	default:
		words = []any{x}
	}
	for _, word := range words {
		if slices.Contains(names, fmt.Sprint(word)) {
			return yes
		}
	}
	return no
}

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

package doctor

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/portlight-app/portlight/monitor/sockets"
)

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
		w.steps++
		switch v, next := w.rule(&c.rules[i]); next {
		case nextNothing:
			return v, true
		case nextCaller:
			return v, false
		case nextRule:
		}
	}
	return no, false
}

// next is where the packet goes after a rule.
type next uint8

const (
	nextRule    next = iota
	nextCaller       // back to the chain that jumped here, or the policy
	nextNothing      // its way ends
)

// rule walks one rule: statements hold one after the other, until one doesn't.
func (w *nftWalk) rule(r *nftRule) (answer, next) {
	holds := yes
	for _, statement := range r.Expr {
		for kind, raw := range statement {
			switch kind {
			case "counter", "log", "comment", "notrack":
			case "accept", "drop", "reject", "return", "jump", "goto":
				if v, n := w.verdict(r, kind, raw, holds); n != nextRule {
					return v, n
				}
			default:
				holds = min(holds, w.condition(r, kind, raw))
			}
		}
		if holds == no {
			break
		}
	}
	return no, nextRule
}

// verdict follows a rule's last statement. One that only may be reached lets
// the packet on, and makes what comes after uncertain.
func (w *nftWalk) verdict(r *nftRule, kind string, raw json.RawMessage, holds answer) (answer, next) {
	switch kind {
	case "drop", "reject":
		w.block(w.words(r, kind), holds)
		if holds == yes {
			return no, nextNothing
		}
		return no, nextRule
	case "jump", "goto":
		return w.jump(r, kind, raw, holds)
	}
	if holds != yes {
		w.maybe = true
		return no, nextRule
	}
	if kind == "accept" {
		return yes, nextNothing
	}
	return no, nextCaller
}

func (w *nftWalk) jump(r *nftRule, kind string, raw json.RawMessage, holds answer) (answer, next) {
	var to struct{ Target string }
	target := (*nftChain)(nil)
	if json.Unmarshal(raw, &to) == nil {
		target = w.chains[nftName(r.Family, r.Table, to.Target)]
	}
	if target == nil {
		w.maybe = true
		return no, nextRule
	}
	w.maybe = w.maybe || holds != yes // what it blocks, it blocks perhaps
	switch v, ended := w.chain(target); {
	case holds != yes:
		return no, nextRule
	case ended:
		return v, nextNothing
	case kind == "goto":
		return v, nextCaller
	}
	return no, nextRule
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
	v := maybe
	switch {
	case left.Payload.Protocol != "":
		v = w.payload(r, left.Payload.Protocol, left.Payload.Field, m.Right)
	case left.Meta.Key == "l4proto":
		v = w.isProto(m.Right)
	case left.CT.Key == "state":
		v = among(m.Right, "new")
	case left.Meta.Key == "iif" || left.Meta.Key == "iifname":
		if among(m.Right, "lo") == yes {
			v = no // it comes from outside; of other interfaces we don't know which
		}
	}
	if m.Op == "!=" {
		v = yes - v
	}
	return v
}

// payload is a condition on the packet's headers.
func (w *nftWalk) payload(r *nftRule, protocol, field string, right json.RawMessage) answer {
	switch protocol {
	case "tcp", "udp", "th":
		if protocol != "th" && protocol != w.proto.String() {
			return no
		}
		if field == "dport" {
			return w.has(r, right)
		}
	case "icmp", "icmpv6":
		return no
	case "ip", "ip6":
		if field == "protocol" || field == "nexthdr" {
			return w.isProto(right)
		}
	}
	return maybe
}

// isProto: protocols are written by name or by IANA's number.
func (w *nftWalk) isProto(raw json.RawMessage) answer {
	number := "6"
	if w.proto == sockets.UDP {
		number = "17"
	}
	return among(raw, w.proto.String(), number)
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

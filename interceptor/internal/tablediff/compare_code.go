package tablediff

import (
	"cmp"
	"fmt"
	"strconv"
)

const (
	success     = "OK"
	sameRequest = "SAME_REQUEST"
	operator    = "OPERATOR"
	unspecified = "UNSPECIFIED"
)

// shown returns a value as it is printed.
func shown(s string) string {
	if s == "" {
		return "(none)"
	}
	return strconv.Quote(s)
}

func codeName(c Code) string { return fmt.Sprintf("code %d %s", c.Number, c.Reason) }

// compareCodes matches the codes by number, or else by reason.
func (d *differ) compareCodes() {
	for _, was := range d.before.Codes {
		if is, ok := d.after.code(was.Number); ok {
			d.compareCode(was, is)
			continue
		}
		d.subject = codeName(was)
		moved, ok := d.after.number(was.Reason)
		if _, taken := d.before.code(moved); !ok || taken {
			d.add(Breaking, "it is removed", "callers that handle it")
			continue
		}
		d.moved[was.Number] = moved
		is, _ := d.after.code(moved)
		d.add(Breaking, fmt.Sprintf("it is renumbered %d -> %d", was.Number, moved), "every peer with the other table: peers identify a code by its number")
		d.compareCode(was, is)
	}
	added := map[int32]bool{}
	for _, moved := range d.moved {
		added[moved] = true
	}
	for _, is := range d.after.Codes {
		if _, ok := d.before.code(is.Number); !ok && !added[is.Number] {
			d.subject = codeName(is)
			d.add(Behaviour, "it is added", "callers with the older table, which does not list it")
		}
	}
}

func (d *differ) compareCode(was, is Code) {
	d.subject = codeName(was)
	d.value(Breaking, "reason", was.Reason, is.Reason, "callers that match the reason")
	switch {
	case was.GRPCCode == success && is.GRPCCode != success:
		d.add(Breaking, "a success is a failure now, "+is.GRPCCode, "callers that take it for a success")
	case was.GRPCCode != success && is.GRPCCode == success:
		d.add(Breaking, "a failure, "+was.GRPCCode+", is a success now", "callers that take it for a failure")
	default:
		d.value(Breaking, "gRPC code", was.GRPCCode, is.GRPCCode, "callers that use the status code, such as gRPC's own retry")
		d.compareFault(was.Fault, is.Fault)
		d.compareRetry(was.Retry, is.Retry)
		d.value(Behaviour, "detail", was.Detail.String(), is.Detail.String(), "callers that read the detail")
	}
	d.value(Text, "description", was.Description, is.Description, "developers")
	d.value(Text, "notes", was.Notes, is.Notes, "developers, who read them as the message of the status")
	d.value(Text, "resolution", was.Resolution, is.Resolution, "operators")
	d.sentences("user message", was.UserMessages, is.UserMessages, d.before.DefaultUserMessages, d.after.DefaultUserMessages)
}

func (d *differ) compareFault(was, is string) {
	was, is = cmp.Or(was, unspecified), cmp.Or(is, unspecified)
	switch {
	case hidden(was) && !hidden(is):
		d.value(Breaking, "fault", was, is, "the operator: a public boundary no longer masks it")
	case !hidden(was) && hidden(is):
		d.value(Behaviour, "fault", was, is, "callers behind a public boundary, which masks it now")
	default:
		d.value(Behaviour, "fault", was, is, "callers that use the fault")
	}
}

// hidden reports whether a public boundary masks the fault.
func hidden(fault string) bool { return fault == operator || fault == unspecified }

func (d *differ) compareRetry(was, is Retry) {
	was.Action, is.Action = cmp.Or(was.Action, unspecified), cmp.Or(is.Action, unspecified)
	if is.Action == sameRequest {
		d.value(Breaking, "retry", was.Action, is.Action, "callers that follow the advice: they repeat requests that must not be repeated")
	} else {
		d.value(Behaviour, "retry", was.Action, is.Action, "callers that follow the advice")
	}
	d.value(Behaviour, "retry delay", was.Delay, is.Delay, "callers that wait for it")
	d.value(Behaviour, "retry window", was.Window, is.Window, "callers that wait for it")
}

// String returns the type and the subject.
func (d Detail) String() string {
	if d == (Detail{}) {
		return ""
	}
	return d.Type + " " + d.Subject
}

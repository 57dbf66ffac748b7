package tablediff

import (
	"cmp"
	"fmt"
	"strconv"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
)

const (
	success     = "OK"
	sameRequest = "SAME_REQUEST"
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
		moved, ok := d.after.number(was.Reason)
		if _, taken := d.before.code(moved); !ok || taken {
			d.at = Change{Subject: codeName(was), Old: &was.Number}
			d.add(ruleRemoved, "it is removed", "callers that handle it")
			continue
		}
		d.moved[was.Number] = moved
		is, _ := d.after.code(moved)
		d.at = Change{Subject: codeName(was), Old: &was.Number, New: &is.Number}
		d.add(ruleRenumbered, fmt.Sprintf("it is renumbered %d -> %d", was.Number, moved), "every peer with the other table: peers identify a code by its number")
		d.compareCode(was, is)
	}
	added := map[int32]bool{}
	for _, moved := range d.moved {
		added[moved] = true
	}
	for _, is := range d.after.Codes {
		if _, ok := d.before.code(is.Number); !ok && !added[is.Number] {
			d.at = Change{Subject: codeName(is), New: &is.Number}
			d.add(ruleAdded, "it is added", "callers with the older table, which does not list it")
		}
	}
}

func (d *differ) compareCode(was, is Code) {
	d.at = Change{Subject: codeName(was), Old: &was.Number, New: &is.Number}
	d.value(ruleReason, "reason", was.Reason, is.Reason, "callers that match the reason")
	switch {
	case was.GRPCCode == success && is.GRPCCode != success:
		d.add(ruleGRPCCode, "a success is a failure now, "+is.GRPCCode, "callers that take it for a success")
	case was.GRPCCode != success && is.GRPCCode == success:
		d.add(ruleGRPCCode, "a failure, "+was.GRPCCode+", is a success now", "callers that take it for a failure")
	default:
		d.value(ruleGRPCCode, "gRPC code", was.GRPCCode, is.GRPCCode, "callers that use the status code, such as gRPC's own retry")
		d.compareFault(was.Fault, is.Fault)
		d.compareRetry(was.Retry, is.Retry)
		d.value(ruleDetail, "detail", detailName(was.Detail), detailName(is.Detail), "callers that read the detail")
	}
	d.value(ruleTexts, "description", was.Description, is.Description, "developers")
	d.value(ruleTexts, "notes", was.Notes, is.Notes, "developers, who read them as the message of the status")
	d.value(ruleTexts, "resolution", was.Resolution, is.Resolution, "operators")
	d.sentences("user message", was.UserMessages, is.UserMessages, d.before.DefaultUserMessages, d.after.DefaultUserMessages)
}

func (d *differ) compareFault(was, is string) {
	was, is = cmp.Or(was, unspecified), cmp.Or(is, unspecified)
	switch {
	case hidden(was) && !hidden(is):
		d.value(rulePublicFault, "fault", was, is, "the operator: a public boundary no longer masks it")
	case !hidden(was) && hidden(is):
		d.value(ruleFault, "fault", was, is, "callers behind a public boundary, which masks it now")
	default:
		d.value(ruleFault, "fault", was, is, "callers that use the fault")
	}
}

// hidden reports whether a public boundary masks the fault. A name that is not
// known is the number of a fault, which is masked too.
func hidden(fault string) bool {
	return table.HiddenFault(codetablev1.Fault(codetablev1.Fault_value["FAULT_"+fault]))
}

func (d *differ) compareRetry(was, is Retry) {
	was.Action, is.Action = cmp.Or(was.Action, unspecified), cmp.Or(is.Action, unspecified)
	if is.Action == sameRequest {
		d.value(ruleRepeat, "retry", was.Action, is.Action, "callers that follow the advice: they repeat requests that must not be repeated")
	} else {
		d.value(ruleRetry, "retry", was.Action, is.Action, "callers that follow the advice")
	}
	d.value(ruleRetry, "retry delay", was.Delay, is.Delay, "callers that wait for it")
	d.value(ruleRetry, "retry window", was.Window, is.Window, "callers that wait for it")
}

// detailName returns the type and the subject.
func detailName(d Detail) string {
	if d == (Detail{}) {
		return ""
	}
	return d.Type + " " + d.Subject
}

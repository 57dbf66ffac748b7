package decode

import (
	"fmt"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
	"github.com/codetable/grpc-codetable/interceptor/internal/wire"
)

// setError sets a code of a table.
func (r *Report) setError(e *codetable.Error, tables *Tables, lang string) {
	spec, message := e.Spec(), e.GRPCStatus().Proto()
	r.Code = newCode(spec)
	r.Code.Reason = e.Reason()
	if _, numbered := e.Metadata()[wire.CodeKey]; !numbered && !spec.Listed() {
		r.Code.Number = nil
	}
	r.UserMessage = nil
	if text := e.UserMessage(lang); text != "" {
		own, locale := spec.UserMessage(lang)
		if own != text {
			_, locale = localized(message)
		}
		r.UserMessage = &UserMessage{text, locale}
	}
	_, sent := wire.RetryDelay(message)
	r.setRetry(e, tables.of(e.Domain()).Location, sent)
	if !spec.Listed() {
		r.warn("the table of %s does not list this code: perhaps it is newer than the table", quote(e.Domain()))
	}
}

func newCode(spec codetable.Spec) *Code {
	c := &Code{
		Domain: spec.Domain(), Number: new(spec.Number()), Reason: spec.Reason(), Listed: spec.Listed(), TableKnown: true,
		Description: spec.Description(), Notes: spec.Notes(), Resolution: spec.Resolution(), HelpURL: spec.HelpURL(), spec: spec,
	}
	if fault := spec.Fault(); fault != codetablev1.Fault_FAULT_UNSPECIFIED {
		c.Fault = table.FaultName(fault)
	}
	return c
}

// setUnread sets the code that an ErrorInfo names although readers do not
// use it: its domain has no table, or it names a success. The log of a success
// is no status, so its code counts.
func (r *Report) setUnread(f *Found, info *errdetails.ErrorInfo, tables *Tables) {
	r.Code = &Code{Domain: info.GetDomain(), Reason: info.GetReason(), TableKnown: tables.of(info.GetDomain()) != nil}
	if number, ok := parseInt(info.GetMetadata()[wire.CodeKey]); ok {
		r.Code.Number = &number
	}
	if !r.Code.TableKnown {
		r.warn("no table has the domain %s: the code is shown as it was sent (--proto, --image and --reflect read other tables)", quote(info.GetDomain()))
		return
	}
	spec, listed := tables.LookupReason(info.GetDomain(), info.GetReason())
	if r.Code.Number != nil {
		spec, listed = tables.Lookup(info.GetDomain(), *r.Code.Number)
	}
	if listed {
		r.Code = newCode(spec)
	}
	r.Code.Refused = f.HasCode || !listed
	switch {
	case f.HasCode && f.Status.GetCode() == int32(codes.OK):
		r.warn("the status is OK, so readers ignore its ErrorInfo")
	case !listed:
		r.warn("the ErrorInfo names no code")
	case f.HasCode:
		r.warn("the failed status names the success code %s: readers refuse it", spec.Reason())
	}
}

// compareMessage reports a failure without a code whose message is that of codes.
// Texts are not part of the contract, so this is no identity.
func (r *Report) compareMessage(tables *Tables) {
	if r.Code != nil || r.Masked || r.Message == "" || r.GRPCCode == "OK" {
		return
	}
	var names []string
	for _, enum := range tables.Tables() {
		for _, e := range table.For(enum).Entries {
			if e.GRPCCode != codes.OK && e.Message == r.Message {
				names = append(names, fmt.Sprintf("%d %s (%s)", e.Number, e.Reason, e.Table.Domain))
			}
		}
	}
	if len(names) > 0 {
		r.warn("the message is that of %s, but the status names no code", strings.Join(names[:min(len(names), maxNames)], " and "))
	}
}

// maxNames bounds the names in a note.
const maxNames = 5

// errorInfos returns the ErrorInfos that can be read, and reports those that
// contradict themselves or each other.
func (r *Report) errorInfos(message *spb.Status, tables *Tables) (infos []*errdetails.ErrorInfo) {
	var names []string
	for i, detail := range message.GetDetails() {
		info := &errdetails.ErrorInfo{}
		if !wire.Is(detail, wire.ErrorInfo) {
			continue
		}
		if err := proto.Unmarshal(detail.GetValue(), info); err != nil {
			r.warn("the ErrorInfo in detail %d can't be read: %s", i+1, reasonOf(err))
			continue
		}
		infos = append(infos, info)
		names = append(names, quote(info.GetDomain()+"/"+info.GetReason()))
		r.checkNumber(info, tables)
	}
	if more := len(infos) - maxNames; more > 0 {
		names = append(names[:maxNames], fmt.Sprintf("and %d more", more))
	}
	if len(infos) > 1 {
		r.warn("the status has %d ErrorInfos, %s: readers use the first one that names a code of a table", len(infos), strings.Join(names, ", "))
	}
	return infos
}

// checkNumber reports a number that is none, and a reason of another number.
func (r *Report) checkNumber(info *errdetails.ErrorInfo, tables *Tables) {
	sent, ok := info.GetMetadata()[wire.CodeKey]
	number, isNumber := parseInt(sent)
	spec, listed := tables.LookupReason(info.GetDomain(), info.GetReason())
	byNumber, numberListed := tables.Lookup(info.GetDomain(), number)
	switch {
	case ok && !isNumber:
		r.warn("metadata.code is %s, which is no number: readers use the reason", quote(sent))
	case ok && listed && spec.Number() != number:
		r.warn("the number %d and the reason %s contradict each other (the reason has the number %d): readers use the number", number, spec.Reason(), spec.Number())
	case ok && !listed && numberListed && info.GetReason() != "":
		r.warn("the number %d has the reason %s in the table, not %s: readers use the number", number, byNumber.Reason(), quote(info.GetReason()))
	}
}

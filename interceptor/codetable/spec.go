package codetable

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"google.golang.org/grpc/codes"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
	"github.com/codetable/grpc-codetable/interceptor/internal/text"
)

// Spec is the entry of one code in a table. It is immutable and comparable. The
// zero Spec is empty. A Spec marshals to JSON: the keys are the names of its
// methods.
type Spec struct {
	code   *table.Code
	number int32
}

// nothing is the entry of the zero Spec, so that the accessors need no nil
// check.
var nothing = table.Nothing()

func (s Spec) entry() *table.Entry {
	if s.code == nil {
		return nothing
	}
	return s.code.Entry()
}

// Number returns the number of the code.
func (s Spec) Number() int32 { return s.number }

// Reason returns the name of the code as sent in ErrorInfo.reason: the reason
// in the option, or the name of the enum value without the prefix of the enum.
// For a code that the table does not list it is UNRECOGNIZED_CODE.
func (s Spec) Reason() string { return s.entry().Reason }

// Domain returns the domain of the table as sent in ErrorInfo.domain.
func (s Spec) Domain() string { return s.entry().Table.Domain }

// Listed reports whether the enum lists the code.
func (s Spec) Listed() bool { return s.entry().Listed }

// GRPCCode returns the gRPC status of the code. [codes.OK] marks a success.
func (s Spec) GRPCCode() codes.Code { return s.entry().GRPCCode }

// Description returns the upstream's own description of the code, for
// developers.
func (s Spec) Description() string { return s.entry().Options.GetDescription() }

// Notes returns the upstream's explanation of the code, for developers.
func (s Spec) Notes() string { return s.entry().Options.GetNotes() }

// Resolution returns what the party at fault must do next, in one sentence, or
// "" if the table has none. It is for developers and operators.
func (s Spec) Resolution() string { return s.entry().Options.GetResolution() }

// Fault returns the party that must act. It is FAULT_UNSPECIFIED for a success
// and for a code that the table does not list.
func (s Spec) Fault() codetablev1.Fault { return s.entry().Options.GetFault() }

// Retry returns the advice of the table. Its Delay is 0 if the time depends on
// a calendar window; [Error.Retry] has the time left.
func (s Spec) Retry() Retry { return Retry(s.entry().Retry) }

// Detail returns the type of the standard error detail of the code, and its
// subject. The type is DETAIL_TYPE_UNSPECIFIED if there is no detail.
func (s Spec) Detail() (detail codetablev1.DetailType, subject string) {
	d := s.entry().Options.GetDetail()
	return d.GetType(), d.GetSubject()
}

// HelpURL returns the address of the documentation of the code, or "" if the
// table has none.
func (s Spec) HelpURL() string { return s.entry().HelpURL(s.number) }

// Locales returns the languages of the user messages of the code, including the
// default messages of the table: BCP 47 tags, sorted.
func (s Spec) Locales() []string {
	locales, _ := s.entry().Messages()
	return slices.Clone(locales)
}

// UserMessage returns a sentence for an end user and the BCP 47 tag of its
// language.
//
// Each element of locales is a language tag, or a list in the form of the HTTP
// header Accept-Language. The elements are in order of preference. If a list is
// longer than 256 bytes, only its first languages are read. Matching follows
// golang.org/x/text/language and includes the neutral sentences of the table.
// If no language matches, the default locale of the table is used.
//
// It returns empty strings for a success and if the table has no sentence.
func (s Spec) UserMessage(locales ...string) (text, locale string) {
	return s.entry().UserMessage(locales...)
}

// NeutralMessage is [Spec.UserMessage] for the neutral sentence of the table,
// which does not depend on the code. A public boundary sends it.
func (s Spec) NeutralMessage(locales ...string) (text, locale string) {
	return s.entry().Table.NeutralMessage(locales...)
}

// Equal reports whether both are the same code of the same table. cmp.Diff of
// go-cmp calls it.
func (s Spec) Equal(other Spec) bool { return s == other }

// NewError is the function [NewError] for a Spec.
func (s Spec) NewError(opts ...ErrorOption) error {
	return newError(s.entry(), s.number, opts)
}

// String returns a short form for logs, such as "jverification.jiguang.cn 9003
// TOKEN_EXPIRED_OR_NOT_EXIST".
func (s Spec) String() string {
	return text.OneLine(s.Domain() + " " + strconv.Itoa(int(s.number)) + " " + s.Reason())
}

// Retry is advice on whether and when to repeat a failed call.
type Retry struct {
	// Action is what has to happen before the call is repeated.
	// RETRY_ACTION_UNSPECIFIED means: do not repeat the call. Codes that the
	// table does not list have this action.
	Action codetablev1.RetryAction
	// Delay is the minimum time to wait, or 0 if none is defined.
	Delay time.Duration
	// Window is the calendar window that has to end first. It is set for
	// RETRY_ACTION_NEXT_WINDOW.
	Window codetablev1.CalendarWindow
}

// TakesDelay reports whether the action can have a delay. This is true for
// RETRY_ACTION_SAME_REQUEST, RETRY_ACTION_NEW_INPUT and
// RETRY_ACTION_CONFIRM_OUTCOME.
func (r Retry) TakesDelay() bool { return table.Retry(r).TakesDelay() }

// String returns a short form for logs, such as "SAME_REQUEST after 1s".
func (r Retry) String() string {
	if r.Delay > 0 {
		return fmt.Sprintf("%s after %v", table.Retry(r).ActionName(), r.Delay)
	}
	return table.Retry(r).ActionName()
}

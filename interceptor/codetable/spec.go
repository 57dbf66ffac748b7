package codetable

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc/codes"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
)

// Spec is what a table says of one code. It is immutable and comparable; the
// zero Spec says nothing. It marshals to JSON, with the names of its methods as
// keys.
type Spec struct {
	code   *table.Code
	number int32
}

// nothing is the entry of the zero Spec, so that accessors need no nil check.
var nothing = table.Nothing()

func (s Spec) entry() *table.Entry {
	if s.code == nil {
		return nothing
	}
	return s.code.Entry()
}

// Number is the number of the code.
func (s Spec) Number() int32 { return s.number }

// Reason is the name of the code as ErrorInfo.reason carries it: the one that
// the option states, or else the name of the enum value without the prefix of
// the enum. UNRECOGNIZED_CODE for a code that the table does not list.
func (s Spec) Reason() string { return s.entry().Reason }

// Domain is the domain of the table as ErrorInfo.domain carries it.
func (s Spec) Domain() string { return s.entry().Table.Domain }

// Listed reports whether the enum lists the code.
func (s Spec) Listed() bool { return s.entry().Listed }

// GRPCCode is the status that the code travels as. [codes.OK] marks a success.
func (s Spec) GRPCCode() codes.Code { return s.entry().GRPCCode }

// Description is the upstream's own wording of the code. For developers.
func (s Spec) Description() string { return s.entry().Options.GetDescription() }

// Notes is the upstream's explanation of the code. For developers.
func (s Spec) Notes() string { return s.entry().Options.GetNotes() }

// Resolution is what the party at fault does next, in one sentence; "" where
// the table does not say. For developers and operators.
func (s Spec) Resolution() string { return s.entry().Options.GetResolution() }

// Fault is the party that must act; FAULT_UNSPECIFIED for a success and for a
// code that the table does not list.
func (s Spec) Fault() codetablev1.Fault { return s.entry().Options.GetFault() }

// Retry is the advice of the table. Its Delay is 0 where the time depends on a
// calendar window; [Error.Retry] has the time left.
func (s Spec) Retry() Retry { return Retry(s.entry().Retry) }

// Detail is the standard error detail that the code carries, and its subject;
// DETAIL_TYPE_UNSPECIFIED if there is none.
func (s Spec) Detail() (detail codetablev1.DetailType, subject string) {
	d := s.entry().Options.GetDetail()
	return d.GetType(), d.GetSubject()
}

// HelpURL is where a developer reads about the code, "" where the table does
// not say.
func (s Spec) HelpURL() string {
	return strings.NewReplacer("{reason}", s.Reason(), "{number}", strconv.Itoa(int(s.number))).
		Replace(s.entry().Table.Options.GetHelpUrl())
}

// Locales are the languages that the code has user messages in, its own or
// those of the table: BCP 47 tags, sorted.
func (s Spec) Locales() []string {
	locales, _ := s.entry().Messages()
	return slices.Clone(locales)
}

// UserMessage returns the sentence that may be shown to an end user, and the
// BCP 47 tag of its language. Each of locales is a language tag or a list as
// in the HTTP header Accept-Language, in order of preference; of a list longer
// than 256 bytes only the first languages are read. The match is that of
// golang.org/x/text/language, and includes the neutral sentences of the table.
// Where none matches, the language is the default locale of the table. It
// returns empty strings for a success, and where the table has no sentence.
func (s Spec) UserMessage(locales ...string) (text, locale string) {
	return s.entry().UserMessage(locales...)
}

// NeutralMessage is [Spec.UserMessage] with the sentence of the table that says
// nothing of the code, as a public boundary sends it.
func (s Spec) NeutralMessage(locales ...string) (text, locale string) {
	return s.entry().Table.NeutralMessage(locales...)
}

// Equal reports whether both are the same code of the same table. cmp.Diff of
// go-cmp uses it.
func (s Spec) Equal(other Spec) bool { return s == other }

// NewError is the function [NewError] for a Spec.
func (s Spec) NewError(opts ...ErrorOption) error {
	return newError(s.entry(), s.number, opts)
}

// String is a short form for logs, such as
// "jverification.jiguang.cn 9003 TOKEN_EXPIRED_OR_NOT_EXIST".
func (s Spec) String() string {
	return s.Domain() + " " + strconv.Itoa(int(s.number)) + " " + s.Reason()
}

// Retry is advice on whether and when a failed call may be repeated.
type Retry struct {
	// Action is what has to happen first. RETRY_ACTION_UNSPECIFIED, the action
	// of a code that the table does not list, means: do not repeat the call.
	Action codetablev1.RetryAction
	// Delay is the least time to wait; 0 if none is stated.
	Delay time.Duration
	// Window is the calendar window that has to end, for
	// RETRY_ACTION_NEXT_WINDOW.
	Window codetablev1.CalendarWindow
}

// TakesDelay reports whether the action is one that a delay can stand before:
// RETRY_ACTION_SAME_REQUEST, RETRY_ACTION_NEW_INPUT or
// RETRY_ACTION_CONFIRM_OUTCOME.
func (r Retry) TakesDelay() bool {
	switch r.Action {
	case codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST, codetablev1.RetryAction_RETRY_ACTION_NEW_INPUT,
		codetablev1.RetryAction_RETRY_ACTION_CONFIRM_OUTCOME:
		return true
	default:
		return false
	}
}

// String is a short form for logs, such as "SAME_REQUEST after 1s".
func (r Retry) String() string {
	if r.Delay > 0 {
		return fmt.Sprintf("%s after %v", r.action(), r.Delay)
	}
	return r.action()
}

func (r Retry) action() string { return strings.TrimPrefix(r.Action.String(), "RETRY_ACTION_") }

func faultName(f codetablev1.Fault) string { return strings.TrimPrefix(f.String(), "FAULT_") }

// Package table resolves an annotated enum into a table of codes. It has no
// knowledge of errors and statuses.
package table

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/reflect/protoreflect"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/internal/text"
)

// Unrecognized is the ErrorInfo.reason of a number that the enum does not list.
// It is wire contract.
const Unrecognized = "UNRECOGNIZED_CODE"

const unlistedMessage = "the response code is not listed"

// Table is one resolved enum. It is immutable.
type Table struct {
	Desc      protoreflect.EnumDescriptor
	Annotated bool
	Options   *codetablev1.Table // never nil
	Domain    string
	Location  *time.Location // nil if the zone is missing or can't be loaded
	Entries   []*Entry       // in number order
	Unlisted  *Entry         // the entry of all numbers that the enum does not list
	Absent    int32          // a number that the enum does not list

	set      *Set // nil for Linked
	byNumber map[int32]*Entry
	byReason map[string]*Entry
	neutral  messages
}

// Entry is the entry of one code, or of all codes that the table does not list.
type Entry struct {
	Table    *Table
	Code     *Code
	Number   int32 // of a listed code
	Reason   string
	Listed   bool
	Options  *codetablev1.Code // never nil
	GRPCCode codes.Code
	Message  string // never empty
	Retry    Retry

	messages messages
	once     sync.Once
	kept     any
}

// Code is a reference to an entry. It is a func because reflective printers and
// comparers, such as assertion libraries, do not follow a func to the whole
// table. Each entry has one Code, so that equal codes have the same address.
type Code struct{ Entry func() *Entry }

// Retry is the advice of a table.
type Retry struct {
	Action codetablev1.RetryAction
	Delay  time.Duration // the constant delay
	Window codetablev1.CalendarWindow
}

func newTable(desc protoreflect.EnumDescriptor, l *languages) *Table {
	options, annotated := tableOptions(desc)
	values := desc.Values()
	t := &Table{
		Desc:      desc,
		Annotated: annotated,
		Options:   options,
		Domain:    cmp.Or(options.GetDomain(), string(desc.FullName())),
		Entries:   make([]*Entry, 0, values.Len()),
		byNumber:  make(map[int32]*Entry, values.Len()),
		byReason:  make(map[string]*Entry, values.Len()),
	}
	if loc, err := time.LoadLocation(options.GetTimeZone()); err == nil && options.GetTimeZone() != "" {
		t.Location = loc
	}
	t.neutral = l.newMessages(nil, options.GetDefaultUserMessages(), options.GetDefaultLocale())
	for i := range values.Len() {
		t.add(values.Get(i), l)
	}
	slices.SortFunc(t.Entries, func(a, b *Entry) int { return cmp.Compare(a.Number, b.Number) })
	t.Unlisted = t.newEntry(0, Unrecognized, &codetablev1.Code{}, FailureCode(options.UnrecognizedGrpcCode))
	t.Unlisted.Message = unlistedMessage
	for t.Absent = math.MinInt32; t.byNumber[t.Absent] != nil; {
		t.Absent++
	}
	return t
}

// Nothing returns an entry that belongs to no table.
func Nothing() *Entry {
	t := &Table{Options: &codetablev1.Table{}}
	e := t.newEntry(0, "", &codetablev1.Code{}, codes.Unknown)
	e.Message = unlistedMessage
	return e
}

// add adds a value. If a number has several names (allow_alias), the first one
// is its reason. The number is found by the other names too.
func (t *Table) add(value protoreflect.EnumValueDescriptor, l *languages) {
	number := int32(value.Number())
	options, _ := CodeOptions(value)
	reason := ReasonOf(value, options)
	e, known := t.byNumber[number]
	if !known {
		e = t.newEntry(number, reason, options, StatusCode(options.GrpcCode))
		e.Listed = true
		e.messages = t.messagesOf(e, l)
		t.byNumber[number] = e
		t.Entries = append(t.Entries, e)
	}
	if _, taken := t.byReason[reason]; !taken {
		t.byReason[reason] = e
	}
}

func (t *Table) newEntry(number int32, reason string, options *codetablev1.Code, code codes.Code) *Entry {
	e := &Entry{
		Table:    t,
		Number:   number,
		Reason:   reason,
		Options:  options,
		GRPCCode: code,
		Message:  text.CutMessage(cmp.Or(options.GetNotes(), options.GetDescription(), reason), text.MaxMessage),
		Retry: Retry{
			Action: options.GetRetry().GetAction(),
			Delay:  max(options.GetRetry().GetDelay().AsDuration(), 0),
			Window: options.GetRetry().GetWindow(),
		},
		messages: t.neutral,
	}
	e.Code = &Code{func() *Entry { return e }}
	return e
}

// messagesOf returns the sentences of a code: its own, and the neutral ones in
// the languages that it lacks. A success has no sentences, because the neutral
// ones describe a failure.
func (t *Table) messagesOf(e *Entry, l *languages) messages {
	own := e.Options.GetUserMessages()
	switch {
	case e.GRPCCode == codes.OK:
		return messages{}
	case len(own) == 0:
		return t.neutral
	}
	return l.newMessages(own, t.Options.GetDefaultUserMessages(), t.Options.GetDefaultLocale())
}

// Entry returns the entry of a number. It never returns nil.
func (t *Table) Entry(number int32) *Entry {
	if e, ok := t.byNumber[number]; ok {
		return e
	}
	return t.Unlisted
}

// Set returns the set that the table belongs to. It is Linked for a table that
// belongs to no run-time set.
func (t *Table) Set() *Set { return cmp.Or(t.set, Linked) }

// ByReason returns the code of a reason or of an alias, or nil if the table
// does not list it.
func (t *Table) ByReason(reason string) *Entry { return t.byReason[reason] }

// Keep returns the value that make returned for the entry on the first call.
// Package codetable keeps the shared error there.
func (e *Entry) Keep(make func(*Entry) any) any {
	e.once.Do(func() { e.kept = make(e) })
	return e.kept
}

// HelpURL returns the link to the documentation of the code, or "" if the table
// has none. The entry of the numbers that the enum does not list has the link of
// the given number.
func (e *Entry) HelpURL(number int32) string {
	return strings.NewReplacer("{reason}", e.Reason, "{number}", strconv.Itoa(int(number))).Replace(e.Table.Options.GetHelpUrl())
}

// TakesDelay reports whether the action can have a delay.
func (r Retry) TakesDelay() bool {
	switch r.Action {
	case codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST, codetablev1.RetryAction_RETRY_ACTION_NEW_INPUT,
		codetablev1.RetryAction_RETRY_ACTION_CONFIRM_OUTCOME:
		return true
	default:
		return false
	}
}

// Windowed reports whether the delay depends on the calendar.
func (e *Entry) Windowed() bool {
	return e.Retry.Window != codetablev1.CalendarWindow_CALENDAR_WINDOW_UNSPECIFIED
}

// UserMessage returns the sentence of the code for the first of the locales
// that matches, or else for the default locale of the table.
func (e *Entry) UserMessage(locales ...string) (text, locale string) {
	return e.messages.match(locales)
}

// NeutralMessage returns the sentence of the table that does not depend on a
// code.
func (t *Table) NeutralMessage(locales ...string) (text, locale string) {
	return t.neutral.match(locales)
}

// UnlistedMessage returns the sentence of a code that the table does not list.
// The sentence that was sent replaces the neutral one in its own language. It is
// also the answer if the table has no sentence for the locales.
func (t *Table) UnlistedMessage(sent, locale string, locales []string) string {
	neutral, found := t.neutral.match(locales)
	// A matcher of all languages of the table would cost too much here.
	both := newLanguages(2).newMessages(map[string]string{canonical(locale): sent}, map[string]string{found: neutral}, found)
	text, _ := both.match(locales)
	return cmp.Or(text, sent)
}

// Messages returns the sentences of the code by language, in the order of the
// tags.
func (e *Entry) Messages() (locales, texts []string) { return e.messages.locales, e.messages.texts }

// StatusCode returns UNKNOWN for a code that is unset or unknown to gRPC, so
// that it is never a success.
func StatusCode(c *codetablev1.GrpcCode) codes.Code {
	if c == nil || *c < 0 || *c > codetablev1.GrpcCode_GRPC_CODE_UNAUTHENTICATED {
		return codes.Unknown
	}
	return codes.Code(*c)
}

// FailureCode is StatusCode that never returns OK.
func FailureCode(c *codetablev1.GrpcCode) codes.Code {
	if code := StatusCode(c); code != codes.OK {
		return code
	}
	return codes.Unknown
}

// HiddenFault reports whether the public must not see a fault. Unknown faults
// are hidden too.
func HiddenFault(fault codetablev1.Fault) bool {
	switch fault {
	case codetablev1.Fault_FAULT_CALLER, codetablev1.Fault_FAULT_END_USER, codetablev1.Fault_FAULT_UPSTREAM:
		return false
	default:
		return true
	}
}

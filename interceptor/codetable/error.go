package codetable

import (
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/internal/text"
)

// Error is a failing code of a table. It is immutable. Two errors are the same
// for errors.Is if they have the same domain and number, whatever else they
// carry.
type Error struct {
	entry  *entry
	cause  error
	status atomic.Pointer[status.Status]

	// What options added; nil for an error without any.
	added *additions

	// Of a decoded error only.
	received *spb.Status // the error's own copy
	info     int32       // which detail it was decoded from
	wrapped  bool        // whether the status was behind other text
}

// additions are what options add to an error.
type additions struct {
	message  string
	metadata []pair // sorted by key
	first    [1]pair
	details  []*anypb.Any
	after    *time.Duration
}

// none spares the readers of additions the question whether there are any.
var none additions

type pair struct{ key, value string }

func newError(e *entry, opts []ErrorOption) error {
	if e.code == codes.OK {
		return nil
	}
	if len(opts) == 0 && e.shared != nil {
		return e.shared
	}
	both := &struct { // one allocation
		err   Error
		added additions
	}{}
	err := &both.err
	err.entry, err.added = e, &both.added
	err.added.metadata = err.added.first[:0]
	for _, opt := range opts {
		opt.applyError(err)
	}
	return err
}

func (e *Error) options() *additions {
	if e.added == nil {
		return &none
	}
	return e.added
}

// Error returns one line for logs: domain, number, reason, message and cause.
// The wire never sees it.
func (e *Error) Error() string {
	if !e.valid() {
		return "<nil *codetable.Error>"
	}
	var b strings.Builder
	b.WriteString(e.Domain())
	b.WriteByte(' ')
	b.WriteString(strconv.Itoa(int(e.Number())))
	b.WriteByte(' ')
	b.WriteString(e.Reason())
	if m := e.Message(); m != "" {
		b.WriteString(": ")
		b.WriteString(text.OneLine(m))
	}
	if e.cause != nil && (e.received == nil || e.wrapped) {
		b.WriteString(": ")
		b.WriteString(text.OneLine(e.cause.Error()))
	}
	return b.String()
}

// Unwrap returns the cause. That of a decoded error is the error that it was
// decoded from.
func (e *Error) Unwrap() error {
	if !e.valid() {
		return nil
	}
	return e.cause
}

// Is reports whether target is an Error with the same domain and number.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && e.valid() && t.valid() && e.Number() == t.Number() && e.Domain() == t.Domain()
}

// Number is the number of the code, also where the table does not list it.
func (e *Error) Number() int32 { return e.get().number }

// Reason is the name of the code: see [Spec.Reason].
func (e *Error) Reason() string { return e.get().reason }

// Domain is the domain of the table.
func (e *Error) Domain() string { return e.get().table.domain }

// Fault is the party that must act, as this program's table says.
func (e *Error) Fault() codetablev1.Fault { return e.get().options.GetFault() }

// Spec is what this program's table says of the code.
func (e *Error) Spec() Spec { return Spec{e.get()} }

// Remote reports whether the error was decoded from a gRPC status, and not
// made in this process.
func (e *Error) Remote() bool { return e.valid() && e.received != nil }

// Message is the developer-facing message: that of the status for a decoded
// error, else that of [WithMessage], else the notes of the table.
func (e *Error) Message() string {
	switch {
	case !e.valid():
		return ""
	case e.received != nil:
		return e.received.GetMessage()
	case e.options().message != "":
		return e.options().message
	default:
		return e.entry.message
	}
}

// Metadata returns a copy of ErrorInfo.metadata. Its "code" is the number.
func (e *Error) Metadata() map[string]string {
	if !e.valid() {
		return nil
	}
	m := map[string]string{}
	if e.received != nil {
		m = parseMetadata(e.received.GetDetails()[e.info].GetValue())
	}
	for _, p := range e.options().metadata {
		m[p.key] = p.value
	}
	m[codeKey] = strconv.Itoa(int(e.Number()))
	return m
}

// Retry is advice on repeating the call. Its delay is the one that the server
// sent, or that of [WithRetryAfter], or that of the table; for a calendar
// window, the time left at this moment.
func (e *Error) Retry() Retry {
	if !e.valid() {
		return Retry{}
	}
	r := e.entry.retry
	switch {
	case e.received != nil:
		r.Delay = retryDelay(e.received, r.Delay)
	case e.options().after != nil:
		r.Delay = *e.options().after
	case e.entry.table.location != nil && e.entry.windowed():
		r.Delay = nextWindow(time.Now(), r.Window, e.entry.table.location)
	}
	return r
}

// Details returns a copy of every detail of the status, in order. A detail
// whose type this program does not link comes as *anypb.Any: nothing is lost,
// and no type assertion meets an error value.
func (e *Error) Details() []proto.Message {
	var list []proto.Message
	for _, raw := range e.GRPCStatus().Proto().GetDetails() {
		if m, err := raw.UnmarshalNew(); err == nil {
			list = append(list, m)
		} else {
			list = append(list, raw)
		}
	}
	return list
}

// UserMessage returns a sentence that may be shown to an end user, from this
// program's table: see [Spec.UserMessage] for locales. For a code that the
// table does not list, and where no locale is given, it is the one that the
// server sent, if it sent one. It returns "" where nothing matches.
func (e *Error) UserMessage(locales ...string) string {
	sent := ""
	if e.Remote() {
		sent = localizedMessage(e.received)
	}
	if sent != "" && (len(locales) == 0 || !e.entry.listed) {
		return sent
	}
	message, _ := e.Spec().UserMessage(locales...)
	return message
}

// LogValue groups the fields of the error for log/slog. It holds the cause:
// keep it to logs.
func (e *Error) LogValue() slog.Value {
	if !e.valid() {
		return slog.StringValue(e.Error())
	}
	attrs := []slog.Attr{
		slog.Int("code", int(e.Number())),
		slog.String("reason", e.Reason()),
		slog.String("domain", e.Domain()),
		slog.String("grpc_code", e.GRPCStatus().Code().String()),
		slog.String("fault", faultName(e.Fault())),
		slog.String("retry", e.Retry().String()),
		slog.String("message", text.OneLine(e.Message())),
	}
	if metadata := e.Metadata(); len(metadata) > 1 {
		delete(metadata, codeKey)
		attrs = append(attrs, slog.Any("metadata", metadata))
	}
	if e.cause != nil {
		attrs = append(attrs, slog.String("cause", text.OneLine(e.cause.Error())))
	}
	return slog.GroupValue(attrs...)
}

// valid is false for a typed nil, which an error interface can hold, and for a
// zero Error.
func (e *Error) valid() bool { return e != nil && e.entry != nil }

func (e *Error) get() *entry {
	if !e.valid() {
		return &noEntry
	}
	return e.entry
}

func (e *entry) windowed() bool {
	return e.retry.Window != codetablev1.CalendarWindow_CALENDAR_WINDOW_UNSPECIFIED
}

func faultName(f codetablev1.Fault) string {
	return strings.TrimPrefix(f.String(), "FAULT_")
}

// setMetadata lets the last value of a key win.
func (e *Error) setMetadata(key, value string) {
	list := e.added.metadata
	if n := len(list); n == 0 || list[n-1].key < key {
		e.added.metadata = append(e.added.metadata, pair{key, value})
		return
	}
	i, found := slices.BinarySearchFunc(list, key, func(p pair, key string) int {
		return strings.Compare(p.key, key)
	})
	if found {
		list[i].value = value
		return
	}
	e.added.metadata = slices.Insert(list, i, pair{key, value})
}

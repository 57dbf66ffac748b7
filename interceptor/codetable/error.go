package codetable

import (
	"log/slog"
	"maps"
	"strconv"
	"sync"
	"sync/atomic"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
	"github.com/codetable/grpc-codetable/interceptor/internal/text"
	"github.com/codetable/grpc-codetable/interceptor/internal/wire"
)

// Error is a failing code of a table. It is immutable. Two errors are the same
// for errors.Is if they have the same domain and number, whatever else they
// carry; [Error.Equal] compares what they say. It marshals to JSON, with the
// names of its methods as keys, without the cause.
type Error struct {
	parts wire.Parts
	cause error // that of WithCause
	// kept holds the status of a received error and of a shared one. It is a
	// pointer that those who print or compare by reflection do not follow.
	kept atomic.Pointer[kept]
}

type kept struct {
	status *status.Status
	origin error // what a received error was decoded from, else nil
}

func newError(e *table.Entry, number int32, opts []ErrorOption) error {
	if e.GRPCCode == codes.OK {
		return nil
	}
	if len(opts) == 0 && e.Listed {
		return e.Keep(newShared).(*Error)
	}
	err := &Error{parts: wire.Of(e, number)}
	for _, opt := range opts {
		opt.applyError(err)
	}
	err.parts.Metadata = wire.SortPairs(err.parts.Metadata)
	err.parts.Details = wire.LastOfEach(err.parts.Details)
	return err
}

// newShared keeps the status at once, unless it depends on the time.
func newShared(e *table.Entry) any {
	err := &Error{parts: wire.Of(e, e.Number)}
	if !err.parts.Timed() {
		err.kept.Store(&kept{status: err.parts.Status()})
	}
	return err
}

// receive decodes a status that came with an error.
func receive(origin error, st *status.Status) (*Error, bool) {
	parts, ok := wire.Decode(st.Proto())
	if !ok {
		return nil, false
	}
	err := &Error{parts: parts}
	err.kept.Store(&kept{st, origin})
	return err, true
}

// valid is false for a typed nil, which an error interface can hold, and for a
// zero Error.
func (e *Error) valid() bool { return e != nil && e.parts.Code != nil }

func (e *Error) entry() *table.Entry {
	if !e.valid() {
		return nothing
	}
	return e.parts.Code.Entry()
}

// get returns empty parts for an error that is not valid, so that accessors need
// no check.
func (e *Error) get() *wire.Parts {
	if !e.valid() {
		return &wire.Parts{Code: nothing.Code}
	}
	return &e.parts
}

// Error returns one line for logs: domain, number, reason, message and cause;
// for a received error the text of the original error stands for the last two.
// The wire never sees it.
func (e *Error) Error() string {
	if !e.valid() {
		return "<nil *codetable.Error>"
	}
	s := e.Domain() + " " + strconv.Itoa(int(e.Number())) + " " + e.Reason()
	if !e.Remote() {
		s += ": " + text.OneLine(e.Message())
	}
	if cause := e.Unwrap(); cause != nil {
		s += ": " + text.OneLine(text.Of(cause))
	}
	return s
}

// Unwrap returns the cause; for a received error, the original error.
func (e *Error) Unwrap() error {
	if !e.valid() {
		return nil
	}
	if k := e.kept.Load(); k != nil && k.origin != nil {
		return k.origin
	}
	return e.cause
}

// Is reports whether target is an Error with the same domain and number.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && e.valid() && t.valid() && e.Number() == t.Number() && e.Domain() == t.Domain()
}

// GRPCStatus returns what the wire may see: never nil, never OK, never the
// cause. ErrorInfo comes first, then RetryInfo, the detail that the table
// names, and those of [WithDetail]. The status of a received error is the one
// received. The others are assembled at each call, but for those of shared
// errors: see [NewError].
func (e *Error) GRPCStatus() *status.Status {
	if !e.valid() {
		return nilStatus()
	}
	if k := e.kept.Load(); k != nil {
		return k.status
	}
	return e.parts.Status()
}

// nilStatus is what a nil *Error, held by an error that is not nil, sends.
var nilStatus = sync.OnceValue(func() *status.Status {
	return status.New(codes.Internal, "an error without a code")
})

// Number is the number of the code, also where the table does not list it. A
// received error whose reason is unknown and that has no number gets one that
// the table does not list.
func (e *Error) Number() int32 { return e.get().Number }

// Reason is the name of the code: see [Spec.Reason]. For a received error that
// the table does not list it is the one that was sent, cut to 63 bytes.
func (e *Error) Reason() string { return e.get().Reason }

// Domain is the domain of the table.
func (e *Error) Domain() string { return e.entry().Table.Domain }

// Fault is the party that must act, as this program's table says.
func (e *Error) Fault() codetablev1.Fault { return e.Spec().Fault() }

// Spec is what this program's table says of the code.
func (e *Error) Spec() Spec { return Spec{e.get().Code, e.Number()} }

// Remote reports whether the error was decoded from a gRPC status, and not
// made in this process.
func (e *Error) Remote() bool {
	if !e.valid() {
		return false
	}
	k := e.kept.Load()
	return k != nil && k.origin != nil
}

// Message is the developer-facing message: that of the status for a received
// error, else that of [WithMessage], else the notes of the table, its
// description, or the reason.
func (e *Error) Message() string { return e.get().Message }

// Metadata returns a copy of ErrorInfo.metadata. Its "code" is the number,
// where there is one.
func (e *Error) Metadata() map[string]string {
	if !e.valid() {
		return nil
	}
	m := make(map[string]string, 1+len(e.parts.Metadata))
	for _, p := range e.parts.Metadata {
		m[p.Key] = p.Value
	}
	if e.parts.Numbered {
		m[wire.CodeKey] = strconv.Itoa(int(e.Number()))
	}
	return m
}

// Retry is advice on repeating the call. Its delay is the one that the server
// sent, or that of [WithRetryAfter], or that of the table; for a calendar
// window, the time left at this moment, in whole seconds.
func (e *Error) Retry() Retry {
	r := e.Spec().Retry()
	r.Delay = e.get().Delay()
	return r
}

// Details returns a copy of every detail of the status, in order. A detail
// whose type this program does not link comes as *anypb.Any: nothing is lost,
// and no type assertion meets an error value.
func (e *Error) Details() []proto.Message { return unpack(e.GRPCStatus().Proto()) }

func unpack(message *spb.Status) []proto.Message {
	var list []proto.Message
	for _, raw := range message.GetDetails() {
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
// server sent, if it sent one.
func (e *Error) UserMessage(locales ...string) string {
	if e.Remote() && (len(locales) == 0 || !e.entry().Listed) {
		if sent := localizedMessage(e.GRPCStatus().Proto()); sent != "" {
			return sent
		}
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
	if metadata := e.addedMetadata(); len(metadata) > 0 {
		attrs = append(attrs, slog.Any("metadata", metadata))
	}
	if cause := e.Unwrap(); cause != nil {
		attrs = append(attrs, slog.String("cause", text.OneLine(text.Of(cause))))
	}
	return slog.GroupValue(attrs...)
}

// addedMetadata is what stands beside the number.
func (e *Error) addedMetadata() map[string]string {
	m := e.Metadata()
	maps.DeleteFunc(m, func(key, _ string) bool { return key == wire.CodeKey })
	return m
}

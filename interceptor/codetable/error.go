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

// Error is a failing code of a table. It is immutable.
//
// errors.Is treats two errors as the same if they have the same domain and
// number. [Error.Equal] compares the rest of their content too. An Error
// marshals to JSON: the keys are the names of its methods, and the cause is
// left out.
type Error struct {
	parts wire.Parts
	cause error // set by WithCause
	// kept holds the status of a received error or of a shared error. It is a
	// pointer so that code which prints or compares by reflection does not
	// follow it.
	kept atomic.Pointer[kept]
}

type kept struct {
	status *status.Status
	origin error // the original error of a received error, else nil
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

// newShared stores the status at once, unless the status depends on the time.
func newShared(e *table.Entry) any {
	err := &Error{parts: wire.Of(e, e.Number)}
	if !err.parts.Timed() {
		err.kept.Store(&kept{status: err.parts.Status()})
	}
	return err
}

// receive decodes a status that came with an error.
func receive(set *table.Set, origin error, st *status.Status) (*Error, bool) {
	parts, ok := wire.Decode(set, st.Proto())
	if !ok {
		return nil, false
	}
	err := &Error{parts: parts}
	err.kept.Store(&kept{st, origin})
	return err, true
}

// valid returns false for a nil *Error, which an error interface can hold, and
// for a zero Error.
func (e *Error) valid() bool { return e != nil && e.parts.Code != nil }

func (e *Error) entry() *table.Entry {
	if !e.valid() {
		return nothing
	}
	return e.parts.Code.Entry()
}

// get returns empty parts for an invalid error, so that the accessors need no
// check.
func (e *Error) get() *wire.Parts {
	if !e.valid() {
		return &wire.Parts{Code: nothing.Code}
	}
	return &e.parts
}

// Error returns one line for logs: domain, number, reason, message and cause.
// For a received error the text of the original error replaces the message and
// the cause. This text is never sent.
func (e *Error) Error() string {
	if !e.valid() {
		return "<nil *codetable.Error>"
	}
	s := text.OneLine(e.Domain() + " " + strconv.Itoa(int(e.Number())) + " " + e.Reason())
	if !e.Remote() {
		s += ": " + text.OneLine(e.Message())
	}
	if cause := e.Unwrap(); cause != nil {
		s += ": " + text.OneLine(text.Of(cause))
	}
	return s
}

// Unwrap returns the cause. For a received error it returns the original error.
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

// As implements the interface of errors.As for a type of this module: the
// server interceptors ask an error for the tables that its code belongs to.
func (e *Error) As(target any) bool {
	set, ok := target.(**table.Set)
	if ok = ok && e.valid(); ok {
		*set = e.entry().Table.Set()
	}
	return ok
}

// GRPCStatus returns the status that may be sent. It is never nil, never OK,
// and never contains the cause. The order of the details is: ErrorInfo,
// RetryInfo, the detail of the table, the details of [WithDetail].
//
// For a received error it is the received status. The status of a shared error
// is cached: see [NewError]. All others are built on each call.
func (e *Error) GRPCStatus() *status.Status {
	if !e.valid() {
		return nilStatus()
	}
	if k := e.kept.Load(); k != nil {
		return k.status
	}
	return e.parts.Status()
}

// nilStatus is the status of a nil *Error in a non-nil error interface.
var nilStatus = sync.OnceValue(func() *status.Status {
	return status.New(codes.Internal, "an error without a code")
})

// Number returns the number of the code, even if the table does not list it. If
// a received error has an unknown reason and no number, Number returns a number
// that the table does not list.
func (e *Error) Number() int32 { return e.get().Number }

// Reason returns the name of the code: see [Spec.Reason]. For a received code
// that the table does not list, it returns the reason that was sent, cut to 63
// bytes.
func (e *Error) Reason() string { return e.get().Reason }

// Domain returns the domain of the table.
func (e *Error) Domain() string { return e.entry().Table.Domain }

// Fault returns the party that must act, according to the table of this
// program.
func (e *Error) Fault() codetablev1.Fault { return e.Spec().Fault() }

// Spec returns the entry of the code in the table of this program.
func (e *Error) Spec() Spec { return Spec{e.get().Code, e.Number()} }

// Remote reports whether the error was decoded from a gRPC status. It returns
// false for an error that was made in this process.
func (e *Error) Remote() bool {
	if !e.valid() {
		return false
	}
	k := e.kept.Load()
	return k != nil && k.origin != nil
}

// Message returns the message for developers. For a received error it is the
// message of the status. Otherwise it is the first of these that is not empty:
// the text of [WithMessage], the notes of the table, its description, the
// reason.
func (e *Error) Message() string { return e.get().Message }

// Metadata returns a copy of ErrorInfo.metadata. The entry "code" is the
// number, if the error has one.
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

// Retry returns the advice on repeating the call. The delay is the one that the
// server sent, or the one of [WithRetryAfter], or the one of the table. For a
// calendar window it is the time that is left now, in whole seconds.
func (e *Error) Retry() Retry {
	r := e.Spec().Retry()
	r.Delay = e.get().Delay()
	return r
}

// Details returns a copy of every detail of the status, in order. A detail
// whose type is not linked in this program is returned as *anypb.Any.
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

// UserMessage returns a sentence for an end user from the table of this
// program: see [Spec.UserMessage] for the locales. If the server sent a
// sentence, that one is returned where no locale is given. Where the table does
// not list the code, the sentence that was sent replaces the one of the table in
// its own language.
func (e *Error) UserMessage(locales ...string) string {
	if e.Remote() && (len(locales) == 0 || !e.entry().Listed) {
		switch sent := localizedMessage(e.GRPCStatus().Proto()); {
		case sent.GetMessage() == "":
		case len(locales) == 0:
			return sent.GetMessage()
		default:
			return e.entry().Table.UnlistedMessage(sent.GetMessage(), sent.GetLocale(), locales)
		}
	}
	message, _ := e.Spec().UserMessage(locales...)
	return message
}

// LogValue returns the fields of the error for log/slog. They include the
// cause, so use them for logs only.
func (e *Error) LogValue() slog.Value {
	if !e.valid() {
		return slog.StringValue(e.Error())
	}
	attrs := []slog.Attr{
		slog.Int("code", int(e.Number())),
		slog.String("reason", text.OneLine(e.Reason())),
		slog.String("domain", text.OneLine(e.Domain())),
		slog.String("grpc_code", e.GRPCStatus().Code().String()),
		slog.String("fault", table.FaultName(e.Fault())),
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

// addedMetadata returns the metadata without the number.
func (e *Error) addedMetadata() map[string]string {
	m := e.Metadata()
	maps.DeleteFunc(m, func(key, _ string) bool { return key == wire.CodeKey })
	return m
}

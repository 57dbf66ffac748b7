package interceptor

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"sync"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/reflect/protoreflect"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
	"github.com/codetable/grpc-codetable/interceptor/internal/wire"
)

// pushbackKey is defined by gRFC A6.
const pushbackKey = "grpc-retry-pushback-ms"

// Translator decides what is sent of an error. The server interceptors use it.
// Use it yourself where an error is sent in another way, such as in the items
// of a stream, and in unit tests. It is safe for concurrent use.
type Translator struct {
	serverConfig
	declared declarations
	// fitting caches the shared errors whose status is sent unchanged. It is
	// bounded by the number of codes in the linked tables.
	fitting sync.Map
}

// NewTranslator returns a translator with the options of a server interceptor.
func NewTranslator(opts ...ServerOption) *Translator {
	return &Translator{serverConfig: newServerConfig(opts)}
}

// Translate returns what is sent of an error, as described in the package
// comment, and calls the observers. If the context belongs to a call, the event
// names the call. Translate sends nothing itself: a caller that answers a call
// with the status must set the trailer too. For a nil error it returns the zero
// Event.
//
// It never panics. If a method of err, an option or an observer panics, the
// result is an opaque Internal, and Event.Origin describes the panic. Each
// error in the tree is asked only once for its status, its fault and the errors
// that it wraps. Only the first 4096 errors of a tree are examined; a public
// boundary masks larger trees.
func (t *Translator) Translate(ctx context.Context, err error) Event {
	if err == nil {
		return Event{}
	}
	if ctx == nil {
		ctx = context.Background()
	}
	method, _ := grpc.Method(ctx)
	return t.translate(ctx, err, call{method: method}).Event
}

// fail translates an error and sets the trailer. Every error of a server
// interceptor goes through it.
func (t *Translator) fail(ctx context.Context, err error, c call, setTrailer func(metadata.MD)) error {
	out := t.translate(ctx, err, c)
	// Do not set the same trailer twice: gRPC does not retry if it has two values.
	set := out.inner != nil && slices.Equal(out.inner.Trailer[pushbackKey], out.Trailer[pushbackKey])
	if !set && len(out.Trailer) > 0 {
		setTrailer(out.Trailer)
	}
	return out
}

func (t *Translator) translate(ctx context.Context, err error, c call) *translated {
	declared := t.declared.of(c.method)
	out := t.decideSafely(ctx, err, declared)
	out.Meta = c.meta()
	if out.passed {
		return out
	}
	out.Undeclared = out.Err != nil && !declared.allows(out.Err)
	value := t.observe(ctx, out.Event)
	switch {
	case value == nil:
		return out
	case out.CorrelationID == "":
		meta, inner := out.Meta, out.inner
		out = t.panicked(ctx, err, declared, value)
		out.Meta, out.inner = meta, inner
	default: // send the correlation id that other observers already have
		out.Origin = &panicError{value, err}
	}
	return out
}

func (t *Translator) decideSafely(ctx context.Context, err error, declared declaration) (out *translated) {
	defer func() {
		if p := recover(); p != nil {
			out = t.panicked(ctx, err, declared, p)
		}
	}()
	var mapped error
	found := t.collect(ctx, err)
	if found.nothing() && t.unmapped != nil {
		mapped = t.unmapped(ctx, err)
		found = t.collect(ctx, mapped)
	}
	out = t.decide(ctx, found, declared)
	out.Origin, out.mapped = err, mapped
	return out
}

// panicked returns the result for a panic. If possible it looks like any other
// error without a code.
func (t *Translator) panicked(ctx context.Context, err error, declared declaration, value any) (out *translated) {
	origin := &panicError{value, err}
	defer func() {
		if recover() != nil { // the function of WithLocale panics
			out = t.redacted(opaque())
		}
		out.Origin = origin
	}()
	return t.neutral(ctx, opaque(), declared)
}

// decide decides what is sent. No other function does.
func (t *Translator) decide(ctx context.Context, found *evidence, declared declaration) *translated {
	switch {
	case found.inner != nil && found.inner.isOpaque():
		return t.pass(ctx, found.inner, declared)
	case found.hidden: // at a public boundary only
		out := t.neutral(ctx, mask(found.retry), declared)
		out.Err, out.Masked, out.inner = cmp.Or(found.masked, found.code), true, found.inner
		return out
	case t.public && wire.HTTPStatus(found.uncoded().Code()) >= wire.ServerError:
		out := t.neutral(ctx, redact(found.uncoded()), declared)
		out.Masked, out.inner = true, found.inner
		return out
	case found.inner != nil:
		return t.pass(ctx, found.inner, declared)
	case found.code != nil:
		return t.code(ctx, found.code)
	case found.status != nil:
		return t.send(table.Linked, found.status, found.status.Proto(), false, codetable.Retry{})
	case found.context != nil:
		st := status.FromContextError(found.context)
		return &translated{Event: Event{Status: st, Trailer: t.pushback(codetable.Retry{})}, ended: true}
	default:
		return t.neutral(ctx, opaque(), declared)
	}
}

// neutral adds the neutral sentence for a public caller.
func (t *Translator) neutral(ctx context.Context, a redacted, declared declaration) *translated {
	if locale := t.locale(ctx); t.public && locale != "" {
		text, language := declared.neutral(locale)
		addLocalized(a.message, text, language)
	}
	return t.redacted(a)
}

func (t *Translator) redacted(a redacted) *translated {
	shed, _ := wire.Fit(table.Linked, a.message, t.budget)
	return &translated{
		Event: Event{Status: status.FromProto(a.message), CorrelationID: a.id, Shed: shed, Trailer: t.pushback(a.retry)},
		retry: a.retry,
	}
}

// pass sends the result of another interceptor in the chain. A public boundary
// adds the neutral sentence if the result has none.
func (t *Translator) pass(ctx context.Context, inner *translated, declared declaration) *translated {
	out := &translated{Event: inner.Event, retry: inner.retry, ended: inner.ended, inner: inner, passed: true}
	if t.public && inner.isOpaque() { // a copy of the status costs more than all the rest
		if message := inner.Status.Proto(); !wire.Has(message, wire.LocalizedMessage) {
			out.Status = t.neutral(ctx, redacted{message, inner.CorrelationID, inner.retry}, declared).Status
		}
	}
	if out.Trailer = inner.Trailer.Copy(); len(inner.Trailer) == 0 {
		out.Trailer = t.pushback(inner.retry)
	}
	return out
}

// code sends the status of a code, with the additions of the options.
func (t *Translator) code(ctx context.Context, e *codetable.Error) *translated {
	st, locale := e.GRPCStatus(), t.locale(ctx)
	if _, fits := t.fitting.Load(e); fits && locale == "" {
		retry := e.Retry()
		return &translated{Event: Event{Status: st, Err: e, Trailer: t.pushback(retry)}, retry: retry}
	}
	message := st.Proto()
	details := len(message.GetDetails())
	if locale != "" && !wire.Has(message, wire.LocalizedMessage) {
		text, language := e.Spec().UserMessage(locale)
		addLocalized(message, text, language)
	}
	if t.helpLinks && !wire.Has(message, wire.Help) {
		addHelp(message, e)
	}
	code, restated := t.statusCodes[identityOf(e)]
	if restated {
		message.Code = int32(code)
	}
	changed := restated || len(message.GetDetails()) > details
	out := t.send(tablesOf(e), st, message, changed, e.Retry())
	out.Err = e
	if out.Status == st && isShared(e) {
		t.fitting.Store(e, true)
	}
	return out
}

// isShared reports whether e is the shared error of a listed code in a linked
// table whose status does not depend on the time.
func isShared(e *codetable.Error) bool {
	t := table.Linked.ByDomain([]byte(e.Domain()))
	if t == nil {
		return false
	}
	spec, _ := codetable.LookupDescriptor(t.Desc, protoreflect.EnumNumber(e.Number()))
	return spec.Retry().Window == codetablev1.CalendarWindow_CALENDAR_WINDOW_UNSPECIFIED && spec.NewError() == error(e) //nolint:errorlint // identity is the question
}

func addHelp(message *spb.Status, e *codetable.Error) {
	if url := e.Spec().HelpURL(); url != "" {
		message.Details = append(message.Details, wire.PackHelp(e.Reason(), url))
	}
}

// send limits the size of a status whose code belongs to the set. message is a
// copy of st that may have changed. The retry advice is sent in the trailer.
func (t *Translator) send(set *table.Set, st *status.Status, message *spb.Status, changed bool, retry codetable.Retry) *translated {
	shed, cut := wire.Fit(set, message, t.budget)
	if changed || cut {
		st = status.FromProto(message)
	}
	return &translated{Event: Event{Status: st, Shed: shed, Trailer: t.pushback(retry)}, retry: retry}
}

// pushback returns the trailer that tells gRPC's own retry the advice of the
// table. A negative value forbids the retry. Each call returns a new map,
// because others may add to it.
func (t *Translator) pushback(retry codetable.Retry) metadata.MD {
	switch {
	case t.noPushback:
		return nil
	case retry.Action != codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST:
		return metadata.MD{pushbackKey: {"-1"}}
	default:
		return metadata.MD{pushbackKey: {strconv.FormatInt(wire.PushbackMillis(retry.Delay), 10)}}
	}
}

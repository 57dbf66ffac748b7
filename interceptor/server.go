package interceptor

import (
	"context"
	"errors"
	"math"
	"strconv"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/internal/errtree"
)

// pushbackKey is defined by gRFC A6.
const pushbackKey = "grpc-retry-pushback-ms"

// server is the configuration of a server interceptor, and its mapping.
type server struct {
	common
	statusCodes map[identity]codes.Code
	public      bool
	locale      func(context.Context) string
	budget      int
	unmapped    func(context.Context, error) error
	silent      bool
	// ready holds the outgoing form of shared errors, by *codetable.Error. It is
	// bounded by the size of the tables.
	ready sync.Map
}

// identity is what makes two codes the same.
type identity struct {
	domain string
	number int32
}

// fail is the one way out: it translates an error, observes it and sets the
// trailer. What another codetable interceptor has translated stays as it is.
func (s *server) fail(ctx context.Context, err error, c call, setTrailer func(metadata.MD)) error {
	if _, done := errtree.Find(err, (*outgoing).valid); done {
		return err
	}
	out := s.translate(ctx, err)
	if len(s.observers) > 0 {
		s.observe(ctx, Event{
			Meta: c.meta(), Status: out.status, Err: out.coded, Origin: err,
			CorrelationID: out.correlationID, Masked: out.masked, Shed: out.shed,
		})
	}
	if !s.silent {
		setTrailer(out.trailer)
	}
	return out
}

// translate maps an error to what is sent of it.
func (s *server) translate(ctx context.Context, err error) *outgoing {
	locale := s.locale(ctx)
	e, direct := err.(*codetable.Error) //nolint:errorlint // a shared error, as handlers return it
	if direct && locale == "" {
		if out, ok := s.ready.Load(e); ok {
			return out.(*outgoing)
		}
	}
	out := s.known(err, locale)
	if out == nil && s.unmapped != nil {
		out = s.known(s.unmapped(ctx, err), locale)
	}
	if out == nil {
		out = opaque(codes.Internal, 0)
		out.trailer = pushback(codetable.Retry{})
	}
	out.origin = err
	if direct && locale == "" && !out.masked && shared(e) {
		s.ready.Store(e, out)
	}
	return out
}

// shared reports whether e is the one value of a listed code, whose status
// does not depend on the time.
func shared(e *codetable.Error) bool {
	spec := e.Spec()
	window := spec.Retry().Window
	return spec.Listed() && window == codetablev1.CalendarWindow_CALENDAR_WINDOW_UNSPECIFIED && spec.NewError() == error(e) //nolint:errorlint // the very same value
}

// known returns nil for an error that says nothing of its status.
func (s *server) known(err error, locale string) *outgoing {
	var out *outgoing
	e, coded := codetable.FromError(err)
	switch {
	case coded && s.public && hidden(e.Fault()):
		out = masked(e.Retry())
	case coded:
		out = s.coded(e, locale)
	case s.public && operatorFault(err):
		out = masked(codetable.Retry{})
	default:
		out = s.uncoded(err)
	}
	if out != nil {
		out.coded = e
		out.trailer = pushback(e.Retry()) // no advice where there is no code
	}
	return out
}

// hidden fails closed: a fault that nobody has named is not for the public.
func hidden(fault codetablev1.Fault) bool {
	return fault == codetablev1.Fault_FAULT_OPERATOR || fault == codetablev1.Fault_FAULT_UNSPECIFIED
}

func operatorFault(err error) bool {
	_, ok := errtree.Find(err, func(f interface{ Fault() codetablev1.Fault }) bool {
		return f.Fault() == codetablev1.Fault_FAULT_OPERATOR
	})
	return ok
}

// coded sends the status of the code as it is, unless an option changes it.
func (s *server) coded(e *codetable.Error, locale string) *outgoing {
	received := e.GRPCStatus()
	message := received.Proto()
	changed := false
	if code, ok := s.statusCodes[identity{e.Domain(), e.Number()}]; ok && code != received.Code() {
		message.Code, changed = int32(code), true
	}
	if locale != "" && addLocalized(message, e, locale) {
		changed = true
	}
	shed := fit(message, s.budget)
	if changed || len(shed) > 0 {
		return &outgoing{status: status.FromProto(message), shed: shed}
	}
	return &outgoing{status: received}
}

// uncoded sends a gRPC status or a context error, and nothing that was wrapped
// around it.
func (s *server) uncoded(err error) *outgoing {
	holder, ok := errtree.Find(err, foreign)
	switch {
	case ok:
		st := holder.GRPCStatus()
		message := st.Proto()
		if shed := fit(message, s.budget); len(shed) > 0 {
			return &outgoing{status: status.FromProto(message), shed: shed}
		}
		return &outgoing{status: st}
	case errors.Is(err, context.DeadlineExceeded):
		return &outgoing{status: status.New(codes.DeadlineExceeded, context.DeadlineExceeded.Error())}
	case errors.Is(err, context.Canceled):
		return &outgoing{status: status.New(codes.Canceled, context.Canceled.Error())}
	default:
		return nil
	}
}

type statusHolder interface{ GRPCStatus() *status.Status }

// failed refuses a nil and an OK status, which a failure can't have.
func failed(h statusHolder) bool { return h.GRPCStatus().Code() != codes.OK }

// foreign refuses a nil or a zero *codetable.Error too. It says nothing, so its
// origin has to be found by a correlation id.
func foreign(h statusHolder) bool {
	_, ours := h.(*codetable.Error)
	return !ours && failed(h)
}

var noRetry = metadata.Pairs(pushbackKey, "-1")

// pushback tells gRPC's own retry what the table says. -1 is any value that
// forbids it.
func pushback(retry codetable.Retry) metadata.MD {
	if retry.Action != codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST {
		return noRetry
	}
	// Rounded up, and within the 32 bits that implementations parse.
	ms := min((retry.Delay+time.Millisecond-1)/time.Millisecond, math.MaxInt32)
	return metadata.Pairs(pushbackKey, strconv.FormatInt(int64(ms), 10))
}

package plan

import (
	"slices"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// Want is what the caller of an undisturbed call must get. The first of the
// fields that is set decides.
type Want struct {
	// Success is a nil error.
	Success bool
	// Coded is the code of this domain and number, with the status Code.
	Coded  bool
	Domain string
	Number int32
	// Masked is a mask: a request id without a code. Its status is Code, or
	// Internal or Unavailable if Code is OK.
	Masked bool
	// Code is the status. OK is any failure without a code.
	Code codes.Code
	// Any is every end, and AnyFailure every end but a success.
	Any, AnyFailure bool
}

// Want returns what the caller must get unless the call is disturbed.
func (p Plan) Want() Want {
	f := p.Failure
	switch {
	case p.Route == Hostile:
		return p.Reply.Want
	case f.Make == nil && !f.Unknown:
		return Want{Success: true}
	case f.Unknown:
		return Want{}
	case f.Opaque:
		return Want{Masked: true, Code: codes.Internal}
	case f.Hidden && p.Route.IsPublic():
		return Want{Masked: true}
	case f.Coded:
		return Want{Coded: true, Domain: f.Domain, Number: f.Number, Code: f.Code}
	case p.Route == PublicRelay: // the status came from another server
		return Want{Masked: true}
	case p.Route == Public && !f.Ended && isServerError(f.Code):
		return Want{Masked: true, Code: f.Code}
	default:
		return Want{Code: f.Code}
	}
}

// Met reports whether an error, nil included, is what the caller must get.
func (w Want) Met(err error) bool {
	e, coded := codetable.FromError(err)
	_, masked := codetable.Masked(err)
	code := status.Code(err)
	switch {
	case w.Any:
		return true
	case w.AnyFailure:
		return err != nil && code != codes.OK
	case w.Success:
		return err == nil
	case err == nil || code == codes.OK:
		return false
	case w.Coded:
		return coded && e.Domain() == w.Domain && e.Number() == w.Number && code == w.Code
	case coded:
		return false
	case w.Masked && w.Code == codes.OK:
		return masked && (code == codes.Internal || code == codes.Unavailable)
	case w.Masked:
		return masked && code == w.Code
	default:
		return w.Code == codes.OK || code == w.Code
	}
}

// Excused reports whether what disturbed the call explains its error, which is
// not the one that the caller must get. Only an error without a code can be.
func (p Plan) Excused(err error) bool {
	if _, coded := codetable.FromError(err); coded || err == nil || !p.Disturbed() {
		return false
	}
	var ends []codes.Code
	if p.CancelAfter > 0 || p.Leave {
		ends = append(ends, codes.Canceled)
	}
	if p.Deadline > 0 {
		ends = append(ends, codes.DeadlineExceeded)
	}
	if p.Flaky || p.FlakyHop {
		ends = append(ends, codes.Unavailable)
	}
	if p.Route == PublicRelay { // it masks how the second call ended
		ends = append(ends, codes.Internal)
	}
	return slices.Contains(ends, status.Code(err))
}

// serverErrors are the codes that google.rpc.Code maps to HTTP 5xx.
var serverErrors = []codes.Code{
	codes.Unknown, codes.Internal, codes.Unimplemented, codes.Unavailable, codes.DeadlineExceeded, codes.DataLoss,
}

func isServerError(code codes.Code) bool { return slices.Contains(serverErrors, code) }

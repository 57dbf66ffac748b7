package interceptor

import (
	"context"
	"slices"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/internal/errtree"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
	"github.com/codetable/grpc-codetable/interceptor/internal/wire"
)

// evidence is the result of one walk through the tree of an error. For each
// field the first finding is used.
type evidence struct {
	ctx      context.Context
	public   bool
	statusOf statusFunc
	received bool // the rest of the tree came from another server

	inner   *translated      // the result of another interceptor in the chain
	code    *codetable.Error // an *Error, or else a decoded status of a linked table
	status  *status.Status   // a status without a code
	context error

	// Used at a public boundary only.
	resolved []*table.Set  // the tables of each codetable.Resolver with a code in the tree
	judged   []*spb.Status // those in the tree
	hidden   bool
	masked   *codetable.Error // the first hidden code
	retry    codetable.Retry  // advice that suits all hidden errors
}

// collect walks through the tree of an error.
func (c *serverConfig) collect(ctx context.Context, err error) *evidence {
	v := &evidence{ctx: ctx, public: c.public, statusOf: c.statusOf}
	var decoded *codetable.Error
	whole := errtree.Walk(err, func(node error) bool {
		switch n := node.(type) { //nolint:errorlint // the walk unwraps
		case *translated:
			v.addInner(n)
		case *receivedError:
			v.received = true
		case *codetable.Error:
			v.addCode(n)
		default:
			if e := v.addForeign(n); e != nil && decoded == nil {
				decoded = e
			}
		}
		return v.undecided()
	})
	if v.code == nil {
		v.code = decoded
	}
	if v.public && !whole {
		v.hide(nil, codetable.Retry{})
	}
	return v
}

// undecided reports whether the rest of the tree can change the decision. A
// public boundary examines the whole tree, unless the first finding is an
// opaque result.
func (v *evidence) undecided() bool {
	if v.inner != nil && v.inner.isOpaque() {
		return false
	}
	return v.public || v.inner == nil && v.code == nil
}

// nothing reports whether the error has no code, no status and no context
// error.
func (v *evidence) nothing() bool {
	return v.inner == nil && v.code == nil && v.status == nil && v.context == nil && !v.hidden
}

// uncoded returns the status without a code that would be sent, or nil if
// something else would be sent.
func (v *evidence) uncoded() *status.Status {
	switch {
	case v.inner != nil && v.inner.Err == nil && !v.inner.ended:
		return v.inner.Status
	case v.inner == nil && v.code == nil:
		return v.status
	default:
		return nil
	}
}

// addForeign examines one foreign error, without the errors that it wraps. If
// the error has a status with a code, it returns the code.
func (v *evidence) addForeign(node error) (decoded *codetable.Error) {
	var st *status.Status
	holder, hasStatus := errtree.As[interface{ GRPCStatus() *status.Status }](node)
	switch {
	case hasStatus:
		st = holder.GRPCStatus()
	case v.statusOf != nil:
		var received bool
		st, received = v.statusOf(v.ctx, node)
		hasStatus, v.received = st != nil, v.received || received
	}
	if blamed, ok := errtree.As[interface{ Fault() codetablev1.Fault }](node); ok && v.public && table.HiddenFault(blamed.Fault()) {
		v.hide(nil, adviceOf(st))
	}
	if e, ok := errtree.As[*codetable.Error](node); ok && e.Domain() != "" {
		v.addCode(e)
		return nil
	}
	if hasStatus {
		return v.addStatus(st)
	}
	for _, end := range []error{context.DeadlineExceeded, context.Canceled} {
		is, ok := node.(interface{ Is(error) bool })
		if v.context == nil && (node == end || ok && is.Is(end)) { //nolint:errorlint // the walk unwraps
			v.context = end
		}
	}
	return nil
}

func (v *evidence) addInner(inner *translated) {
	if v.inner == nil && v.code == nil {
		v.inner = inner
	}
	switch {
	case !v.public || inner.isOpaque():
	case inner.Err != nil:
		v.hideCode(inner.Err)
	default:
		_ = v.addStatus(inner.Status) // it has no code
	}
}

// addCode records a code. A nil or zero error is ignored.
func (v *evidence) addCode(e *codetable.Error) {
	if e.Domain() == "" {
		return
	}
	if v.code == nil {
		v.code = e
	}
	v.hideCode(e)
	if set := tablesOf(e); v.public && set != table.Linked && !slices.Contains(v.resolved, set) {
		v.resolved = append(v.resolved, set)
		for _, message := range v.judged { // before the tables were known
			v.hideInfosOf(set, message)
		}
	}
	if e.Remote() {
		v.hideInfos(e.GRPCStatus())
	}
}

// addStatus records a status that this package did not make. A nil or OK status
// is ignored: it can't be the status of a failure.
func (v *evidence) addStatus(st *status.Status) (decoded *codetable.Error) {
	if st.Code() == codes.OK {
		return nil
	}
	v.hideInfos(st)
	if e, ok := codetable.FromError(st.Err()); ok {
		v.hideCode(e)
		return e
	}
	if v.isResolved(st) {
		return nil
	}
	if v.public && v.received {
		if v.callerLeft(st.Code()) {
			return nil
		}
		v.hide(nil, adviceOf(st))
	}
	if v.status == nil {
		v.status = st
	}
	return nil
}

// isResolved reports whether a Resolver knows a code of the status. hideInfos
// has judged the status then.
func (v *evidence) isResolved(st *status.Status) bool {
	return slices.ContainsFunc(v.resolved, func(set *table.Set) bool {
		_, ok := wire.Decode(set, st.Proto())
		return ok
	})
}

// tablesOf returns the tables that the code of an error belongs to.
func tablesOf(e *codetable.Error) (set *table.Set) {
	e.As(&set)
	return set
}

// callerLeft reports whether a call to another server failed because the caller
// of this server cancelled or ran out of time.
func (v *evidence) callerLeft(code codes.Code) bool {
	end := v.ctx.Err()
	if end == nil || status.FromContextError(end).Code() != code {
		return false
	}
	v.context = end
	return true
}

// hideCode hides a code that the public must not see.
func (v *evidence) hideCode(e *codetable.Error) {
	if v.public && table.HiddenFault(e.Fault()) {
		v.hide(e, e.Retry())
	}
}

// hideInfos hides a status with an ErrorInfo that the public must not see or
// that can't be identified.
func (v *evidence) hideInfos(st *status.Status) {
	if !v.public {
		return
	}
	message := st.Proto()
	v.judged = append(v.judged, message)
	v.hideInfosOf(table.Linked, message)
	for _, set := range v.resolved {
		v.hideInfosOf(set, message)
	}
}

func (v *evidence) hideInfosOf(set *table.Set, message *spb.Status) {
	for named := range wire.Infos(set, message) {
		switch {
		case !named.Failing || named.Ambiguous:
			v.hide(nil, codetable.Retry{})
		case table.HiddenFault(named.Entry.Options.GetFault()):
			retry := codetable.Retry(named.Entry.Retry)
			retry.Delay = named.Entry.Delay()
			if delay, ok := wire.RetryDelay(message); ok {
				retry.Delay = delay
			}
			v.hide(nil, retry)
		}
	}
}

// adviceOf returns the retry advice of a status without a code. Only a mask
// states that the same request may be sent again.
func adviceOf(st *status.Status) codetable.Retry {
	if mask, ok := codetable.Masked(st.Err()); ok {
		return mask.Retry()
	}
	delay, ok := wire.RetryDelay(st.Proto())
	if !ok || st.Code() != codes.Unavailable {
		return codetable.Retry{}
	}
	return codetable.Retry{Action: codetablev1.RetryAction_RETRY_ACTION_NEXT_WINDOW, Delay: delay}
}

// hide records a hidden error. A retry is advised only if it can help all
// hidden errors.
func (v *evidence) hide(e *codetable.Error, retry codetable.Retry) {
	if v.masked == nil {
		v.masked = e
	}
	if !v.hidden {
		v.hidden, v.retry = true, retry
		return
	}
	v.retry = combine(v.retry, retry)
}

// Package cooldown spares the upstream the calls that it is going to refuse.
// Once a reply says that the quota of an AppKey is used up, or that an operator
// has to act, further calls of that AppKey are answered from memory with the
// same code until the window ends:
//
//	if err := cool.Blocked(ctx, appKey); err != nil {
//		return err
//	}
//	reply, err := call(ctx)
//	cool.Learn(ctx, appKey, err)
//
// # What cools down, and for how long
//
// The table decides. A code counts where its fault is the operator's and it
// concerns the AppKey as a whole: its detail speaks of nothing else, such as a
// captcha_id, a token or a phone number.
//
//	RETRY_ACTION_NEXT_WINDOW      until the window ends: 6005 an hour, 9007 a day
//	RETRY_ACTION_SAME_REQUEST     the delay, 30 s at most: 1804 a second
//	RETRY_ACTION_OPERATOR_ACTION  30 s ([OperatorHold]): 9011, 9018 and others
//
// An operator may fix the cause at any moment, and nobody is told. So when an
// operator's time is over, a single call is let through as a probe. Where the
// upstream answers it, all calls go on at once; where the fault is still there,
// the time begins anew; where the probe brings no answer, the next one follows
// after the same time. Without any call the fault is forgotten after twice the
// time.
//
// A window limit that is met in the first minute of a window is held as an
// operator's fault too: the clock of the upstream may not have come so far, and
// a mistake would cost the whole window. An operator who raises a limit before
// its window ends, or who does not want to wait for the probe, calls [Cooldown.Lift].
//
// A shared store is not trusted: an entry that lasts longer than the rule above
// allows, or is of another code, is ignored and deleted.
//
// What is called AppKey here is any text that names what cools down together. A
// caller whose services are bought apart adds the name of the service to it, so
// that a risk query without permission (1803) does not block verifications, as
// package gateway does.
package cooldown

import (
	"context"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/shared"
	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// Mark is the key in the metadata of an error that was answered from memory;
// its value is "true".
const Mark = "cachedCooldown"

const (
	// OperatorHold is how long a fault is held that an operator has to fix, and
	// how far apart probes are.
	OperatorHold = 30 * time.Second

	// maxSkew is how far the upstream's clock may be behind ours.
	maxSkew = time.Minute
)

// Cooldown answers calls that the upstream would refuse. Make one with [New] or
// [NewShared]. It is safe for concurrent use, and keeps at most 1024 AppKeys in
// memory, those used last.
type Cooldown struct {
	store   Store // only its Lift fails
	probing *lru.Cache[string, struct{}]
}

// New returns a cool-down that one gateway keeps in memory.
func New() *Cooldown { return newCooldown(NewMemoryStore()) }

// NewShared returns a cool-down that several gateways share. A copy in memory
// takes over while the store fails: no error of a store ever reaches a call. A
// call waits for the store no longer than the guard allows.
func NewShared(store Store, guard *shared.Guard) *Cooldown {
	return newCooldown(newFallback(store, guard))
}

func newCooldown(store Store) *Cooldown {
	probing, _ := lru.New[string, struct{}](maxKeys) // fails for a size below 1 only
	return &Cooldown{store: store, probing: probing}
}

// Blocked returns nil where the call may go to the upstream, and otherwise the
// *codetable.Error to answer with: the code that the upstream gave, the time
// that is left as its RetryInfo, and [Mark] in its metadata. Ask it last before
// the call, since a nil may make this call the probe.
func (c *Cooldown) Blocked(ctx context.Context, appKey string) error {
	entry, _ := c.store.Take(ctx, appKey)
	switch {
	case entry == (Entry{}):
		return nil
	case !allowed(entry): // somebody else wrote it, and it might hold calls for years
		_ = c.store.Lift(ctx, appKey)
		return nil
	case entry.Left <= 0:
		c.probing.Add(appKey, struct{}{})
		return nil
	}
	return answer(entry)
}

func answer(entry Entry) error {
	return codetable.NewError(jverificationv1.ResponseCode(entry.Code), codetable.WithRetryAfter(entry.Left), codetable.WithMetadata(Mark, "true"))
}

// Held returns the error that calls of the AppKey are answered with now, as Blocked
// does, or nil. It changes nothing: no call becomes the probe.
func (c *Cooldown) Held(ctx context.Context, appKey string) error {
	entry, _ := c.store.Look(ctx, appKey)
	if entry.Left <= 0 || !allowed(entry) {
		return nil
	}
	return answer(entry)
}

// Lift lets the calls of the AppKey go to the upstream at once, whatever held them. Its
// error is that of a shared store, which then goes on to hold them until the time is
// over.
func (c *Cooldown) Lift(ctx context.Context, appKey string) error {
	c.probing.Remove(appKey)
	return c.store.Lift(ctx, appKey)
}

// Reasons are those of the codes that can hold calls, in the order of their numbers.
func Reasons() (reasons []string) {
	for _, spec := range codetable.All[jverificationv1.ResponseCode]() {
		if longestHold(spec) > 0 {
			reasons = append(reasons, spec.Reason())
		}
	}
	return reasons
}

// Learn notes what an upstream call came to; err is nil for a success. It
// ignores what Blocked has returned. It does its work also where ctx is done,
// since the upstream has answered all the same.
func (c *Cooldown) Learn(ctx context.Context, appKey string, err error) {
	if entry := entryOf(err); entry.Left > 0 {
		c.probing.Remove(appKey)
		_ = c.store.Hold(ctx, appKey, entry)
	} else if answered(err) && c.probing.Remove(appKey) {
		_ = c.store.Lift(ctx, appKey)
	}
}

// entryOf returns what a failed call makes of the AppKey, with no time left if
// nothing. An answer of our own says nothing new, and would prolong itself.
func entryOf(err error) Entry {
	coded, _ := codetable.FromError(err)
	code, ok := codetable.CodeOf[jverificationv1.ResponseCode](coded)
	longest, retry := longestHold(coded.Spec()), coded.Retry()
	// The table may have no time zone, and the upstream may still count the last
	// window.
	unsure := retry.Delay == 0 || retry.Delay > longest-maxSkew
	switch {
	case !ok || longest == 0 || coded.Metadata()[Mark] != "":
		return Entry{}
	case retry.Action == codetablev1.RetryAction_RETRY_ACTION_OPERATOR_ACTION,
		retry.Action == codetablev1.RetryAction_RETRY_ACTION_NEXT_WINDOW && unsure:
		return Entry{Code: int32(code), Left: OperatorHold, Probe: OperatorHold}
	default:
		return Entry{Code: int32(code), Left: min(retry.Delay, longest)}
	}
}

// allowed reports whether the table makes such an entry. A store rounds up to the
// millisecond.
func allowed(entry Entry) bool {
	spec, _ := codetable.Lookup(jverificationv1.ResponseCode(entry.Code))
	longest := longestHold(spec)
	return longest > 0 && entry.Left <= longest+time.Millisecond && entry.Probe <= OperatorHold+time.Millisecond
}

// longestHold returns how long a code can hold the calls of an AppKey: 0 if it
// concerns less than the AppKey, or if another call may go well at once.
func longestHold(spec codetable.Spec) time.Duration {
	if spec.Fault() != codetablev1.Fault_FAULT_OPERATOR {
		return 0
	}
	switch _, subject := spec.Detail(); subject {
	case "", "app_key", "account", "config":
	default: // a captcha_id, a token, the key of the logins
		return 0
	}
	switch retry := spec.Retry(); retry.Action {
	case codetablev1.RetryAction_RETRY_ACTION_OPERATOR_ACTION, codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST:
		return OperatorHold
	case codetablev1.RetryAction_RETRY_ACTION_NEXT_WINDOW:
		if retry.Window == codetablev1.CalendarWindow_CALENDAR_WINDOW_HOUR {
			return time.Hour
		}
		return 24 * time.Hour
	default:
		return 0
	}
}

// answered reports whether the upstream has dealt with the request itself. Its
// own faults, and errors without a code, say nothing of the AppKey.
func answered(err error) bool {
	coded, _ := codetable.FromError(err) // a nil *Error has no fault
	fault := coded.Fault()
	return err == nil || fault == codetablev1.Fault_FAULT_CALLER || fault == codetablev1.Fault_FAULT_END_USER
}

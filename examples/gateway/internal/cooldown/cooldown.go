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
//	RETRY_ACTION_OPERATOR_ACTION  30 s ([WithOperatorHold]): 9011, 9018 and others
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
// its window ends restarts the gateway, or deletes the keys in Redis.
//
// A shared store is not trusted: an entry that lasts longer than the rule above
// allows, or is of another code, is ignored and deleted. All gateways of a fleet
// have the same [WithOperatorHold], or those with the shorter one ignore what the
// others store.
//
// What is called AppKey here is any text that names what cools down together. A
// caller whose services are bought apart adds the name of the service to it, so
// that a risk query without permission (1803) does not block verifications, as
// package gateway does.
package cooldown

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// Mark is the key in the metadata of an error that was answered from memory;
// its value is "true".
const Mark = "cachedCooldown"

const (
	// DefaultOperatorHold is how long an operator's fault is held.
	DefaultOperatorHold = 30 * time.Second
	// DefaultTimeout bounds what a call waits for a store that is shared.
	DefaultTimeout = 50 * time.Millisecond
)

// Option changes a [Cooldown].
type Option interface{ apply(*settings) }

type settings struct {
	hold    time.Duration
	timeout time.Duration
	log     *slog.Logger
}

type option func(*settings)

func (o option) apply(s *settings) { o(s) }

// WithOperatorHold sets how long a fault is held that an operator has to fix,
// and how far apart probes are. Default [DefaultOperatorHold], which holds for
// less than a millisecond too.
func WithOperatorHold(hold time.Duration) Option {
	return option(func(s *settings) { s.hold = hold })
}

// WithTimeout bounds what a call waits for a store that is shared. Default
// [DefaultTimeout], which holds for less than a millisecond too.
func WithTimeout(timeout time.Duration) Option {
	return option(func(s *settings) { s.timeout = timeout })
}

// WithLogger says where to report that a shared store has stopped answering,
// or is back. Default slog.Default().
func WithLogger(log *slog.Logger) Option {
	return option(func(s *settings) { s.log = log })
}

// Cooldown answers calls that the upstream would refuse. Make one with [New].
// It is safe for concurrent use, and keeps at most 1024 AppKeys in memory,
// those used last.
type Cooldown struct {
	local   *MemoryStore // all there is, or the fallback
	shared  *guard       // nil without a store that is shared
	probing *lru.Cache[string, struct{}]
	hold    time.Duration
}

// New returns a cool-down. A nil store is one of [NewMemoryStore]. Beside any
// other store it keeps a copy in memory, which takes over while that one fails:
// no error of a store ever reaches a call.
func New(store Store, opts ...Option) *Cooldown {
	s := settings{log: slog.Default()}
	for _, opt := range opts {
		opt.apply(&s)
	}
	if s.hold < time.Millisecond {
		s.hold = DefaultOperatorHold
	}
	if s.timeout < time.Millisecond {
		s.timeout = DefaultTimeout
	}
	c := &Cooldown{local: NewMemoryStore(), hold: s.hold}
	c.probing, _ = lru.New[string, struct{}](maxKeys) // fails for a size below 1 only
	switch store := store.(type) {
	case nil:
	case *MemoryStore:
		c.local = store
	default:
		c.shared = newGuard(store, s.timeout, s.log)
	}
	return c
}

// Blocked returns nil where the call may go to the upstream, and otherwise the
// *codetable.Error to answer with: the code that the upstream gave, the time
// that is left as its RetryInfo, and [Mark] in its metadata. Ask it last before
// the call, since a nil may make this call the probe.
func (c *Cooldown) Blocked(ctx context.Context, appKey string) error {
	entry := c.take(ctx, appKey)
	if entry == (Entry{}) {
		return nil
	}
	if entry.Left <= 0 {
		c.probing.Add(appKey, struct{}{})
		return nil
	}
	return codetable.NewError(jverificationv1.ResponseCode(entry.Code), codetable.WithRetryAfter(entry.Left), codetable.WithMetadata(Mark, "true"))
}

// Learn notes what an upstream call came to; err is nil for a success. It
// ignores what Blocked has returned. It does its work also where ctx is done,
// since the upstream has answered all the same.
func (c *Cooldown) Learn(ctx context.Context, appKey string, err error) {
	if entry, ok := c.entryOf(err); ok {
		c.probing.Remove(appKey)
		c.local.hold(appKey, entry)
		if c.shared != nil {
			c.shared.hold(ctx, keyOf(appKey), entry)
		}
		return
	}
	if answered(err) && c.probing.Remove(appKey) {
		c.local.put(appKey, Entry{})
		if c.shared != nil {
			c.shared.lift(ctx, keyOf(appKey))
		}
	}
}

// take lets the shared store decide as long as it answers, and keeps a copy of
// what it said. An entry that the table does not make is deleted: somebody else
// wrote it, and it might hold calls for years.
func (c *Cooldown) take(ctx context.Context, appKey string) Entry {
	if c.shared == nil {
		return c.local.take(appKey)
	}
	entry, err := c.shared.take(ctx, keyOf(appKey))
	if err != nil {
		return c.local.take(appKey)
	}
	if !c.allows(entry) {
		c.shared.lift(ctx, keyOf(appKey))
		entry = Entry{}
	}
	c.local.put(appKey, entry)
	return entry
}

// keyOf hides the AppKey, which is half of the credentials, from whoever reads
// the store, and gives every key one length.
func keyOf(appKey string) string {
	digest := sha256.Sum256([]byte(appKey))
	return hex.EncodeToString(digest[:])
}

// Package leases bounds the calls that one caller has under way in all gateways together.
// Each call takes a lease in Redis and gives it back. The lease of a gateway that is gone
// ends by itself, by the clock of Redis.
//
// While Redis does not answer, every call gets a lease: the bound that each gateway keeps
// in its own memory is left. A Redis that comes back empty counts anew.
package leases

import (
	"context"
	"crypto/rand"
	_ "embed"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/shared"
)

// KeyPrefix begins the keys in Redis. A caller has one key, as long as it has calls.
const KeyPrefix = "codetable:caller:"

// The script is one round trip that no other gateway gets in between, and touches one
// key, as a cluster demands.
var (
	//go:embed take.lua
	takeSource string

	takeScript = redis.NewScript(takeSource)
)

// Leases are those of one gateway. Make them with [New]. They are safe for concurrent
// use, and keep nothing in memory.
type Leases struct {
	client  redis.UniversalClient
	guard   *shared.Guard
	gateway string // in the name of each lease
	taken   atomic.Uint64
}

// New returns the leases of a gateway. It needs Redis 5 or later. It does not close the
// client.
func New(client redis.UniversalClient, guard *shared.Guard) *Leases {
	return &Leases{client: client, guard: guard, gateway: rand.Text()}
}

// Take takes a lease for a call of a caller, unless the caller has as many as limit in
// all gateways. The lease ends with release, or when the duration lasts is over. That is
// the longest time of a call, which is the same in all gateways. Redis keeps a hash of
// the caller. Take waits for Redis as long as the guard allows, and so does release, which
// works also if ctx is done.
func (l *Leases) Take(ctx context.Context, caller string, limit int, lasts time.Duration) (release func(), ok bool) {
	key := KeyPrefix + shared.Digest(caller)
	lease := l.gateway + strconv.FormatUint(l.taken.Add(1), 36)
	taken, err := shared.Ask(ctx, l.guard, func(ctx context.Context) (bool, error) {
		return takeScript.Run(ctx, l.client, []string{key}, lease, limit, lasts.Milliseconds()).Bool()
	})
	switch {
	case err != nil: // it may have been taken all the same, and then ends by itself
		return func() {}, true
	case !taken:
		return nil, false
	}
	return func() {
		_, _ = shared.Ask(ctx, l.guard, func(ctx context.Context) (int64, error) {
			return l.client.ZRem(ctx, key, lease).Result() // a lease that is left ends by itself
		})
	}, true
}

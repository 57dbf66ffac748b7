package gateway

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// reachability follows whether calls reach the upstream. One lost call is not
// an outage, and one reply is not its end, so it takes some outcomes in a row to
// change the state. At the start the upstream is not reachable, until the first
// reply.
type reachability struct {
	failuresToDown, successesToUp int
	report                        func(reachable bool)
	log                           *slog.Logger

	mu      sync.Mutex
	up      bool
	logged  bool // whether the present state is
	against int  // outcomes in a row that speak against the present state
	needed  int  // outcomes in a row that change it
	last    time.Time
}

func newReachability(c Config, report func(bool)) *reachability {
	report(false)
	return &reachability{
		failuresToDown: c.HealthFailures, successesToUp: c.HealthSuccesses,
		report: report, log: c.Logger, needed: 1,
	}
}

func (r *reachability) record(reached bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last = time.Now()
	r.against++
	if reached == r.up {
		r.against = 0
	}
	if r.against >= r.needed {
		r.up, r.logged, r.against, r.needed = reached, false, 0, r.successesToUp
		if reached {
			r.needed = r.failuresToDown
		}
		r.report(reached)
	}
	if r.logged {
		return
	}
	r.logged = true
	if r.up {
		r.log.Info("the upstream can be reached: serving")
	} else {
		r.log.Error("the upstream can't be reached: not serving")
	}
}

func (r *reachability) idle(since time.Duration) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return time.Since(r.last) >= since
}

// Probe keeps the health up to date while there are no calls, until ctx is
// done. Without it a service that is NOT_SERVING, and so gets no calls, would
// stay that way.
func (g *Gateway) Probe(ctx context.Context) {
	ticker := time.NewTicker(g.config.ProbeInterval)
	defer ticker.Stop()
	for {
		if g.health.idle(g.config.ProbeInterval) {
			g.api.probe(ctx)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// probe asks for a page without credentials. Whatever it answers, the transport
// has noticed whether there was an answer.
func (u *upstream) probe(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, u.config.Timeout)
	defer cancel()
	req := &http.Request{Method: http.MethodHead, URL: u.base, Body: http.NoBody}
	if resp, err := u.client.Do(req.WithContext(ctx)); err == nil {
		_ = resp.Body.Close() // a reply to HEAD has no body
	}
}

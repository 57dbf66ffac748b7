package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

// The services that gRPC health checks ask for, beside "" and the service itself.
const (
	liveness  = "liveness"
	readiness = "readiness"
)

// newChecks returns a health service whose liveness no later state changes: what
// makes the gateway not ready, a restart does not heal.
func newChecks() *health.Server {
	checks := health.NewServer() // "" is SERVING
	checks.SetServingStatus(liveness, healthpb.HealthCheckResponse_SERVING)
	return checks
}

// Ready returns nil while the gateway should get calls. Otherwise the error says
// why it should not: no probe has ended yet, the upstream can't be reached, or
// [Gateway.Drain] was called. Its text holds no address and no secret.
func (g *Gateway) Ready() error { return g.health.ready() }

// Drain makes the readiness NOT_SERVING for good. Call it before the server
// stops, so that balancers look elsewhere.
func (g *Gateway) Drain() { g.health.drain() }

// report sets the readiness.
func (g *Gateway) report(ready bool) {
	state := healthpb.HealthCheckResponse_NOT_SERVING
	if ready {
		state = healthpb.HealthCheckResponse_SERVING
	}
	g.checks.SetServingStatus(readiness, state)
	g.checks.SetServingStatus(jverificationv1.VerificationService_ServiceDesc.ServiceName, state)
}

// reachability follows whether calls reach the upstream. One lost call is not
// an outage, and one reply is not its end, so it takes some outcomes in a row to
// change the state. At the start the upstream is not reachable, until the first
// reply.
type reachability struct {
	failuresToDown, successesToUp int
	report                        func(ready bool) // called with mu locked, so in order
	metrics                       *metrics
	log                           *slog.Logger

	mu       sync.Mutex
	up       bool
	draining bool
	failure  string // what the latest call that did not reach the upstream met
	logged   bool   // whether the present state is
	against  int    // outcomes in a row that speak against the present state
	needed   int    // outcomes in a row that change it
	last     time.Time
}

func newReachability(c Config, m *metrics, report func(ready bool)) *reachability {
	report(false)
	return &reachability{
		failuresToDown: c.HealthFailures, successesToUp: c.HealthSuccesses,
		report: report, metrics: m, log: c.Logger, needed: 1,
	}
}

// record takes the outcome of a call: "" where it has reached the upstream, else
// the class of its failure.
func (r *reachability) record(failure string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last = time.Now()
	reached := failure == ""
	if !reached {
		r.failure = failure
	}
	r.against++
	if reached == r.up {
		r.against = 0
	}
	if r.against >= r.needed {
		r.turn(reached)
	}
	if r.logged {
		return
	}
	r.logged = true
	if r.up {
		r.log.Info("the upstream can be reached: serving")
	} else {
		r.log.Error("the upstream can't be reached: not serving", "cause", failure)
	}
}

// turn changes the state.
func (r *reachability) turn(up bool) {
	r.up, r.logged, r.against, r.needed = up, false, 0, r.successesToUp
	gauge := 0.0
	if up {
		r.needed, gauge = r.failuresToDown, 1
	}
	r.metrics.reachable.Set(gauge)
	r.report(up && !r.draining)
}

func (r *reachability) drain() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.draining = true
	r.report(false)
}

func (r *reachability) ready() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.draining:
		return errors.New("the gateway is shutting down")
	case r.up:
		return nil
	case r.failure == "":
		return errors.New("the first probe of the upstream has not ended")
	default:
		return fmt.Errorf("the upstream can't be reached: %s", r.failure)
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

package replicas_test

import (
	"fmt"
	"slices"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// TestReplicasComeAndGo stops and restarts replicas under load. The load checks
// every call, and that no single-use token reached the upstream twice.
func TestReplicasComeAndGo(t *testing.T) {
	t.Parallel()
	const size, rounds = 3, 12
	tests := map[string]struct {
		kills func(round int) bool // the others stop gracefully
		lost  int32                // calls that must be Unavailable, at least
		exact bool
	}{
		"killed":             {func(int) bool { return true }, rounds, false},
		"stopped gracefully": {func(int) bool { return false }, 0, true},
		"both":               {func(round int) bool { return round%2 == 0 }, rounds / 2, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newGateways(t, size, serviceConfig(t))
			l := startLoad(t, f)
			for round := range rounds {
				l.pass(t, 30)
				i := round % size
				if tt.kills(round) {
					f.replicas[i].kill(t, l.ended)
				} else {
					f.replicas[i].stopGracefully(t, l.ended)
				}
				f.restart(t, i)
			}
			for _, r := range f.replicas { // the new ones get calls too
				trap := r.set("")
				await(t, trap.caught, l.ended)
				close(trap.release)
			}
			l.finish(t)
			if lost := l.unavailable.Load(); lost < tt.lost || tt.exact && lost != tt.lost {
				t.Errorf("%d calls were Unavailable, want %d", lost, tt.lost)
			}
		})
	}
}

// TestKilledMidCall kills a replica that waits for the answer of the upstream.
func TestKilledMidCall(t *testing.T) {
	t.Parallel()
	risk := func(*gateways, int32) string { return "13912345679" }
	tests := map[string]struct {
		kind
		status codes.Code
		calls  int // of the upstream
	}{
		"VerifyNumber":        {kind{token: verifyToken, call: verify}, codes.Unavailable, 1},
		"VerifyNumbers":       {kind{token: verifyToken, call: verifyInStream}, codes.Unavailable, 1},
		"ExchangeLoginToken":  {kind{token: loginToken, call: login}, codes.Unavailable, 1},
		"CheckCaptcha":        {kind{token: captcha, call: checkCaptcha}, codes.Unavailable, 1},
		"EnableOneClickLogin": {kind{token: scripted(9200), call: activate}, codes.Unavailable, 1},
		"QueryBusinessRisk":   {kind{token: risk, call: queryRisk}, codes.OK, 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newGateways(t, 2, serviceConfig(t))
			path := ""
			if name == "QueryBusinessRisk" {
				path = riskPath
			}
			// The replica that gets the call is killed, and the other one runs on.
			killed := make(chan struct{})
			for _, r := range f.replicas {
				trap := r.set(path)
				go func() {
					select {
					case <-trap.caught:
						for _, other := range f.replicas {
							if other != r {
								other.upstream.trap.Store(nil)
							}
						}
						r.Server.Stop()
						close(trap.release)
						close(killed)
					case <-t.Context().Done():
					}
				}()
			}
			token := tt.token(f, 1)
			err := tt.call(deadline(t), f.client, token)
			if status.Code(err) != tt.status {
				t.Errorf("error = %v, want %v", err, tt.status)
			}
			<-killed
			if calls := f.simulator.Calls(token); calls != tt.calls {
				t.Errorf("the upstream got it %d times, want %d", calls, tt.calls)
			}
		})
	}
}

// TestRoundRobin checks that each replica gets the same number of calls.
func TestRoundRobin(t *testing.T) {
	t.Parallel()
	f := newGateways(t, 3, serviceConfig(t))
	f.warmUp(t)
	before := f.counts()
	// Round robin begins anew, at any replica, when a replica reports its health.
	const share, unequal = 20, 3
	for range share * len(f.replicas) {
		if err := verify(deadline(t), f.client, f.simulator.IssueToken(phone)); err != nil {
			t.Fatal(err)
		}
	}
	for i, calls := range f.counts() {
		if got := calls - before[i]; got < share-unequal || got > share+unequal {
			t.Errorf("replica %d got %d calls, want about %d", i, got, share)
		}
	}
}

// TestNotServing checks that a replica gets no calls once it is NOT_SERVING.
func TestNotServing(t *testing.T) {
	t.Parallel()
	f := newGateways(t, 3, serviceConfig(t))
	f.warmUp(t)
	f.replicas[0].Drain()
	f.wantUnused(t, 0)
}

// wantUnused makes calls until a replica has had none of many. The client learns a moment
// later that it is NOT_SERVING.
func (f *gateways) wantUnused(t *testing.T, replica int) {
	t.Helper()
	for avoided, last := 0, f.counts()[replica]; avoided < 30; avoided++ {
		if err := verify(deadline(t), f.client, f.simulator.IssueToken(phone)); err != nil {
			t.Fatal(err)
		}
		if now := f.counts()[replica]; now != last {
			avoided, last = 0, now
		}
		if slices.Max(f.counts()) > maxCalls {
			t.Fatal("a replica that is NOT_SERVING still gets calls")
		}
	}
}

// warmUp makes calls until every replica has had one.
func (f *gateways) warmUp(t *testing.T) {
	t.Helper()
	for range maxCalls {
		if err := verify(deadline(t), f.client, f.simulator.IssueToken(phone)); err != nil {
			t.Fatal(err)
		}
		if slices.Min(f.counts()) > 0 {
			return
		}
	}
	t.Fatalf("calls of the replicas: %d", f.counts())
}

func (f *gateways) counts() []int32 {
	var counts []int32
	for _, r := range f.replicas {
		counts = append(counts, r.upstream.calls.Load())
	}
	return counts
}

// TestAllReplicasStopped checks that every call ends when all replicas are gone.
func TestAllReplicasStopped(t *testing.T) {
	t.Parallel()
	f := newGateways(t, 2, serviceConfig(t))
	f.warmUp(t)
	for _, r := range f.replicas {
		r.Server.Stop()
	}
	for _, call := range []kind{{call: verify}, {call: verifyInStream}, {call: login}, {call: checkCaptcha}, {call: activate}, {call: queryRisk}} {
		if err := call.call(deadline(t), f.client, "unused"); status.Code(err) != codes.Unavailable {
			t.Errorf("error = %v, want Unavailable", err)
		}
	}
	if n := f.simulator.Calls("unused"); n != 0 {
		t.Errorf("the upstream got %d calls", n)
	}
}

// TestNegativeAnswersDoNotThrottle checks that answers which forbid their own
// retry do not throttle other retries, and that the pushback overrules the policy.
func TestNegativeAnswersDoNotThrottle(t *testing.T) {
	t.Parallel()
	f := newGateways(t, 1, serviceConfig(t))
	for i := range 200 {
		token := "code-9000"
		if i%5 < 2 {
			token = "code-9001"
		}
		want := jverificationv1.ResponseCode_RESPONSE_CODE_VERIFY_NOT_CONSISTENT
		if err := verify(deadline(t), f.client, token); err != nil && !codetable.Is(err, want) {
			t.Fatal(err)
		}
	}
	for code, calls := range map[int]int{
		2000: 2, // the table allows the same request again
		7101: 1, // UNKNOWN is no status of the policy
		9006: 1, // RESOURCE_EXHAUSTED is, and the pushback forbids it
	} {
		number := fmt.Sprintf("then-success-%d-once", code)
		err := queryRisk(deadline(t), f.client, number)
		if ended := err == nil; ended != (calls == 2) || f.simulator.Calls(number) != calls {
			t.Errorf("%d: %d calls ended in %v, want %d calls", code, f.simulator.Calls(number), err, calls)
		}
	}
}

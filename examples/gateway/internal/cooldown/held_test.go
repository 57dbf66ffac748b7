package cooldown_test

import (
	"errors"
	"io"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/cooldown"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/shared"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

func expectHeld(t *testing.T, cool *cooldown.Cooldown, want int32, when string) {
	t.Helper()
	if got := number(t, cool.Held(t.Context(), appKey)); got != want {
		t.Errorf("%s: held for %d, want %d", when, got, want)
	}
}

// TestHeld looks at a fault from its start to its end. No look is the probe.
func TestHeld(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T) {
		cool := cooldown.New()
		expectHeld(t, cool, 0, "before the fault")
		cool.Learn(t.Context(), appKey, code(9018))
		time.Sleep(hold / 3)
		if left := checkAnswer(t, cool.Held(t.Context(), appKey), 9018); left != hold-hold/3 {
			t.Errorf("%v are left, want %v", left, hold-hold/3)
		}
		time.Sleep(hold)
		expectHeld(t, cool, 0, "when the next call is the probe")
		expect(t, cool, 0, "the probe, which no look has taken away")
		expectHeld(t, cool, 9018, "beside the probe")
	})
}

// TestLift has an operator who does not wait for the probe.
func TestLift(t *testing.T) {
	t.Parallel()
	for _, number := range []int32{9018, 9007} {
		cool := cooldown.New()
		cool.Learn(t.Context(), appKey, code(number))
		if err := cool.Lift(t.Context(), appKey); err != nil {
			t.Error(err)
		}
		expectHeld(t, cool, 0, "lifted")
		if n := admitted(t, cool, 50); n != 50 {
			t.Errorf("%d of 50 calls were let through, want all", n)
		}
		cool.Learn(t.Context(), appKey, code(number))
		expectHeld(t, cool, number, "the fault is still there")
	}
}

// TestLiftIsShared lifts for all gateways, and needs none of them to ask.
func TestLiftIsShared(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	first, second := server.patient(t), server.patient(t)
	first.Learn(t.Context(), appKey, code(9007))
	expectHeld(t, second, 9007, "by the other gateway")
	if err := second.Lift(t.Context(), appKey); err != nil {
		t.Error(err)
	}
	expect(t, first, 0, "lifted by the other gateway")
}

// TestLiftWithoutTheStore lifts what this gateway holds, says that others may hold
// on, and waits for no store.
func TestLiftWithoutTheStore(t *testing.T) {
	t.Parallel()
	hanging := func() error { time.Sleep(time.Hour); return nil }
	for name, fail := range map[string]func() error{"refuses": func() error { return errRefused }, "hangs": hanging} {
		inBubble(t, func(t *testing.T) {
			store := newFaultyStore(fail)
			cool := withStore(store, io.Discard)
			cool.Learn(t.Context(), appKey, code(9007))
			began := time.Now()
			expectHeld(t, cool, 9007, name+": from memory")
			if err := cool.Lift(t.Context(), appKey); err == nil || name == "refuses" && !errors.Is(err, errRefused) {
				t.Errorf("%s: error = %v", name, err)
			}
			expectHeld(t, cool, 0, name+": lifted here")
			if waited := time.Since(began); waited > 3*shared.DefaultTimeout {
				t.Errorf("%s: waited %v", name, waited)
			}
			time.Sleep(2 * time.Hour) // no goroutine outlives the bubble
		})
	}
}

// TestReasons wants those that TestTable finds.
func TestReasons(t *testing.T) {
	t.Parallel()
	var want []string
	for _, number := range []int32{1802, 1803, 1804, 1805, 6005, 9004, 9007, 9010, 9011, 9013, 9014, 9015, 9018, 9019, 9031} {
		spec, _ := codetable.Lookup(jverificationv1.ResponseCode(number))
		want = append(want, spec.Reason())
	}
	if diff := cmp.Diff(want, cooldown.Reasons()); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}
}

package cooldown_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	_ "time/tzdata" // calendar windows need a zone, also where none is installed

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/cooldown"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

const (
	appKey = "7d431e42dfa6a6d693ac2d04"
	hold   = cooldown.OperatorHold
)

func code(number int32, opts ...codetable.ErrorOption) error {
	return codetable.NewError(jverificationv1.ResponseCode(number), opts...)
}

// inBubble runs a test ten minutes into the hour, at 08:10 in Shanghai, with a
// clock of its own.
func inBubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(10 * time.Minute)
		test(t)
	})
}

// number returns the code that a call is answered with, and 0 if it goes on.
func number(t *testing.T, err error) int32 {
	t.Helper()
	if err == nil {
		return 0
	}
	blocked, ok := errors.AsType[*codetable.Error](err)
	if !ok {
		t.Fatalf("Blocked returned %T: %v", err, err)
	}
	return blocked.Number()
}

func expect(t *testing.T, cool *cooldown.Cooldown, want int32, when string) {
	t.Helper()
	if got := number(t, cool.Blocked(t.Context(), appKey)); got != want {
		t.Errorf("%s: a call is answered with %d, want %d", when, got, want)
	}
}

// TestTable goes through the whole table, so that a new code is a decision.
func TestTable(t *testing.T) {
	t.Parallel()
	want := map[int32]time.Duration{
		1802: hold, 1803: hold, 1804: time.Second, 1805: hold,
		6005: 50 * time.Minute, // to 09:00
		9004: hold, 9007: 15*time.Hour + 50*time.Minute,
		9010: hold, 9011: hold, 9013: hold, 9014: hold, 9015: hold,
		9018: hold, 9019: hold, 9031: hold,
	}
	got := map[int32]time.Duration{}
	for c := range codetable.All[jverificationv1.ResponseCode]() {
		inBubble(t, func(t *testing.T) {
			cool := cooldown.New()
			cool.Learn(t.Context(), appKey, fmt.Errorf("ask upstream: %w", codetable.NewError(c)))
			err := cool.Blocked(t.Context(), appKey)
			if number(t, err) == 0 {
				return
			}
			left := checkAnswer(t, err, c)
			got[int32(c)] = left
			time.Sleep(left - time.Nanosecond)
			expect(t, cool, int32(c), "just before the end")
			time.Sleep(time.Nanosecond)
			expect(t, cool, 0, "at the end")
		})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what cools down, and for how long (-want +got):\n%s", diff)
	}
}

// checkAnswer wants the code, the time left and the mark, and returns the time.
func checkAnswer(t *testing.T, err error, c jverificationv1.ResponseCode) time.Duration {
	t.Helper()
	blocked, _ := codetable.FromError(err)
	if !codetable.Is(err, c) || errors.Is(err, codetable.ErrInvalidOption) {
		t.Errorf("%v is answered with %v", c, err)
	}
	want := map[string]string{"code": strconv.Itoa(int(c)), cooldown.Mark: "true"}
	if diff := cmp.Diff(want, blocked.Metadata()); diff != "" {
		t.Errorf("%v: metadata (-want +got):\n%s", c, diff)
	}
	for _, detail := range blocked.Details() {
		if info, ok := detail.(*errdetails.RetryInfo); ok && info.GetRetryDelay().AsDuration() == blocked.Retry().Delay {
			return blocked.Retry().Delay
		}
	}
	t.Errorf("%v: no RetryInfo with %v", c, blocked.Retry().Delay)
	return 0
}

// TestNothingToLearn holds for errors that say nothing of the AppKey.
func TestNothingToLearn(t *testing.T) {
	t.Parallel()
	tests := map[string]error{
		"success":     nil,
		"no code":     errors.New("connection refused"),
		"not listed":  code(4242),
		"own answer":  code(9007, codetable.WithMetadata(cooldown.Mark, "true")),
		"without end": code(1804, codetable.WithRetryAfter(0)),
	}
	for name, err := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cool := cooldown.New()
			cool.Learn(t.Context(), appKey, err)
			expect(t, cool, 0, name)
		})
	}
}

// TestDelayIsBounded has an upstream that asks for a day where the table has a
// second.
func TestDelayIsBounded(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T) {
		cool := cooldown.New()
		cool.Learn(t.Context(), appKey, code(1804, codetable.WithRetryAfter(24*time.Hour)))
		time.Sleep(hold - time.Nanosecond)
		expect(t, cool, 1804, "before the longest time")
		time.Sleep(time.Nanosecond)
		expect(t, cool, 0, "after it")
	})
}

// TestOwnAnswerDoesNotProlong has a caller that learns what Blocked returned.
func TestOwnAnswerDoesNotProlong(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T) {
		cool := cooldown.New()
		cool.Learn(t.Context(), appKey, code(9018))
		time.Sleep(hold / 2)
		cool.Learn(t.Context(), appKey, cool.Blocked(t.Context(), appKey))
		time.Sleep(hold / 2)
		expect(t, cool, 0, "after the time of the first fault")
	})
}

// TestFirstMinuteOfAWindow has an upstream whose clock is behind ours.
func TestFirstMinuteOfAWindow(t *testing.T) {
	t.Parallel()
	tests := []struct {
		code  int32
		after time.Duration // 08:00 in Shanghai, when a bubble begins
	}{
		{6005, time.Hour + time.Second},
		{9007, 16*time.Hour + time.Second},
	}
	for _, tt := range tests {
		t.Run(strconv.Itoa(int(tt.code)), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(tt.after)
				cool := cooldown.New()
				cool.Learn(t.Context(), appKey, code(tt.code))
				expect(t, cool, tt.code, "at once")
				time.Sleep(hold)
				expect(t, cool, 0, "the probe")
				expect(t, cool, tt.code, "beside the probe")
			})
		})
	}
}

// TestProbe asks what the probe after an operator's fault leads to.
func TestProbe(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		outcome error
		next    int32 // what the call after the probe meets
		later   int32 // and another time after
	}{
		"fixed":                {nil, 0, 0},
		"fixed, a negative":    {code(9001), 0, 0},
		"fixed, a spent token": {fmt.Errorf("ask upstream: %w", code(9003)), 0, 0},
		"the same fault":       {code(9018), 9018, 0},
		"another fault":        {code(9011), 9011, 0},
		"a limit":              {code(9007), 9007, 9007},
		"upstream is ill":      {code(9099), 9018, 0},
		"no code":              {context.DeadlineExceeded, 9018, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T) {
				cool := cooldown.New()
				cool.Learn(t.Context(), appKey, code(9018))
				time.Sleep(hold)
				if n := admitted(t, cool, 50); n != 1 {
					t.Fatalf("%d of 50 calls at a time were let through, want one probe", n)
				}
				cool.Learn(t.Context(), appKey, tt.outcome)
				expect(t, cool, tt.next, "after the probe")
				time.Sleep(hold)
				expect(t, cool, tt.later, "another time after")
			})
		})
	}
}

// admitted counts how many of n calls at a time go on.
func admitted(t *testing.T, cool *cooldown.Cooldown, n int) int32 {
	t.Helper()
	var passed atomic.Int32
	finished := make(chan struct{})
	for range n {
		go func() {
			if cool.Blocked(t.Context(), appKey) == nil {
				passed.Add(1)
			}
			finished <- struct{}{}
		}()
	}
	for range n {
		<-finished
	}
	return passed.Load()
}

// TestLateSuccess has a call that was under way when the fault came.
func TestLateSuccess(t *testing.T) {
	t.Parallel()
	for _, number := range []int32{9007, 9018} {
		cool := cooldown.New()
		cool.Learn(t.Context(), appKey, code(number))
		cool.Learn(t.Context(), appKey, nil)
		expect(t, cool, number, "after a success that is no probe")
	}
}

// TestForgotten leaves a fault alone for so long that nobody need probe it.
func TestForgotten(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T) {
		cool := cooldown.New()
		cool.Learn(t.Context(), appKey, code(9018))
		time.Sleep(2 * hold)
		if n := admitted(t, cool, 50); n != 50 {
			t.Errorf("%d of 50 calls were let through, want all", n)
		}
	})
}

// TestMemoryIsBounded asks for more AppKeys than are kept. The ones forgotten
// go on: the upstream will say so again.
func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	cool := cooldown.New()
	const kept, more = 1024, 10
	for i := range kept + more {
		cool.Learn(t.Context(), strconv.Itoa(i), code(9007))
	}
	got := map[bool]int{}
	for i := range kept + more {
		got[cool.Blocked(t.Context(), strconv.Itoa(i)) != nil]++
	}
	if want := map[bool]int{true: kept, false: more}; !maps.Equal(got, want) {
		t.Errorf("blocked: %v, want %v", got, want)
	}
}

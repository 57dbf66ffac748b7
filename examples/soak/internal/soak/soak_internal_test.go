package soak

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/examples/soak/internal/plan"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// TestSoak is a bounded soak, with the same calls in each run.
func TestSoak(t *testing.T) { //nolint:paralleltest // it measures the heap and the goroutines of the process
	report, err := soak(t.Context(), config{seed: 1, calls: 1200, workers: 8, round: time.Hour, progress: t.Output()})
	if err != nil {
		t.Fatal(err)
	}
	show(t, report)
	if !report.OK {
		t.Error("a check failed")
	}
	for name, calls := range report.Calls {
		if calls < 150 {
			t.Errorf("%d calls of the kind %s, want at least 150", calls, name)
		}
	}
	for name, calls := range report.Routes {
		if calls < 150 {
			t.Errorf("%d calls on the route %s, want at least 150", calls, name)
		}
	}
	if c := report.Codes; c.Sent != c.Received+c.Masked+c.Explained || c.Seen != c.Listed || c.Masked == 0 || c.Explained == 0 {
		t.Errorf("codes: %+v, want all listed ones, masked ones and explained ones, whose sum is that of the sent ones", c)
	}
	if report.Resets == 0 || report.Early == 0 || report.Searched == 0 || report.Headers < 1200 {
		t.Errorf("%d resets, %d calls ended early, %d bytes and %d blocks searched: want more", report.Resets, report.Early, report.Searched, report.Headers)
	}
}

// TestSoak_random makes other calls in each run. The log has the seed.
func TestSoak_random(t *testing.T) { //nolint:paralleltest // as TestSoak
	report, err := soak(t.Context(), config{seed: rand.Uint64(), calls: 320, workers: 4, round: time.Hour, progress: t.Output()})
	if err != nil {
		t.Fatal(err)
	}
	show(t, report)
	if !report.OK {
		t.Errorf("a check failed: go run ./soak -seed %d -calls 320 repeats it", report.Seed)
	}
}

func show(t *testing.T, report Report) {
	t.Helper()
	if err := report.print(t.Output(), false); err != nil {
		t.Fatal(err)
	}
}

// TestSoak_faults has a fault in the servers, and sees the checks that find it.
func TestSoak_faults(t *testing.T) { //nolint:paralleltest // as TestSoak
	release := make(chan struct{})
	defer close(release)
	var mu sync.Mutex
	var kept [][]byte
	coded := func(err error) bool { _, ok := codetable.FromError(status.Convert(err).Err()); return ok }
	for name, test := range map[string]struct { //nolint:paralleltest // as TestSoak
		tamper func(error) error
		failed []string
	}{
		"a code is lost": {func(err error) error {
			if coded(err) {
				return status.Error(codes.Code(77), "text")
			}
			return err
		}, []string{"lost codes"}},
		"a code becomes another": {func(err error) error {
			if coded(err) {
				return codetable.NewError(jverificationv1.ResponseCode_RESPONSE_CODE_TOKEN_EXPIRED_OR_NOT_EXIST)
			}
			return err
		}, []string{"lost codes", "wrong codes"}},
		"a failure becomes a success": {func(error) error { return nil }, []string{"lost codes", "failures read as success", "wrong statuses"}},
		"a status becomes another": {func(err error) error {
			if err == nil || coded(err) {
				return err
			}
			return status.Error(codes.Code(77), "text")
		}, []string{"lost codes", "wrong statuses"}}, // the codes are those that a public boundary masks
		"a secret is sent": {func(err error) error {
			return detailed(err, plan.SecretMark)
		}, []string{"leaks of secret texts"}},
		"an operator's reason is sent": {func(err error) error {
			return detailed(err, "APPKEY_NO_MONEY")
		}, []string{"leaks of secret texts"}},
		"a status is oversize": {func(err error) error {
			return detailed(err, string(make([]byte, budget)))
		}, []string{"largest status, bytes"}},
		"a panic": {func(err error) error {
			if err != nil {
				panic("in the interceptors")
			}
			return nil
		}, []string{"lost codes", "wrong statuses", "panics that escaped"}},
		"a goroutine stays": {func(err error) error {
			go func() { <-release }()
			return err
		}, []string{"goroutines at the end"}},
		"memory stays": {func(err error) error {
			mu.Lock()
			defer mu.Unlock()
			kept = append(kept, make([]byte, 64<<10))
			return err
		}, []string{"growth of the heap, bytes"}},
	} {
		t.Run(name, func(t *testing.T) {
			report, err := soak(t.Context(), config{seed: 1, calls: 128, workers: 1, round: time.Hour, progress: t.Output(), tamper: test.tamper})
			if err != nil {
				t.Fatal(err)
			}
			var failed []string
			for _, check := range report.Checks {
				if !check.OK {
					failed = append(failed, check.Name)
				}
			}
			if !slices.Equal(failed, test.failed) || report.OK {
				show(t, report)
				t.Errorf("failed checks: %q, want %q", failed, test.failed)
			}
		})
	}
	mu.Lock()
	defer mu.Unlock()
	if len(kept) == 0 {
		t.Error("no memory was kept")
	}
}

// detailed adds a detail with this text to a status.
func detailed(err error, text string) error {
	if err == nil {
		return nil
	}
	st, detailErr := status.Convert(err).WithDetails(&errdetails.DebugInfo{Detail: text})
	if detailErr != nil {
		return err
	}
	return st.Err()
}

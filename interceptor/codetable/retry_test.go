package codetable_test

import (
	"math"
	"testing"
	"testing/synctest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/durationpb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

func TestRetryOfEachAction(t *testing.T) {
	t.Parallel()
	const runtimeError = responseCode(7101)
	tests := map[string]struct {
		code responseCode
		want codetable.Retry
	}{
		"never":           {notConsistent, codetable.Retry{Action: codetablev1.RetryAction_RETRY_ACTION_NEVER}},
		"same request":    {qpsLimit, codetable.Retry{Action: codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST, Delay: time.Second}},
		"new input":       {runtimeError, codetable.Retry{Action: codetablev1.RetryAction_RETRY_ACTION_NEW_INPUT}},
		"new input later": {tooSoon, codetable.Retry{Action: codetablev1.RetryAction_RETRY_ACTION_NEW_INPUT, Delay: 30 * time.Second}},
		"operator action": {authFailed, codetable.Retry{Action: codetablev1.RetryAction_RETRY_ACTION_OPERATOR_ACTION}},
		"unlisted":        {unlisted, codetable.Retry{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := asError(t, codetable.NewError(tt.code))
			decoded, _ := codetable.FromError(wire(t, err))
			if spec, _ := codetable.Lookup(tt.code); spec.Retry() != tt.want || err.Retry() != tt.want || decoded.Retry() != tt.want {
				t.Errorf("Spec has %v, Error %v, the decoded one %v, want %v", spec.Retry(), err.Retry(), decoded.Retry(), tt.want)
			}
			wantRetryInfo(t, err, tt.want.Delay)
		})
	}
}

// wantRetryInfo demands a RetryInfo with that delay, and no RetryInfo for 0.
func wantRetryInfo(t *testing.T, err *codetable.Error, delay time.Duration) {
	t.Helper()
	got, ok := findDetail[*errdetails.RetryInfo](t, err)
	if ok != (delay > 0) {
		t.Errorf("there is a RetryInfo: %t, want %t", ok, delay > 0)
		return
	}
	want := &errdetails.RetryInfo{RetryDelay: durationpb.New(delay)}
	if diff := gocmp.Diff(want, got, protocmp.Transform()); ok && diff != "" {
		t.Errorf("RetryInfo (-want +got):\n%s", diff)
	}
}

func TestRetryOfReceivedStatus(t *testing.T) {
	t.Parallel()
	code := info(domain, "QPS_LIMIT", withCode("1804"))
	tests := map[string]struct {
		delay *durationpb.Duration
		want  time.Duration
	}{
		"other than the table's": {durationpb.New(time.Minute), time.Minute},
		"negative":               {durationpb.New(-time.Minute), 0},
		"out of range":           {&durationpb.Duration{Seconds: 1 << 62}, 1<<63 - 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err, ok := codetable.FromError(failure(t, code, &errdetails.RetryInfo{RetryDelay: tt.delay}))
			if !ok || err.Retry().Delay != tt.want || err.Retry().Action != codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST {
				t.Errorf("%v, want %v", err.Retry(), tt.want)
			}
		})
	}
}

// The longest delay of a table, an option or a peer stays a delay. It does not
// become negative, and the code is received.
func TestDelayNearTheEndOfTime(t *testing.T) {
	t.Parallel()
	const longest = time.Duration(math.MaxInt64)
	code := testCode()
	code.Retry = sameRequest(&durationpb.Duration{Seconds: 315_576_000_000, Nanos: 999_999_999}) // the longest valid duration of protobuf
	desc := newEnum(t, testTable(), value("TEST_CODE_BUSY", 1, code))
	if err := checkEnum(desc); err != nil {
		t.Fatalf("Check: %v", err)
	}
	spec, _ := codetable.LookupDescriptor(desc, 1)
	peer := func(seconds int64, nanos int32) error {
		return failure(t, info(domain, "QPS_LIMIT", withCode("1804")), &errdetails.RetryInfo{RetryDelay: &durationpb.Duration{Seconds: seconds, Nanos: nanos}})
	}
	tests := map[string]struct {
		err  error
		want time.Duration
	}{
		"table":                 {spec.NewError(), longest},
		"option":                {codetable.NewError(qpsLimit, codetable.WithRetryAfter(longest)), longest},
		"option of a window":    {codetable.NewError(numberLimit, codetable.WithRetryAfter(longest-1)), longest - 1},
		"peer":                  {peer(math.MaxInt64, 0), longest},
		"peer, with nanos":      {peer(math.MaxInt64, math.MaxInt32), longest},
		"peer, just too long":   {peer(math.MaxInt64/int64(time.Second), 999_999_999), longest},
		"peer, back in time":    {peer(math.MinInt64, math.MinInt32), 0},
		"peer, mixed signs":     {peer(1, -1), time.Second - 1},
		"peer, nanos alone":     {peer(0, math.MaxInt32), math.MaxInt32},
		"peer, negative nanos":  {peer(0, math.MinInt32), 0},
		"peer, longest by rule": {peer(315_576_000_000, 999_999_999), longest},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err, ok := codetable.FromError(tt.err)
			if !ok || err.Retry().Delay != tt.want {
				t.Fatalf("delay %v, want %v", err.Retry().Delay, tt.want)
			}
			if err.Remote() {
				return
			}
			sent, _ := findDetail[*errdetails.RetryInfo](t, err)
			if sent.GetRetryDelay().CheckValid() != nil || sent.GetRetryDelay().AsDuration() != tt.want {
				t.Errorf("RetryInfo %v, want %v", sent, tt.want)
			}
		})
	}
}

// A caller handles a call whose outcome is unknown.
func TestConfirmOutcome(t *testing.T) {
	t.Parallel()
	const confirm = codetablev1.RetryAction_RETRY_ACTION_CONFIRM_OUTCOME
	code := testCode()
	code.GrpcCode, code.Retry = new(codetablev1.GrpcCode_GRPC_CODE_DEADLINE_EXCEEDED), confirmOutcome(&durationpb.Duration{Seconds: 30})
	spec, _ := codetable.LookupDescriptor(newEnum(t, testTable(), value("TEST_CODE_LATE_RESPONSE", 1, code)), 1)
	want := codetable.Retry{Action: confirm, Delay: 30 * time.Second}
	err := asError(t, spec.NewError())
	if err.Retry() != want || spec.Retry() != want || want.String() != "CONFIRM_OUTCOME after 30s" {
		t.Errorf("Retry is %v, want %v", err.Retry(), want)
	}
	wantRetryInfo(t, err, 30*time.Second)
}

func TestTakesDelay(t *testing.T) {
	t.Parallel()
	for action, want := range map[codetablev1.RetryAction]bool{retrySame: true, retryWindow: false} {
		if got := (codetable.Retry{Action: action}).TakesDelay(); got != want {
			t.Errorf("%v takes a delay: %t, want %t", action, got, want)
		}
	}
}

const (
	hour = codetablev1.CalendarWindow_CALENDAR_WINDOW_HOUR
	day  = codetablev1.CalendarWindow_CALENDAR_WINDOW_DAY
)

func TestRetryInNextWindow(t *testing.T) {
	t.Parallel()
	const (
		shanghai = "Asia/Shanghai"
		newYork  = "America/New_York"
		saoPaulo = "America/Sao_Paulo"
		cairo    = "Africa/Cairo"
		beirut   = "Asia/Beirut"
		havana   = "America/Havana"
		kolkata  = "Asia/Kolkata"
		apia     = "Pacific/Apia"
	)
	tests := []struct {
		name, zone string
		window     codetablev1.CalendarWindow
		now        string // the instant, with its offset from UTC
		want       time.Duration
	}{
		{"begin of hour", shanghai, hour, "2026-03-01T10:00:00+08:00", time.Hour},
		{"middle of hour", shanghai, hour, "2026-03-01T10:30:15+08:00", 29*time.Minute + 45*time.Second},
		{"end of hour", shanghai, hour, "2026-03-01T10:59:59.999999999+08:00", time.Second},
		{"hour across midnight", shanghai, hour, "2026-12-31T23:50:00+08:00", 10 * time.Minute},
		{"hour of a zone with half hours", kolkata, hour, "2026-03-01T10:20:00Z", 10 * time.Minute},
		{"begin of day", shanghai, day, "2026-03-01T00:00:00+08:00", 24 * time.Hour},
		{"just after midnight", shanghai, day, "2026-03-01T00:00:00.000000001+08:00", 24 * time.Hour},
		{"end of day", shanghai, day, "2026-03-01T23:59:59.5+08:00", time.Second},
		{"day of Shanghai, not of UTC", shanghai, day, "2026-03-01T15:59:00Z", time.Minute},
		{"end of year", shanghai, day, "2026-12-31T23:00:00+08:00", time.Hour},
		{"leap day", shanghai, day, "2028-02-28T12:00:00+08:00", 12 * time.Hour},

		{"short day", newYork, day, "2026-03-08T00:00:00-05:00", 23 * time.Hour},
		{"long day", newYork, day, "2026-11-01T00:00:00-04:00", 25 * time.Hour},
		{"before the lost hour", newYork, hour, "2026-03-08T01:45:00-05:00", 15 * time.Minute},
		{"in the hour that comes twice", newYork, hour, "2026-11-01T01:45:00-04:00", 15 * time.Minute},
		{"in the second such hour", newYork, hour, "2026-11-01T01:45:00-05:00", 15 * time.Minute},

		{"no midnight in Sao Paulo", saoPaulo, day, "2018-11-03T12:00:00-03:00", 12 * time.Hour},
		{"just before the missing midnight", saoPaulo, day, "2018-11-03T23:30:00-03:00", 30 * time.Minute},
		{"day that begins at one", saoPaulo, day, "2018-11-04T01:00:00-02:00", 23 * time.Hour},
		{"last hour of the day twice", saoPaulo, day, "2018-02-17T23:30:00-02:00", 90 * time.Minute},
		{"no midnight in Cairo", cairo, day, "2026-04-23T23:00:00+02:00", time.Hour},
		{"no midnight in Beirut", beirut, day, "2026-03-28T22:00:00+02:00", 2 * time.Hour},
		{"midnight twice in Havana", havana, day, "2026-10-31T22:00:00-04:00", 2 * time.Hour},
		{"date that was left out", apia, day, "2011-12-29T10:00:00-10:00", 14 * time.Hour},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			table, code := testTable(), testCode()
			table.TimeZone, code.Retry = tt.zone, nextWindow(tt.window)
			spec, _ := codetable.LookupDescriptor(newEnum(t, table, value("TEST_CODE_BUSY", 1, code)), 1)
			err := asError(t, spec.NewError())
			synctest.Test(t, func(t *testing.T) {
				now, parseErr := time.Parse(time.RFC3339, tt.now)
				if parseErr != nil {
					t.Fatal(parseErr)
				}
				time.Sleep(time.Until(now))
				if got := err.Retry(); got.Delay != tt.want || got.Window != tt.window {
					t.Errorf("at %s in %s: %v, want %v", tt.now, tt.zone, got, tt.want)
				}
				wantRetryInfo(t, err, tt.want)
			})
		})
	}
}

// The time left is computed when the error is sent, not when it is made.
func TestWindowIsComputedWhenSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		// The synctest bubble begins at 2000-01-01T00:00Z, 08:00 in Shanghai.
		err := asError(t, codetable.NewError(numberLimit, codetable.WithMetadata("id", "1")))
		wantRetryInfo(t, err, 16*time.Hour)
		decoded, _ := codetable.FromError(wire(t, err))
		time.Sleep(15*time.Hour + 59*time.Minute)
		wantRetryInfo(t, err, time.Minute)
		time.Sleep(time.Minute)
		wantRetryInfo(t, err, 24*time.Hour)
		if got := decoded.Retry().Delay; got != 16*time.Hour {
			t.Errorf("delay of the decoded error is %v, want what was sent: 16h", got)
		}
	})
}

func TestHourWindowOfTheTable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(40 * time.Minute)
		err := asError(t, codetable.NewError(hourLimit))
		wantRetryInfo(t, err, 20*time.Minute)
		if got, want := err.Retry().String(), "NEXT_WINDOW after 20m0s"; got != want {
			t.Errorf("Retry is %q, want %q", got, want)
		}
	})
}

// Without its time zone the time left can't be computed. No delay is sent.
func TestWindowWithoutZone(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"", "Mars/Olympus"} {
		table, code := testTable(), testCode()
		table.TimeZone, code.Retry = zone, nextWindow(day)
		spec, _ := codetable.LookupDescriptor(newEnum(t, table, value("TEST_CODE_BUSY", 1, code)), 1)
		err := asError(t, spec.NewError())
		if got := err.Retry().Delay; got != 0 {
			t.Errorf("zone %q: delay %v, want none", zone, got)
		}
		wantRetryInfo(t, err, 0)
	}
}

func TestUnknownWindowHasNoDelay(t *testing.T) {
	t.Parallel()
	code := testCode()
	code.Retry = nextWindow(99)
	spec, _ := codetable.LookupDescriptor(newEnum(t, testTable(), value("TEST_CODE_BUSY", 1, code)), 1)
	if got := asError(t, spec.NewError()).Retry().Delay; got != 0 {
		t.Errorf("delay %v, want none", got)
	}
}

func TestDayBeginsAtTheFirstMidnight(t *testing.T) {
	t.Parallel()
	table, code := testTable(), testCode()
	table.TimeZone, code.Retry = "Asia/Amman", nextWindow(day)
	spec, _ := codetable.LookupDescriptor(newEnum(t, table, value("TEST_CODE_BUSY", 1, code)), 1)
	err := asError(t, spec.NewError())
	synctest.Test(t, func(t *testing.T) {
		// At 01:00 on 2021-10-29 the clocks went back to 00:00.
		time.Sleep(time.Until(time.Date(2021, 10, 28, 20, 0, 0, 0, time.UTC)))
		if got := err.Retry().Delay; got != time.Hour {
			t.Errorf("delay %v, want 1h", got)
		}
	})
}

package rest_test

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/rest"
)

const day = 24 * time.Hour

func TestRetryAfterInSeconds(t *testing.T) {
	t.Parallel()
	const ofTable = time.Second // the delay of QPS_LIMIT
	for header, want := range map[string]time.Duration{
		"7":                              7 * time.Second,
		"007":                            7 * time.Second,
		"86400":                          day,
		"86401":                          day,
		"9223372036854775807":            day,
		"18446744073709551616":           day,
		"999999999999999999999999999999": day,
		"0":                              ofTable,
		"":                               ofTable,
		"-7":                             ofTable,
		"+7":                             ofTable,
		"1.5":                            ofTable,
		"7s":                             ofTable,
		"1e3":                            ofTable,
		"soon":                           ofTable,
	} {
		t.Run(header, func(t *testing.T) {
			t.Parallel()
			err := call(t, answer(http.StatusTooManyRequests, `{"code":1804}`, "Retry-After", header), nil)
			if got := codedOf(t, err).Retry(); got.Delay != want || got.Action != codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST {
				t.Errorf("retry = %v; want SAME_REQUEST after %v", got, want)
			}
			if got, ok := retryInfoOf(statusOf(t, err)); !ok || got != want {
				t.Errorf("RetryInfo = %v, %t; want %v", got, ok, want)
			}
			wantInfo := want
			if want == ofTable {
				wantInfo = 0
			}
			err = call(t, answer(http.StatusServiceUnavailable, `<html>`, "Retry-After", header), nil)
			if got, ok := retryInfoOf(statusOf(t, err)); ok != (wantInfo > 0) || got != wantInfo {
				t.Errorf("without a code: RetryInfo = %v, %t; want %v", got, ok, wantInfo)
			}
		})
	}
}

// A date counts from the time at which the reply is read, in whole seconds.
func TestRetryAfterAsDate(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		date func(now time.Time) string
		want time.Duration // 0: no delay
	}{
		{"soon", func(now time.Time) string { return now.Add(90 * time.Second).Format(http.TimeFormat) }, 90 * time.Second},
		{"RFC 850", func(now time.Time) string { return now.Add(90 * time.Second).Format(time.RFC850) }, 90 * time.Second},
		{"asctime", func(now time.Time) string { return now.Add(90 * time.Second).Format(time.ANSIC) }, 90 * time.Second},
		{"now", func(now time.Time) string { return now.Format(http.TimeFormat) }, 0},
		{"past", func(now time.Time) string { return now.Add(-time.Hour).Format(http.TimeFormat) }, 0},
		{"a day", func(now time.Time) string { return now.Add(day).Format(http.TimeFormat) }, day},
		{"two days", func(now time.Time) string { return now.Add(2 * day).Format(http.TimeFormat) }, day},
		{"the year 9999", func(time.Time) string { return "Fri, 31 Dec 9999 23:59:59 GMT" }, day},
		{"the year 1", func(time.Time) string { return "Mon, 01 Jan 0001 00:00:00 GMT" }, 0},
		{"RFC 3339", func(now time.Time) string { return now.Add(time.Hour).Format(time.RFC3339) }, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				header := tt.date(time.Now().UTC())
				time.Sleep(300 * time.Millisecond) // the reply is slow
				err := rest.Do[Code](canned(503, []byte(`<html>`), "Retry-After", header), newRequest(t, "http://upstream.test"), nil)
				if got, ok := retryInfoOf(statusOf(t, err)); ok != (tt.want > 0) || got != tt.want {
					t.Errorf("RetryInfo = %v, %t; want %v", got, ok, tt.want)
				}
				err = rest.Do[Code](canned(429, []byte(`{"code":9005}`), "Retry-After", header), newRequest(t, "http://upstream.test"), nil)
				want := tt.want
				if want == 0 {
					want = 30 * time.Second // the delay of the table
				}
				if got := codedOf(t, err).Retry(); got.Delay != want {
					t.Errorf("retry = %v; want a delay of %v", got, want)
				}
			})
		})
	}
}

// Retry-After does not allow a retry. It is used only for codes whose action
// takes a delay.
func TestRetryAfterChangesNoAction(t *testing.T) {
	t.Parallel()
	for code, spec := range codetable.All[Code]() {
		if spec.Fault() == codetablev1.Fault_FAULT_UNSPECIFIED {
			continue // a success
		}
		t.Run(spec.Reason(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client := canned(429, fmt.Appendf(nil, `{"code":%d}`, code), "Retry-After", "77")
				err := rest.Do[Code](client, newRequest(t, "http://upstream.test"), nil)
				got, want := codedOf(t, err).Retry(), codedOf(t, codetable.NewError(code)).Retry()
				switch want.Action {
				case codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST, codetablev1.RetryAction_RETRY_ACTION_NEW_INPUT:
					want.Delay = 77 * time.Second
				default:
				}
				if got != want {
					t.Errorf("retry = %v; want %v", got, want)
				}
			})
		})
	}
	err := call(t, answer(429, `{"code":424242}`, "Retry-After", "77"), nil)
	if got := codedOf(t, err).Retry(); got != (codetable.Retry{}) {
		t.Errorf("retry of a code that the table does not list = %v; want none", got)
	}
}

func TestRetryAfterWithoutCode(t *testing.T) {
	t.Parallel()
	for _, httpStatus := range []int{200, 429, 500, 503} {
		err := call(t, answer(httpStatus, "", "Retry-After", "5"), nil)
		if got, ok := retryInfoOf(statusOf(t, err)); !ok || got != 5*time.Second {
			t.Errorf("HTTP %d: RetryInfo = %v, %t; want 5s", httpStatus, got, ok)
		}
	}
}

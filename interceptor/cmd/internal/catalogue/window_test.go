package catalogue_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/catalogue"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// The clock of the bubble starts at 2000-01-01T00:00:00Z, 8:00 in Shanghai.
func TestAdviceNow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		zone, err := time.LoadLocation("Asia/Shanghai")
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(30*time.Minute + time.Millisecond)
		for code, want := range map[jverificationv1.ResponseCode]string{
			jverificationv1.ResponseCode_RESPONSE_CODE_BEYOND_HOUR_FREQUENCY_LIMIT:   "wait until the next hour begins in Asia/Shanghai: at 2000-01-01T09:00:00+08:00, in 30m0s",
			jverificationv1.ResponseCode_RESPONSE_CODE_NUMBER_FREQUENCY_BEYOND_LIMIT: "wait until the next day begins in Asia/Shanghai: at 2000-01-02T00:00:00+08:00, in 15h30m0s",
			jverificationv1.ResponseCode_RESPONSE_CODE_QPS_LIMIT:                     "send the same request again after 1 second",
			jverificationv1.ResponseCode_RESPONSE_CODE_SUCCESS:                       "never",
		} {
			spec, _ := codetable.Lookup(code)
			advice, next := catalogue.AdviceNow(spec, spec.Retry(), zone)
			if advice != want || !strings.Contains(advice, next) || (next != "") != strings.Contains(want, " at ") {
				t.Errorf("%s: %q, %q, want %q", spec, advice, next, want)
			}
			if _, next := catalogue.AdviceNow(spec, spec.Retry(), nil); next != "" {
				t.Errorf("%s without a time zone: %q", spec, next)
			}
		}
	})
}

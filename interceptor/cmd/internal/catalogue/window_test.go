package catalogue_test

import (
	"testing"
	"testing/synctest"
	"time"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/catalogue"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// The clock of the bubble starts at 2000-01-01T00:00:00Z, 8:00 in Shanghai.
func TestNextWindow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		zone, err := time.LoadLocation("Asia/Shanghai")
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(30*time.Minute + time.Millisecond)
		for code, want := range map[jverificationv1.ResponseCode]string{
			jverificationv1.ResponseCode_RESPONSE_CODE_BEYOND_HOUR_FREQUENCY_LIMIT:   "2000-01-01T09:00:00+08:00 in 30m0s",
			jverificationv1.ResponseCode_RESPONSE_CODE_NUMBER_FREQUENCY_BEYOND_LIMIT: "2000-01-02T00:00:00+08:00 in 15h30m0s",
			jverificationv1.ResponseCode_RESPONSE_CODE_QPS_LIMIT:                     " in 0s",
			jverificationv1.ResponseCode_RESPONSE_CODE_SUCCESS:                       " in 0s",
		} {
			spec, _ := codetable.Lookup(code)
			at, left := catalogue.NextWindow(spec, zone)
			if got := at + " in " + left.String(); got != want {
				t.Errorf("%s: %q, want %q", spec, got, want)
			}
			if at, _ := catalogue.NextWindow(spec, nil); at != "" {
				t.Errorf("%s without a time zone: %q", spec, at)
			}
		}
	})
}

package main

import (
	"fmt"
	"math"
	"time"

	"google.golang.org/grpc/codes"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// windowLeft replaces the time left until a calendar window, so that the file
// does not depend on the date.
const windowLeft = 90 * time.Minute

const (
	invalidParameters = jverificationv1.ResponseCode_RESPONSE_CODE_INVALID_PARAMETERS
	qpsLimit          = jverificationv1.ResponseCode_RESPONSE_CODE_QPS_LIMIT
	tooManyToday      = jverificationv1.ResponseCode_RESPONSE_CODE_BEYOND_DAILY_FREQUENCY_LIMIT
	tokenExpired      = jverificationv1.ResponseCode_RESPONSE_CODE_TOKEN_EXPIRED_OR_NOT_EXIST
	tooSoon           = jverificationv1.ResponseCode_RESPONSE_CODE_VERIFY_INTERVAL_BELOW_MINIMUM
)

// codeCases returns each code as a server sends it, and a few codes that the
// table does not list.
func codeCases() []vectorCase {
	var cases []vectorCase
	for code, spec := range codetable.All[jverificationv1.ResponseCode]() {
		if spec.GRPCCode() != codes.OK {
			cases = append(cases, sentCase(fmt.Sprintf("code %d", code), given(code), contentOf(code)))
		}
	}
	for _, number := range []jverificationv1.ResponseCode{424242, 1, -7, -9001, math.MinInt32, math.MaxInt32} {
		cases = append(cases, sentCase(fmt.Sprintf("code %d, not listed", number), given(number), contentOf(number)))
	}
	return cases
}

// given returns an error with a code and the options of a server by default. The
// time left until a calendar window is given.
func given(code jverificationv1.ResponseCode) Send {
	s := Send{Code: new(int32(code)), Metadata: map[string]string{}, Budget: defaultBudget, RequestID: requestID}
	if isWindowed(code) {
		s.RetryAfterMS = new(windowLeft.Milliseconds())
	}
	return s
}

func isWindowed(code jverificationv1.ResponseCode) bool {
	spec, _ := codetable.Lookup(code)
	return spec.Retry().Window != codetablev1.CalendarWindow_CALENDAR_WINDOW_UNSPECIFIED
}

// sentCase is a code that is sent. A delay that is given replaces the delay of
// the table.
func sentCase(name string, s Send, c content) vectorCase {
	if s.RetryAfterMS != nil && *s.RetryAfterMS >= 0 {
		c.delay = new(time.Duration(*s.RetryAfterMS) * time.Millisecond)
	}
	return vectorCase{name: name, status: c.status(), reading: c.reading(), send: &s, pushback: c.pushback()}
}

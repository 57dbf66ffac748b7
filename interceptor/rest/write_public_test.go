package rest_test

import (
	"fmt"
	"net/http/httptest"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/rest"
)

var requestID = regexp.MustCompile(`"requestId":"[A-Z2-7]{26}"`)

// For codes of the operator an HTTP caller sees only the kind of mask and an
// id. The other codes are sent as without a boundary.
func TestWriteErrorAtPublicBoundary(t *testing.T) {
	t.Parallel()
	public := rest.WithTranslator(interceptor.NewTranslator(interceptor.WithPublicBoundary()))
	for _, opts := range [][]rest.WriteOption{{public}, {public, rest.WithErrorEnvelope()}} {
		for _, language := range []string{"", "zh-CN"} {
			synctest.Test(t, func(t *testing.T) {
				classes, masked := map[string]string{}, 0
				for code, spec := range codetable.All[Code]() {
					err := codetable.NewError(code, codetable.WithMetadata("exId", "e-1"))
					if err == nil {
						continue
					}
					w := write(fmt.Errorf("private: %w", err), language, opts...)
					if spec.Fault() != codetablev1.Fault_FAULT_OPERATOR {
						open := write(err, language, opts[1:]...)
						if w.Code != open.Code || w.Body.String() != open.Body.String() || !reflect.DeepEqual(w.Header(), open.Header()) {
							t.Errorf("%v: %s\nwithout a boundary: %s", spec, w.Body, open.Body)
						}
						continue
					}
					masked++
					checkMask(t, classes, spec, w)
				}
				if len(classes) != 4 || masked != 21 {
					t.Errorf("%d codes are masked in %d classes of time; want 21 in 4: moment, hour, day, and none", masked, len(classes))
				}
			})
		}
	}
}

// checkMask demands that the masks of one kind are equal byte for byte except
// for the id, and contain nothing of the code.
func checkMask(t *testing.T, classes map[string]string, spec codetable.Spec, w *httptest.ResponseRecorder) {
	t.Helper()
	class, wantHTTP := "none", 500
	switch retry := spec.Retry(); retry.Action {
	case codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST, codetablev1.RetryAction_RETRY_ACTION_NEXT_WINDOW:
		class, wantHTTP = fmt.Sprint(retry.Delay, retry.Window), 503
	default:
	}
	shown := fmt.Sprint(w.Code, w.Header(), requestID.ReplaceAllString(w.Body.String(), "id"))
	if other, ok := classes[class]; ok && other != shown {
		t.Errorf("%v: %s\nanother of the class %s: %s", spec, shown, class, other)
	}
	classes[class] = shown
	if w.Code != wantHTTP || len(requestID.FindAllString(w.Body.String(), -1)) != 1 {
		t.Errorf("%v: HTTP %d %s; want %d and one id", spec, w.Code, w.Body, wantHTTP)
	}
	for _, secret := range []string{spec.Reason(), strconv.Itoa(int(spec.Number())), spec.Domain(), spec.Notes(), "exId", "private", "ErrorInfo"} {
		if strings.Contains(shown, secret) {
			t.Errorf("%v: %s shows %q", spec, shown, secret)
		}
	}
}

// The public must not see the reply of an upstream without a code.
func TestUpstreamWithoutCodeAtPublicBoundary(t *testing.T) {
	t.Parallel()
	public := rest.WithTranslator(interceptor.NewTranslator(interceptor.WithPublicBoundary()))
	for httpStatus, want := range map[int]int{401: 500, 403: 500, 404: 500, 429: 503, 503: 503, 200: 500} {
		err := call(t, answer(httpStatus, "", "Retry-After", "5"), nil)
		w := write(err, "", public)
		if w.Code != want || strings.Contains(w.Body.String(), "upstream") || strings.Contains(w.Body.String(), "HTTP") {
			t.Errorf("HTTP %d of the upstream: %d %s; want %d and no word of an upstream", httpStatus, w.Code, w.Body, want)
		}
	}
}

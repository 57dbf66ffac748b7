package connectcodetable_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"

	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/connectcodetable"
)

// A public boundary masks exactly the codes that the server of grpc-go masks.
func TestPublicBoundary(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, _ string, call func(context.Context, string, ...connect.ClientOption) error) {
		var answer error
		url := serve(t, intercept(&service{answer: func(context.Context) error { return answer }}, interceptor.WithPublicBoundary()))
		masked := 0
		for code, failure := range failures() {
			if failure == nil {
				continue
			}
			answer = failure
			err := call(t.Context(), url, decoding())
			event := translated(t, failure, interceptor.WithPublicBoundary())
			got, coded := codetable.CodeOf[responseCode](err)
			mask, hidden := codetable.Masked(err)
			if coded == event.Masked || hidden != event.Masked || coded && got != code {
				t.Errorf("%v: got %v", code, err)
			}
			if !hidden {
				continue
			}
			masked++
			want, _ := codetable.Masked(event.Status.Err())
			if mask.Retry() != want.Retry() || len(mask.RequestID()) != 26 || codetable.RequestID(err) != mask.RequestID() || connect.CodeOf(err) != connect.Code(event.Status.Code()) {
				t.Errorf("%v: got the mask %+v of %v, want %+v", code, mask, err, want)
			}
		}
		if masked < 6 { // those that are not listed
			t.Errorf("%d codes were masked", masked)
		}
	})
}

// A public boundary masks what another server sent, with and without the
// interceptor of the client.
func TestPublicBoundaryMasksReceivedErrors(t *testing.T) {
	t.Parallel()
	upstream := serve(t, answering(connect.NewError(connect.CodeNotFound, errSecret)).handler())
	operator := serve(t, intercept(answering(codetable.NewError(insufficientBalance))))
	each(t, func(t *testing.T, _ string, call func(context.Context, string, ...connect.ClientOption) error) {
		for _, url := range []string{upstream, operator} {
			for name, opts := range map[string][]connect.ClientOption{"plain": nil, "decoding": {decoding()}} {
				for _, wrap := range []func(error) error{
					func(err error) error { return err },
					func(err error) error { return fmt.Errorf("ask: %w", err) },
					func(err error) error { return connect.NewError(connect.CodeNotFound, err) },
					func(err error) error { return errors.Join(codetable.NewError(invalidParameters), err) },
				} {
					handler := &service{answer: func(ctx context.Context) error { return wrap(call(ctx, url, opts...)) }}
					err := call(t.Context(), serve(t, intercept(handler, interceptor.WithPublicBoundary())), decoding())
					if _, masked := codetable.Masked(err); !masked || connect.CodeOf(err) != connect.CodeInternal || strings.Contains(err.Error(), "secret") {
						t.Errorf("%s: got %v, want a mask", name, err)
					}
				}
			}
		}
	})
}

// A status of the handler keeps its code. If it stands for a bug of the server,
// text, details and metadata are removed.
func TestPublicBoundaryAndHandlerStatuses(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, _ string, call func(context.Context, string, ...connect.ClientOption) error) {
		var answer error
		url := serve(t, intercept(&service{answer: func(context.Context) error { return answer }}, interceptor.WithPublicBoundary()))
		for code := connect.CodeCanceled; code <= connect.CodeUnauthenticated; code++ {
			answer = ownError(code, errSecret)
			err := call(t.Context(), url)
			got, ok := errors.AsType[*connect.Error](err)
			if !ok || got.Code() != code {
				t.Errorf("%v: got %v", code, err)
				continue
			}
			event := translated(t, statusError(answer), interceptor.WithPublicBoundary())
			kept := got.Message() == secretText && got.Meta().Get("Quota-Left") == "0"
			gone := got.Message() != secretText && got.Meta().Get("Quota-Left") == ""
			if kept == event.Masked || gone != event.Masked {
				t.Errorf("%v: sent %v with %v", code, err, got.Meta())
			}
		}
	})
}

// statusError is the gRPC error of an error of Connect.
func statusError(err error) error {
	st, _ := connectcodetable.StatusOf(err)
	return st.Err()
}

// If a chain has two interceptors, the inner one decides, and the outer one
// masks.
func TestTwoInterceptors(t *testing.T) {
	t.Parallel()
	public := []interceptor.ServerOption{interceptor.WithPublicBoundary()}
	tests := map[string]struct {
		err          error
		outer, inner []interceptor.ServerOption
		code         connect.Code
		masked       bool
		observed     [2]int
		pushback     string
		retryAfter   string
	}{
		"a code":           {err: codetable.NewError(qpsLimit), code: connect.CodeResourceExhausted, observed: [2]int{0, 1}, pushback: "1000", retryAfter: "1"},
		"outer public":     {err: codetable.NewError(insufficientBalance), outer: public, code: connect.CodeInternal, masked: true, observed: [2]int{1, 1}, pushback: "-1"},
		"outer, a window":  {err: codetable.NewError(qpsLimit), outer: public, code: connect.CodeUnavailable, masked: true, observed: [2]int{1, 1}, pushback: "1000", retryAfter: "1"},
		"outer, a delay":   {err: codetable.NewError(insufficientBalance, codetable.WithRetryAfter(5*time.Second)), outer: public, code: connect.CodeInternal, masked: true, observed: [2]int{1, 1}, pushback: "-1"},
		"inner public":     {err: codetable.NewError(insufficientBalance), inner: public, code: connect.CodeInternal, masked: true, observed: [2]int{0, 1}, pushback: "-1"},
		"both public":      {err: codetable.NewError(insufficientBalance), outer: public, inner: public, code: connect.CodeInternal, masked: true, observed: [2]int{0, 1}, pushback: "-1"},
		"bare":             {err: errSecret, code: connect.CodeInternal, masked: true, observed: [2]int{0, 1}, pushback: "-1"},
		"of Connect":       {err: ownError(connect.CodeNotFound, nil), code: connect.CodeNotFound, observed: [2]int{0, 1}, pushback: "-1"},
		"without pushback": {err: codetable.NewError(qpsLimit), inner: []interceptor.ServerOption{interceptor.WithoutRetryPushback()}, code: connect.CodeResourceExhausted, observed: [2]int{0, 1}, pushback: "1000", retryAfter: "1"},
	}
	each(t, func(t *testing.T, protocol string, call func(context.Context, string, ...connect.ClientOption) error) {
		for name, test := range tests {
			var observed [2]int
			count := func(i int) interceptor.ServerOption {
				return interceptor.WithObserver(func(context.Context, interceptor.Event) { observed[i]++ })
			}
			url := serve(t, answering(test.err).handler(connect.WithInterceptors(
				connectcodetable.NewInterceptor(append(test.outer, count(0))...),
				connectcodetable.NewInterceptor(append(test.inner, count(1))...),
			)))
			err := call(t.Context(), url, decoding())
			if _, masked := codetable.Masked(err); connect.CodeOf(err) != test.code || masked != test.masked || observed != test.observed {
				t.Errorf("%s: got %v, observed %v", name, err, observed)
			}
			checkAdvice(t, name, protocol, err, test.pushback, test.retryAfter)
		}
	})
}

// checkAdvice checks the metadata with the retry advice, of which each protocol
// has its own.
func checkAdvice(t *testing.T, name, protocol string, err error, pushback, retryAfter string) {
	t.Helper()
	got, ok := errors.AsType[*connect.Error](err)
	if !ok {
		t.Errorf("%s: got %v", name, err)
		return
	}
	if protocol == connect.ProtocolConnect {
		pushback = ""
	} else {
		retryAfter = ""
	}
	if values := got.Meta().Values("Grpc-Retry-Pushback-Ms"); strings.Join(values, ",") != pushback {
		t.Errorf("%s: the pushback is %q, want %q", name, values, pushback)
	}
	if values := got.Meta().Values("Retry-After"); strings.Join(values, ",") != retryAfter {
		t.Errorf("%s: Retry-After is %q, want %q", name, values, retryAfter)
	}
}

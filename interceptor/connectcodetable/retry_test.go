package connectcodetable_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"connectrpc.com/connect"

	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/connectcodetable"
)

// inProcess is an HTTP client that calls a handler without a connection, so that
// the time of a synctest bubble can pass.
type inProcess struct{ http.Handler }

func (h inProcess) Do(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	r.RequestURI = r.URL.RequestURI()
	h.ServeHTTP(w, r)
	return w.Result(), nil
}

func TestRetry(t *testing.T) {
	t.Parallel()
	const calls = 3
	public := interceptor.WithPublicBoundary()
	again := func(delay time.Duration) error { return codetable.NewError(qpsLimit, codetable.WithRetryAfter(delay)) }
	tests := map[string]struct {
		errs     []error // of the first calls
		opts     []interceptor.ServerOption
		deadline time.Duration
		plain    bool // the client has no other interceptor
		calls    int
		elapsed  time.Duration
		fails    bool
	}{
		"success":                {calls: 1},
		"once":                   {errs: []error{again(2 * time.Second)}, calls: 2, elapsed: 2 * time.Second},
		"plain client":           {errs: []error{again(2 * time.Second)}, plain: true, calls: 2, elapsed: 2 * time.Second},
		"the delay of a mask":    {errs: []error{again(2 * time.Second)}, opts: []interceptor.ServerOption{public}, calls: 2, elapsed: 2 * time.Second},
		"at once":                {errs: []error{again(0)}, calls: 2},
		"each its own delay":     {errs: []error{again(time.Second), again(time.Minute)}, calls: 3, elapsed: 61 * time.Second},
		"too often":              {errs: []error{again(time.Second), again(time.Second), again(time.Second)}, calls: 3, elapsed: 2 * time.Second, fails: true},
		"too long":               {errs: []error{again(time.Minute + 1)}, calls: 1, fails: true},
		"before the deadline":    {errs: []error{again(time.Second)}, deadline: 3 * time.Second, calls: 2, elapsed: time.Second},
		"after the deadline":     {errs: []error{again(4 * time.Second)}, deadline: 3 * time.Second, calls: 1, fails: true},
		"new input":              {errs: []error{codetable.NewError(tokenExpired)}, calls: 1, fails: true},
		"operator":               {errs: []error{codetable.NewError(insufficientBalance)}, opts: []interceptor.ServerOption{public}, calls: 1, fails: true},
		"unavailable":            {errs: []error{connect.NewError(connect.CodeUnavailable, errSecret)}, calls: 1, fails: true},
		"unavailable, RetryInfo": {errs: []error{withRetryInfo(time.Second)}, calls: 1, fails: true},
		"not of Connect":         {errs: []error{errSecret}, calls: 1, fails: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				seen := 0
				handler := intercept(&service{answer: func(context.Context) error {
					if seen++; seen <= len(test.errs) {
						return test.errs[seen-1]
					}
					return nil
				}}, test.opts...)
				interceptors := []connect.Interceptor{connectcodetable.NewRetryInterceptor(calls)}
				if !test.plain {
					interceptors = append(interceptors, connectcodetable.NewInterceptor())
				}
				ctx := t.Context()
				if test.deadline > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, test.deadline)
					defer cancel()
				}
				start := time.Now()
				client := connect.NewClient[input, output](inProcess{handler}, "http://127.0.0.1"+unaryPath, connect.WithInterceptors(interceptors...))
				_, err := client.CallUnary(ctx, connect.NewRequest(&input{}))
				if (err != nil) != test.fails || seen != test.calls || time.Since(start) != test.elapsed {
					t.Errorf("%d calls in %v ended in %v", seen, time.Since(start), err)
				}
			})
		})
	}
}

// The last error is returned if the caller gives up.
func TestRetryIsCanceled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		seen := 0
		handler := intercept(&service{answer: func(context.Context) error {
			seen++
			time.AfterFunc(time.Second, cancel)
			return codetable.NewError(qpsLimit, codetable.WithRetryAfter(time.Minute))
		}})
		client := connect.NewClient[input, output](inProcess{handler}, "http://127.0.0.1"+unaryPath, connect.WithInterceptors(connectcodetable.NewRetryInterceptor(3)))
		start := time.Now()
		_, err := client.CallUnary(ctx, connect.NewRequest(&input{}))
		if code, _ := connectcodetable.CodeOf[responseCode](err); code != qpsLimit || seen != 1 || time.Since(start) != time.Second {
			t.Errorf("%d calls in %v ended in %v", seen, time.Since(start), err)
		}
	})
}

// The interceptor does not repeat streams, and does nothing on a server.
func TestRetryIsForUnaryClients(t *testing.T) {
	t.Parallel()
	retry := connectcodetable.NewRetryInterceptor(3)
	for protocol, option := range protocols {
		for kind, call := range kinds {
			seen := 0
			s := &service{answer: func(context.Context) error {
				seen++
				return codetable.NewError(qpsLimit, codetable.WithRetryAfter(0))
			}}
			url := serve(t, s.handler(connect.WithInterceptors(retry, connectcodetable.NewInterceptor())))
			err := call(t.Context(), httpClient(t), url, option, connect.WithInterceptors(retry))
			want := 1
			if kind == "unary" {
				want = 3
			}
			if _, ok := errors.AsType[*connect.Error](err); !ok || seen != want {
				t.Errorf("%s, %s: %d calls ended in %v", protocol, kind, seen, err)
			}
		}
	}
}

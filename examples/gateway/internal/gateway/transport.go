package gateway

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
)

// errSlow is why a call ends at the timeout of the gateway, and not at that of
// its caller.
var errSlow = fmt.Errorf("the upstream took too long: %w", context.DeadlineExceeded)

// newTransport keeps as many idle connections as calls may run at a time: the
// default of two for a host would open a connection for nearly every call.
func newTransport(authorities *x509.CertPool, calls int) *http.Transport {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConns = 0
	transport.MaxIdleConnsPerHost = calls
	transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: authorities}
	return transport
}

func newClient(transport http.RoundTripper, outcome func(reached bool)) *http.Client {
	return &http.Client{
		Transport: markedTransport{transport, outcome},
		// A redirect would send a single-use token twice, or the secret elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// markedTransport tells the failures of the transport, which say nothing of
// the call, from all others, and reports which calls reached the upstream.
type markedTransport struct {
	http.RoundTripper

	outcome func(reached bool)
}

type transportError struct{ error }

func (e *transportError) Unwrap() error { return e.error }

// RoundTrip implements [http.RoundTripper].
func (t markedTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.RoundTripper.RoundTrip(req)
	if err != nil {
		if !givenUp(req.Context()) {
			t.outcome(false)
		}
		return nil, &transportError{err}
	}
	t.outcome(!isProxyFailure(resp.StatusCode))
	return resp, nil
}

// givenUp says that the caller left, or had less patience than the gateway.
func givenUp(ctx context.Context) bool {
	return ctx.Err() != nil && context.Cause(ctx) != errSlow //nolint:errorlint // the very error, and not one like it
}

// isProxyFailure tells the statuses of a proxy that did not reach the upstream.
func isProxyFailure(status int) bool {
	switch status {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	default:
		return false
	}
}

package gateway

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

// maxReplyHeader is far above the headers of any reply of the upstream.
const maxReplyHeader = 16 << 10

// idleConnection is shorter than the idle timeout of common servers, 60 s or more.
// A request that meets the end of its connection may have been read, so its token
// counts as spent.
const idleConnection = 30 * time.Second

// newTransport keeps as many idle connections as calls may run at a time: the
// default of two for a host would open a connection for nearly every call. It
// gives up on a new connection while the call still has time, so that a call that
// was never sent can be told from one that was.
func newTransport(c Config) *http.Transport {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DialContext = (&net.Dialer{Timeout: c.Timeout / 2}).DialContext
	transport.TLSHandshakeTimeout = c.Timeout / 4
	transport.MaxIdleConns = 0
	transport.MaxIdleConnsPerHost = c.MaxUpstreamCalls
	transport.IdleConnTimeout = idleConnection
	transport.MaxResponseHeaderBytes = maxReplyHeader
	transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: c.UpstreamCAs}
	return transport
}

func newClient(transport http.RoundTripper, outcome func(failure string)) *http.Client {
	return &http.Client{
		Transport: watchedTransport{transport, outcome},
		// A redirect would send a single-use token twice, or the secret elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// watchedTransport reports which calls reached the upstream.
type watchedTransport struct {
	http.RoundTripper

	outcome func(failure string) // "" for a call that did
}

// RoundTrip implements [http.RoundTripper].
func (t watchedTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.RoundTripper.RoundTrip(req)
	if err == nil {
		observeReply(req.Context(), resp)
	}
	failure := ""
	switch {
	case err != nil:
		code, class := classify(err)
		if class == "" {
			code, class = classifyText(err.Error())
		}
		resp, err, failure = nil, &transportError{code, class}, class
	case resp.StatusCode >= http.StatusBadGateway && resp.StatusCode <= http.StatusGatewayTimeout:
		failure = "HTTP " + strconv.Itoa(resp.StatusCode) // of a proxy that did not reach the upstream
	}
	if !errors.Is(req.Context().Err(), context.Canceled) { // of a probe, when the gateway stops
		t.outcome(failure)
	}
	return resp, err
}

// transportError is a failure without a reply. It takes nothing over from the
// text of the original error, in which net/http quotes what it could not read.
type transportError struct {
	code  jverificationv1.GatewayCode
	class string
}

func (e *transportError) Error() string { return e.class }

// classify names the class of a failure of the network; "" is a failure of
// another kind.
func classify(err error) (code jverificationv1.GatewayCode, class string) {
	dial, _ := errors.AsType[*net.OpError](err)
	known, _ := errors.AsType[*transportError](err)
	switch {
	case known != nil:
		return known.code, known.class
	case isA[*tls.CertificateVerificationError](err), isA[tls.RecordHeaderError](err), errors.Is(err, http.ErrSchemeMismatch):
		return unreachable, "tls"
	case isA[*net.DNSError](err):
		return unreachable, "dns"
	case errors.Is(err, syscall.ECONNREFUSED):
		return unreachable, "refused"
	case dial != nil && dial.Op == "dial":
		return unreachable, "connect"
	case errors.Is(err, context.DeadlineExceeded):
		return timedOut, "timeout"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return noAnswer, "reset"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return noAnswer, "closed"
	default:
		return 0, ""
	}
}

func isA[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// untyped are the failures that net/http has only texts for.
var untyped = []struct {
	text, class string
	code        jverificationv1.GatewayCode
}{
	{"TLS handshake timeout", "tls", unreachable},
	{"headers exceeded", "too-large", unintelligible},
	{"header list", "too-large", unintelligible},
	{"malformed", "not-http", unintelligible},
	{"Content-Length", "not-http", unintelligible},
	{"transfer encoding", "not-http", unintelligible},
	{"tls: ", "tls", noAnswer},
}

func classifyText(text string) (code jverificationv1.GatewayCode, class string) {
	for _, known := range untyped {
		if strings.Contains(text, known.text) {
			return known.code, known.class
		}
	}
	return noAnswer, "other"
}

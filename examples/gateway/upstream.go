package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/rest"
)

// upstream is one host of the REST API.
type upstream struct {
	client  *http.Client
	timeout time.Duration
	base    *url.URL
	key     string
	secret  Secret
}

func newUpstream(client *http.Client, timeout time.Duration, base, key string, secret Secret) (*upstream, error) {
	parsed, err := url.Parse(base)
	if err != nil {
		return nil, err
	}
	return &upstream{client: client, timeout: timeout, base: parsed, key: key, secret: secret}, nil
}

// newTransport keeps as many idle connections as calls may run at a time: the
// default of two for a host would open a connection for nearly every call.
func newTransport() *http.Transport {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConns = 0
	transport.MaxIdleConnsPerHost = 64
	return transport
}

func newClient(transport http.RoundTripper) *http.Client {
	return &http.Client{
		Transport: markedTransport{transport},
		// A redirect would send a single-use token twice, or the secret elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// post sends a call once and returns what came back, also with an error. It is
// a success only with the given code.
func (u *upstream) post(ctx context.Context, path string, body any, success jverificationv1.ResponseCode) (*reply, error) {
	ctx, cancel := context.WithTimeout(ctx, u.timeout)
	defer cancel()
	payload, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("encode request: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.base.JoinPath(path).String(), bytes.NewReader(payload))
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	req.SetBasicAuth(u.key, string(u.secret))
	req.Header.Set("Content-Type", "application/json")
	var r reply
	err = rest.Do[jverificationv1.ResponseCode](u.client, req, &r)
	return &r, settle(err, &r, success)
}

// settle takes a success code of the table for a failure where it belongs to
// another call, and one of the configuration for a success.
func settle(err error, r *reply, success jverificationv1.ResponseCode) error {
	switch {
	case err != nil && codetable.Is(err, success):
		return nil
	case err == nil && r.Code != success:
		return status.Error(codes.Internal, "upstream answered with the success code of another call")
	default:
		return quiet(err)
	}
}

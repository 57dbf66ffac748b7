package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"go.opentelemetry.io/otel/attribute"
	otelcodes "go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"golang.org/x/sync/semaphore"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/rest"
)

// host is what sets one host of the REST API apart from the other.
type host struct {
	url      string
	key      string
	secret   Secret
	cooldown Cooldown
	outcome  func(reached bool)
}

// upstream calls one host.
type upstream struct {
	host

	base     *url.URL
	client   *http.Client
	timeout  time.Duration
	attempts int
	slots    *semaphore.Weighted
	metrics  *metrics
	tracer   trace.Tracer
	success  successes
}

func newUpstream(c Config, h host, m *metrics, success successes) (*upstream, error) {
	base, err := url.Parse(h.url)
	if err != nil {
		return nil, err
	}
	return &upstream{
		host: h, base: base, client: newClient(c.Transport, h.outcome),
		timeout: c.Timeout, attempts: c.RiskAttempts,
		slots:   semaphore.NewWeighted(int64(c.MaxUpstreamCalls)),
		metrics: m, tracer: c.tracer(), success: success,
	}, nil
}

// product is what is bought apart from the others: a risk query that nobody has
// paid for does not end the verifications.
type product string

const (
	verification product = "verification" // and logins
	riskQuery    product = "risk"
	captcha      product = "captcha"
	activation   product = "activation"
)

// call is one request to the upstream. It is a success only with the success
// code of its own method.
type call struct {
	product product
	method  string
	path    string
	body    any
}

// replyOptions say what of a failed reply callers see: the serial, and their own
// mark. The upstream's text may repeat what it was sent.
var replyOptions = []rest.Option{
	rest.WithMetadataField("id", serialKey),
	rest.WithMetadataField("exID", "exId"),
	rest.WithContentField("content"),
}

const serialKey = "id"

// post makes a call once and returns what came back, also with an error.
func (u *upstream) post(ctx context.Context, c call) (*reply, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, u.timeout, errSlow)
	defer cancel()
	return u.attempt(ctx, c)
}

// attempt makes a call, unless there is no place for it or it is known that it
// would be refused. The cool-down is asked last: its consent may make this call
// the one that tries whether the refusals have ended.
func (u *upstream) attempt(ctx context.Context, c call) (*reply, error) {
	if err := u.acquire(ctx); err != nil {
		u.metrics.refused.WithLabelValues(c.path, "busy").Inc()
		return &reply{}, err
	}
	defer u.slots.Release(1)
	key := u.key + "/" + string(c.product)
	if err := u.cooldown.Blocked(ctx, key); err != nil {
		u.metrics.refused.WithLabelValues(c.path, "cooldown").Inc()
		return &reply{}, err
	}
	r, err := u.observed(ctx, c)
	u.cooldown.Learn(ctx, key, err)
	return r, err
}

// observed makes a call and measures it. The trace is not told to the upstream,
// which is another company.
func (u *upstream) observed(ctx context.Context, c call) (*reply, error) {
	ctx, span := u.tracer.Start(ctx, http.MethodPost+" "+c.path, trace.WithSpanKind(trace.SpanKindClient))
	defer span.End()
	end := u.metrics.start(c.path)
	result := "panic" // of a transport that is not ours
	defer func() { end(result) }()
	r, err := u.send(ctx, c)
	result = resultOf(err)
	if err != nil {
		span.SetAttributes(attribute.String("error.type", result))
		span.SetStatus(otelcodes.Error, "")
	}
	return r, err
}

func (u *upstream) send(ctx context.Context, c call) (*reply, error) {
	success, ok := u.success[c.method]
	if !ok {
		return nil, fmt.Errorf("%s declares no success code", c.method)
	}
	payload, err := json.Marshal(c.body)
	if err != nil {
		return nil, fmt.Errorf("encode request: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.base.JoinPath(c.path).String(), bytes.NewReader(payload))
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	// With it net/http sends a request again by itself where HTTP/2 says that it
	// was never looked at. Proxies say so of calls that they lost as well, and
	// its token may be spent.
	req.GetBody = nil
	req.SetBasicAuth(u.key, string(u.secret))
	req.Header.Set("Content-Type", "application/json")
	var r reply
	err = rest.Do[jverificationv1.ResponseCode](u.client, req, &r, replyOptions...)
	return &r, settle(err, &r, success)
}

// settle takes a success code of the table for a failure where it belongs to
// another call, and one of the configuration for a success.
func settle(err error, r *reply, success jverificationv1.ResponseCode) error {
	switch {
	case err != nil && codetable.Is(err, success):
		return nil
	case err == nil && (r.Code == nil || *r.Code != success):
		return status.Error(codes.Internal, "upstream answered with the success code of another call")
	default:
		return quiet(err)
	}
}

// resultOf has few values, however the upstream answers.
func resultOf(err error) string {
	if coded, ok := codetable.FromError(err); ok {
		return coded.Reason()
	}
	return status.Code(err).String()
}

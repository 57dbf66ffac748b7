package gateway

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"time"

	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc/status"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/rest"
	"github.com/codetable/grpc-codetable/interceptor/telemetry"
)

// upstream calls one host.
type upstream struct {
	config  Config
	base    *url.URL
	header  http.Header // of each request; transports do not change it
	client  *http.Client
	places  *places
	metrics *metrics
	spans   spans
	success successes
}

// newUpstream returns one for [Config.UpstreamURL]. Validate has parsed it.
func newUpstream(c Config, outcome func(failure string), m *metrics, success successes) *upstream {
	base, _ := url.Parse(c.UpstreamURL)
	base.Path = cmp.Or(base.Path, "/") // what is joined to no path is not absolute
	basic := base64.StdEncoding.EncodeToString([]byte(c.AppKey + ":" + string(c.MasterSecret)))
	return &upstream{
		config: c, base: base, header: http.Header{"Authorization": {"Basic " + basic}, "Content-Type": {"application/json"}},
		client: newClient(c.Transport, outcome), places: newPlaces(c), metrics: m, spans: newSpans(c, base), success: success,
	}
}

// call is one request to the upstream. It is a success only with the success
// code of its own method.
type call struct {
	product product
	method  string
	path    string
	body    body
}

// What callers see of a failed reply: the serial, and their own mark where they sent
// one. The upstream's text may repeat what it was sent.
var (
	withSerial = []rest.Option{rest.WithMetadataField("id", serialKey)}
	withMark   = append(slices.Clone(withSerial), rest.WithMetadataField("exID", markKey))
)

const (
	serialKey = "id"
	markKey   = "exId"
)

// post makes a call, unless the request is malformed. Risk queries, which spend nothing, are made
// again where the table says that the same request may be, after the delay that it
// names, as long as attempts and time are left.
//
// A request that was sent goes on without its caller, until the timeout of the
// gateway: cutting it off would cost a connection, free a place that the upstream
// is still busy with, and lose the answer to a token that is spent. A caller's
// earlier deadline bounds what comes before and between requests only. The call
// itself returns with the upstream's answer, so that a graceful stop of the
// server waits for it.
func (u *upstream) post(ctx context.Context, malformed violations, c call) (*reply, error) {
	if err := malformed.err(); err != nil {
		return nil, err
	}
	// Without the values of ctx, which net/http would search for each request.
	detached, cancel := context.WithTimeout(context.Background(), u.config.Timeout)
	defer cancel()
	for attempt := 1; ; attempt++ {
		r, err := u.attempt(ctx, detached, c, attempt-1)
		delay, ok := repeatable(err)
		if !ok || c.product != riskQuery || attempt >= u.config.RiskAttempts || !pause(ctx, detached, delay) {
			return r, err
		}
	}
}

func repeatable(err error) (time.Duration, bool) {
	coded, ok := codetable.FromError(err)
	if !ok || coded.Retry().Action != codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST {
		return 0, false
	}
	return coded.Retry().Delay, true
}

// pause reports whether the delay has passed with time left. It does not wait
// where there would be none: the caller gets the answer at hand instead.
func pause(ctx, detached context.Context, delay time.Duration) bool {
	if deadline := earlier(ctx, detached); time.Until(deadline) <= delay {
		return false
	}
	select {
	case <-ctx.Done():
		return false
	case <-time.After(delay):
		return true
	}
}

// earlier returns the deadline of detached, or that of ctx if it is earlier.
func earlier(ctx, detached context.Context) time.Time {
	end, _ := detached.Deadline()
	if own, ok := ctx.Deadline(); ok && own.Before(end) {
		return own
	}
	return end
}

// attempt makes a call, unless there is no place for it or it is known that it
// would be refused. It waits for a place for half of the time that is left: a
// request that is sent too late would spend its token for nothing. The cool-down
// is asked last: its consent may make this call the one that tries whether the
// refusals have ended.
func (u *upstream) attempt(ctx, detached context.Context, c call, resends int) (*reply, error) {
	now := time.Now()
	release, err := u.places.take(ctx, now.Add(earlier(ctx, detached).Sub(now)/2))
	if err != nil {
		u.metrics.refused.WithLabelValues(c.path, "busy").Inc()
		return nil, err
	}
	defer release()
	key := u.cooldownKey(c.product)
	if err := u.config.Cooldown.Blocked(ctx, key); err != nil {
		u.metrics.refused.WithLabelValues(c.path, "cooldown").Inc()
		return nil, err
	}
	r, err := u.observed(ctx, detached, c, resends)
	u.config.Cooldown.Learn(ctx, key, err)
	return r, err
}

// observed makes a call and measures it. The trace is not told to the upstream,
// which is another company.
func (u *upstream) observed(ctx, detached context.Context, c call, resends int) (*reply, error) {
	span := u.spans.start(ctx, c.path, resends)
	defer span.End()
	end := u.metrics.start(c.path)
	result := "panic" // of a transport that is not ours
	defer func() { end(result) }()
	if span.IsRecording() {
		detached = trace.ContextWithSpan(detached, span)
	}
	r, err := u.send(detached, c)
	result = resultOf(err)
	telemetry.Annotate(span, err)
	return r, err
}

func (u *upstream) send(ctx context.Context, c call) (*reply, error) {
	payload, err := json.Marshal(c.body)
	if err != nil {
		return nil, fmt.Errorf("encode request: %w", err)
	}
	// It has no GetBody, with which net/http sends a request again by itself where
	// HTTP/2 says that it was never looked at. Proxies say so of calls that they
	// lost as well, and its token may be spent.
	req := &http.Request{
		Method: http.MethodPost, URL: u.base.JoinPath(c.path), Header: u.header,
		Body: io.NopCloser(bytes.NewReader(payload)), ContentLength: int64(len(payload)),
	}
	shown := withSerial
	if c.body.ExID != "" {
		shown = withMark
	}
	r := reply{ExID: c.body.ExID}
	err = rest.Do[jverificationv1.ResponseCode](u.client, req.WithContext(ctx), &r, shown...)
	return &r, settle(err, &r, u.success[c.method])
}

// resultOf has few values, however the upstream answers.
func resultOf(err error) string {
	if coded, ok := codetable.FromError(err); ok {
		return coded.Reason()
	}
	return status.Code(err).String()
}

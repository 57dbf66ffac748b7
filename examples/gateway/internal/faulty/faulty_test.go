// Package faulty_test has a catalogue of the faulty replies of an upstream, and tests
// what the callers of the gateway get for each.
package faulty_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"runtime/metrics"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	statuspb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gatewaytest"
	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

const (
	leastReplies = 60
	mostRead     = 16 << 20        // bytes of one reply, most of which the sockets buffer
	mostHeap     = 128 << 20       // bytes that are alive, while all replies are read
	slowTimeout  = 4 * time.Second // a quarter of it is for a handshake
)

// TestFaultyUpstream gives each reply of the catalogue to a call over gRPC and to one
// over REST, with and without a public boundary. The slow ones wait together.
func TestFaultyUpstream(t *testing.T) {
	t.Parallel()
	all := slices.Concat(connections(), heads(), statuses(), bodies(), jsonBodies(), encodings(), secured(t), framed(t))
	if len(all) < leastReplies {
		t.Errorf("the catalogue has %d replies, want %d", len(all), leastReplies)
	}
	classes, heap, checks := map[string]int{}, uint64(0), map[string]func(*testing.T){}
	for _, r := range all {
		if checks[r.name] != nil {
			t.Errorf("%q is listed twice", r.name)
		}
		classes[r.want.class()]++
		if checks[r.name] = func(t *testing.T) { t.Helper(); begin(t, r)(t) }; r.slow {
			checks[r.name] = begin(t, r)
		}
	}
	for _, r := range all {
		run(t, r.name, checks[r.name])
		heap = max(heap, live())
	}
	if heap > mostHeap {
		t.Errorf("%d MiB are alive", heap>>20)
	}
	t.Logf("%d replies, at most %d MiB alive", len(all), heap>>20)
	for _, class := range slices.Sorted(maps.Keys(classes)) {
		t.Logf("%3d %s", classes[class], class)
	}
}

// run is not parallel: package testing keeps parallel tests, and with them the gateways.
func run(t *testing.T, name string, check func(*testing.T)) {
	t.Helper()
	t.Run(name, check)
}

// live is the heap that the last garbage collection has kept.
func live() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// begin makes the calls of both gateways at once. The function that it returns waits for
// the answers and checks them.
func begin(t *testing.T, r reply) (finish func(*testing.T)) {
	t.Helper()
	u := serve(t, r)
	var calls sync.WaitGroup
	modes := map[string]*outcomes{"internal": {}, "public": {}}
	for mode, a := range modes {
		g := gatewaytest.New(t, config(u, r, mode, &a.logs), gatewaytest.Options{Web: true})
		ctx := t.Context()
		calls.Go(func() {
			// One after the other: two could share a connection, and then its end.
			a.native = callGRPC(ctx, g, "single-use-grpc-"+mode)
			a.rest = callREST(ctx, g, "single-use-rest-"+mode)
		})
	}
	return func(t *testing.T) {
		t.Helper()
		calls.Wait()
		for mode, a := range modes {
			if a.rest.err != nil {
				t.Errorf("%s: REST: %v", mode, a.rest.err)
			}
			checkAnswer(t, r, mode, a.native)
			if diff := cmp.Diff(a.native.status, a.rest.status, protocmp.Transform(), volatile); diff != "" {
				t.Errorf("%s (-gRPC +REST):\n%s", mode, diff)
			}
			checkPrivate(t, mode, map[string]string{"gRPC": a.native.told, "REST": a.rest.told, "the log": a.logs.String()})
		}
		u.check(t, r.calls())
	}
}

// checkPrivate wants nothing of the request and no text of the reply.
func checkPrivate(t *testing.T, mode string, told map[string]string) {
	t.Helper()
	for where, text := range told {
		for _, private := range []string{"single-use-", phone, secret, "free text"} {
			if at := strings.Index(text, private); at >= 0 {
				t.Errorf("%s: %s has %q in ...%s", mode, where, private, text[max(0, at-100):min(len(text), at+100)])
			}
		}
	}
}

func config(u *upstream, r reply, mode string, logs io.Writer) gateway.Config {
	c := gateway.Config{
		UpstreamURL: u.url, UpstreamCAs: r.roots, AppKey: "7d431e42dfa6a6d693ac2d04", MasterSecret: secret,
		PublicBoundary: mode == "public", Timeout: time.Minute,
		Logger: slog.New(slog.NewTextHandler(logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	if r.slow {
		c.Timeout = slowTimeout
	}
	return c
}

// outcomes are the answers of one gateway, and its log.
type outcomes struct {
	native, rest answer
	logs         logBuffer
}

// answer is what a caller gets.
type answer struct {
	err      error
	status   *statuspb.Status
	code     jverificationv1.ResponseCode // of a success
	pushback []string
	told     string // all of it
}

func callGRPC(ctx context.Context, g *gatewaytest.Gateway, token string) answer {
	var header, trailer metadata.MD
	resp, err := g.Client.VerifyNumber(ctx, &jverificationv1.VerifyNumberRequest{Phone: phone, Token: token},
		grpc.Header(&header), grpc.Trailer(&trailer))
	st := status.Convert(err).Proto()
	return answer{
		err: err, status: st, code: resp.GetCode(), pushback: trailer.Get("grpc-retry-pushback-ms"),
		told: fmt.Sprintf("%v %v %+v %v %v", header, trailer, err, resp, prototext.Format(st)),
	}
}

// callREST returns an answer without a status where there was none to be read.
func callREST(ctx context.Context, g *gatewaytest.Gateway, token string) answer {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, g.URL+"/v1/numbers:verify",
		strings.NewReader(`{"phone":"`+phone+`","token":"`+token+`"}`))
	if err != nil {
		return answer{err: err}
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return answer{err: err}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	got := answer{err: err, told: fmt.Sprint(resp.Header, string(body)), status: &statuspb.Status{}}
	if resp.StatusCode == http.StatusOK {
		got.status = nil
		return got
	}
	got.err = errors.Join(err, protojson.Unmarshal(body, got.status))
	return got
}

// volatile is the id of a mask.
var volatile = protocmp.IgnoreFields(&errdetails.RequestInfo{}, "request_id")

// checkAnswer wants the code, its fault and its advice, or a mask of these.
func checkAnswer(t *testing.T, r reply, mode string, got answer) {
	t.Helper()
	spec, advice := r.want.Spec, r.want.Retry()
	if r.want.after != 0 {
		advice.Delay = r.want.after
	}
	coded, ok := codetable.FromError(got.err)
	switch fault := spec.Fault(); {
	case spec.GRPCCode() == codes.OK:
		if got.err != nil || int32(got.code) != spec.Number() {
			t.Errorf("%s: error = %v with code %v, want success", mode, got.err, got.code)
		}
		return
	case mode == "public" && (fault == codetablev1.Fault_FAULT_OPERATOR || fault == codetablev1.Fault_FAULT_UNSPECIFIED):
		if _, masked := codetable.Masked(got.err); !masked || ok {
			t.Errorf("public: error = %v, want a mask", got.err)
		}
		return
	case !ok:
		t.Fatalf("%s: error = %v, want %s", mode, got.err, r.want.class())
	}
	if coded.Domain() != spec.Domain() || coded.Number() != spec.Number() || coded.Reason() != spec.Reason() || status.Code(got.err) != spec.GRPCCode() {
		t.Errorf("%s: error = %v, want %s", mode, got.err, r.want.class())
	}
	if coded.Fault() != spec.Fault() || coded.Retry() != advice {
		t.Errorf("%s: fault %v with advice %v, want %v with %v", mode, coded.Fault(), coded.Retry(), spec.Fault(), advice)
	}
	pushback := "-1"
	if advice.Action == codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST {
		pushback = strconv.FormatInt(advice.Delay.Milliseconds(), 10)
	}
	if !slices.Equal(got.pushback, []string{pushback}) {
		t.Errorf("%s: pushback %q, want %s", mode, got.pushback, pushback)
	}
}

package bench_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

const (
	parallel = 16
	calls    = 50 // of each of them in a round
)

// BenchmarkGateway compares the gateway with a bare server, in rounds that take
// turns. "cpu-ratio" is that of the gateway to the bare server.
func BenchmarkGateway(b *testing.B) {
	for _, bm := range []struct {
		name, reply string
		rest        bool
	}{
		{"success", `{"id":117270465679982593,"code":9000,"content":"verify consistent","exID":"1234566"}`, false},
		{"failure", `{"code":9003,"content":"token expired or not exist"}`, false},
		{"rest-success", `{"id":117270465679982593,"code":9000,"content":"verify consistent","exID":"1234566"}`, true},
		{"rest-failure", `{"code":9003,"content":"token expired or not exist"}`, true},
	} {
		b.Run(bm.name, func(b *testing.B) {
			upstream := replying(b, bm.reply)
			bare, gateway := start(b, "bare", upstream), start(b, "gateway", upstream)
			callBare, callGateway := byGRPC(b, bare.GRPC), byGRPC(b, gateway.GRPC)
			if bm.rest {
				callGateway = byREST(b, gateway.Web)
			}
			measure(b, bare, callBare) // connections are made once
			measure(b, gateway, callGateway)
			var ofBare, ofGateway usage
			rounds := 0
			for b.Loop() {
				ofBare = ofBare.plus(measure(b, bare, callBare))
				ofGateway = ofGateway.plus(measure(b, gateway, callGateway))
				rounds++
			}
			n := float64(rounds * parallel * calls)
			b.ReportMetric(float64(ofBare.CPU)/n, "bare-cpu-ns/call")
			b.ReportMetric(float64(ofGateway.CPU)/n, "cpu-ns/call")
			b.ReportMetric(float64(ofGateway.CPU)/float64(ofBare.CPU), "cpu-ratio")
			b.ReportMetric(float64(ofBare.Allocs)/n, "bare-allocs/call")
			b.ReportMetric(float64(ofGateway.Allocs)/n, "allocs/call")
			b.ReportMetric(0, "ns/op") // a round says nothing
		})
	}
}

// TestServers makes each call once, so that the benchmark keeps working.
func TestServers(t *testing.T) {
	t.Parallel()
	upstream := replying(t, `{"code":9000}`)
	bare, gateway := start(t, "bare", upstream), start(t, "gateway", upstream)
	for _, call := range []func(testing.TB){byGRPC(t, bare.GRPC), byGRPC(t, gateway.GRPC), byREST(t, gateway.Web)} {
		call(t)
	}
	if u := gateway.used(t); u.CPU == 0 || u.Allocs == 0 {
		t.Errorf("the gateway used %+v", u)
	}
}

// replying is an upstream with one reply.
func replying(tb testing.TB, reply string) (url string) {
	tb.Helper()
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, reply)
	}))
	tb.Cleanup(upstream.Close)
	return upstream.URL
}

// measure makes the calls of a round, and returns what the server used.
func measure(tb testing.TB, p *process, call func(tb testing.TB)) usage {
	tb.Helper()
	before := p.used(tb)
	var all sync.WaitGroup
	for range parallel {
		all.Go(func() {
			for range calls {
				call(tb)
			}
		})
	}
	all.Wait()
	return p.used(tb).minus(before)
}

// byGRPC calls with one connection, as a fleet's proxy does.
func byGRPC(tb testing.TB, address string) func(tb testing.TB) {
	tb.Helper()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { conn.Close() })
	client := jverificationv1.NewVerificationServiceClient(conn)
	return func(tb testing.TB) {
		tb.Helper()
		_, err := client.VerifyNumber(tb.Context(), &jverificationv1.VerifyNumberRequest{Phone: "13800138000", Token: "token", ExId: "1234566"})
		if code := status.Code(err); code != codes.OK && code != codes.FailedPrecondition {
			tb.Error(err)
		}
	}
}

// byREST calls by HTTP/1.1 with a connection for each call under way.
func byREST(tb testing.TB, address string) func(tb testing.TB) {
	tb.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: parallel}
	tb.Cleanup(transport.CloseIdleConnections)
	client := &http.Client{Transport: transport}
	body := []byte(`{"phone":"13800138000","token":"token","exId":"1234566"}`)
	return func(tb testing.TB) {
		tb.Helper()
		req, err := http.NewRequestWithContext(tb.Context(), http.MethodPost, "http://"+address+"/v1/numbers:verify", bytes.NewReader(body))
		if err != nil {
			tb.Error(err)
			return
		}
		req.Header.Set("Content-Type", "application/json")
		resp, err := client.Do(req)
		if err != nil {
			tb.Error(err)
			return
		}
		defer resp.Body.Close()
		if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusBadRequest {
			tb.Errorf("HTTP %d, %v", resp.StatusCode, err)
		}
	}
}

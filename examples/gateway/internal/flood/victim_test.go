package flood_test

import (
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	statuspb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/commandtest"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gatewaytest"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

const phone = "13912345679"

// What the gateway may need beyond what it needs in peace, and what may stay.
const (
	mostHeap       = 230 << 20 // GOMEMLIMIT of deploy/kubernetes
	moreGoroutines = 30 + 2*32 // two for each idle connection upstream
	moreHeap       = 24 << 20
	mostGoroutines = 1200 // 8 for each of 32 calls upstream, 256 that are refused, and those of connections
)

// victim is a gateway in a process of its own, in front of a simulator in this one.
type victim struct {
	*commandtest.Gateway

	base    usage
	figures []figures
	roots   *x509.CertPool // of a gateway with TLS, else nil
	web     *http.Client
	scheme  string
}

// usage is what the gateway needs.
type usage struct{ goroutines, heap, stacks, resident int }

func (u usage) String() string {
	return fmt.Sprintf("%d goroutines, %d MiB heap, %d MiB stacks, %d MiB resident", u.goroutines, u.heap>>20, u.stacks>>20, u.resident>>20)
}

// start runs a victim, with more lines of settings.
func start(t *testing.T, more string, roots *x509.CertPool) *victim {
	t.Helper()
	v := &victim{web: http.DefaultClient, scheme: "http://", Gateway: commandtest.Start(t, commandtest.Options{
		Upstream: gatewaytest.Simulator(t), Settings: "admin: true\ncooldown: off\ntimeout: 1m\nmax-upstream-calls: 32\n" + more,
		Args: []string{"-internal"}, Env: []string{"GOMEMLIMIT=230MiB"},
	})}
	if roots != nil {
		v.secure(t, roots)
	}
	v.round(t, v.overGRPC)
	v.round(t, v.overREST)
	v.base = v.settled(t)
	return v
}

// withstand runs a flood to its end while a caller wants its answers.
func (v *victim) withstand(t *testing.T, listener, address string, f flood, call func(context.Context, int32) error) {
	t.Helper()
	t.Run(listener+": "+f.name, func(t *testing.T) {
		f.roots = v.roots
		a := f.start(address, long(t))
		defer a.gone.Wait()
		defer a.release()
		ready := make(chan struct{})
		go func() {
			a.ready.Wait()
			close(ready)
		}()
		answers, peak := 0, usage{}
		for sent := false; !sent; {
			select {
			case <-ready:
				sent = true
			default:
			}
			if sent && !f.hold && answers > 0 {
				break // what nobody holds is over
			}
			answers += v.round(t, call)
			peak = peak.or(v.usage(t))
		}
		a.release()
		a.gone.Wait()
		after := v.back(t)
		v.figures = append(v.figures, figures{listener + ": " + f.name, a.frames.Load(), a.dials.Load(), a.ended.Load(), answers, peak})
		t.Logf("peak: %v; after: %v", peak, after)
		if peak.heap+peak.stacks > mostHeap || peak.goroutines > mostGoroutines {
			t.Errorf("at the peak: %v", peak)
		}
	})
}

func (u usage) or(o usage) usage {
	return usage{max(u.goroutines, o.goroutines), max(u.heap, o.heap), max(u.stacks, o.stacks), max(u.resident, o.resident)}
}

// round wants every code once.
func (v *victim) round(t *testing.T, call func(context.Context, int32) error) (answers int) {
	t.Helper()
	for code, spec := range codetable.All[jverificationv1.ResponseCode]() {
		err := call(t.Context(), int32(code))
		got, ok := codetable.FromError(err)
		switch {
		case code == jverificationv1.ResponseCode_RESPONSE_CODE_VERIFY_CONSISTENT:
			if err != nil {
				t.Errorf("%d: error = %v", code, err)
			}
		case spec.GRPCCode() == codes.OK: // of another method
			if !codetable.Is(err, jverificationv1.GatewayCode_GATEWAY_CODE_UPSTREAM_UNINTELLIGIBLE) {
				t.Errorf("%d: error = %v", code, err)
			}
		case !ok || got.Number() != int32(code) || got.Domain() != spec.Domain():
			t.Errorf("%d: error = %v", code, err)
		}
		answers++
	}
	return answers
}

func (v *victim) overGRPC(ctx context.Context, code int32) error {
	_, err := v.Client.VerifyNumber(ctx, &jverificationv1.VerifyNumberRequest{Phone: phone, Token: fmt.Sprintf("code-%d", code)})
	return err
}

func (v *victim) overREST(ctx context.Context, code int32) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, v.scheme+v.Web+"/v1/numbers:verify",
		strings.NewReader(fmt.Sprintf(`{"phone":%q,"token":"code-%d"}`, phone, code)))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := v.web.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode == http.StatusOK {
		return err
	}
	st := &statuspb.Status{}
	if err := protojson.Unmarshal(body, st); err != nil {
		return err
	}
	return status.ErrorProto(st)
}

// usage reads the metrics.
func (v *victim) usage(t *testing.T) usage {
	t.Helper()
	text := v.operate(t, "/metrics")
	read := func(name string) int {
		found := regexp.MustCompile(`(?m)^` + name + ` (\S+)$`).FindStringSubmatch(text)
		if found == nil {
			t.Fatalf("no metric %s in %s", name, text)
		}
		value, err := strconv.ParseFloat(found[1], 64)
		if err != nil {
			t.Fatal(err)
		}
		return int(value)
	}
	return usage{read("go_goroutines"), read("go_memstats_heap_inuse_bytes"), read("go_memstats_stack_inuse_bytes"), read("process_resident_memory_bytes")}
}

// settled is the usage after a garbage collection.
func (v *victim) settled(t *testing.T) usage {
	t.Helper()
	v.operate(t, "/debug/pprof/heap?gc=1")
	return v.usage(t)
}

// back waits until the gateway needs no more than before, and fails where it never does.
func (v *victim) back(t *testing.T) usage {
	t.Helper()
	var now usage
	for range 300 {
		if now = v.settled(t); now.goroutines <= v.base.goroutines+moreGoroutines && now.heap <= v.base.heap+moreHeap {
			return now
		}
	}
	t.Errorf("%v stay, of %v before", now, v.base)
	return now
}

func (v *victim) operate(t *testing.T, path string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+v.Metrics+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %v", path, resp.Status, err)
	}
	return string(text)
}

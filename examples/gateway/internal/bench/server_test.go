package bench_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"runtime/pprof"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/cooldown"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/edge"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/telemetry"
)

// The environment of a server process.
const (
	serverVariable   = "BENCH_SERVER"   // "bare" or "gateway"
	upstreamVariable = "BENCH_UPSTREAM" // its URL
	profileVariable  = "BENCH_PROFILE"  // a file for the CPU profile of the gateway
)

const timeout = 5 * time.Second

// usage is what a process has used since it began.
type usage struct {
	CPU    time.Duration
	Allocs uint64
}

func (u usage) minus(v usage) usage { return usage{u.CPU - v.CPU, u.Allocs - v.Allocs} }
func (u usage) plus(v usage) usage  { return usage{u.CPU + v.CPU, u.Allocs + v.Allocs} }

func used() usage {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		panic(err)
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return usage{time.Duration(r.Utime.Nano() + r.Stime.Nano()), m.Mallocs}
}

// TestMain is also the main function of a server process.
func TestMain(m *testing.M) {
	servers := map[string]func(upstream string) addresses{"bare": serveBare, "gateway": serveGateway}
	serve, ok := servers[os.Getenv(serverVariable)]
	if !ok {
		os.Exit(m.Run())
	}
	encoder := json.NewEncoder(os.Stdout)
	if err := encoder.Encode(serve(os.Getenv(upstreamVariable))); err != nil {
		panic(err)
	}
	// Each line asks for the usage so far. The process ends with its parent.
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		if err := encoder.Encode(used()); err != nil {
			panic(err)
		}
	}
	pprof.StopCPUProfile()
}

type addresses struct{ GRPC, Web string }

func listen() net.Listener {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	return listener
}

// bare is a service without anything around it.
type bare struct {
	jverificationv1.UnimplementedVerificationServiceServer

	url    string
	client *http.Client
}

func serveBare(upstream string) addresses {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = gateway.DefaultMaxUpstreamCalls
	server := grpc.NewServer()
	jverificationv1.RegisterVerificationServiceServer(server, &bare{url: upstream + "/v1/web/verify", client: &http.Client{Transport: transport}})
	listener := listen()
	go func() { _ = server.Serve(listener) }()
	return addresses{GRPC: listener.Addr().String()}
}

func (s *bare) VerifyNumber(ctx context.Context, req *jverificationv1.VerifyNumberRequest) (*jverificationv1.VerifyNumberResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	payload, err := json.Marshal(map[string]string{"token": req.GetToken(), "phone": req.GetPhone(), "exID": req.GetExId()})
	if err != nil {
		return nil, err
	}
	post, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(payload))
	if err != nil {
		return nil, err
	}
	post.SetBasicAuth("key", "secret")
	post.Header.Set("Content-Type", "application/json")
	resp, err := s.client.Do(post)
	if err != nil {
		return nil, status.Error(codes.Unavailable, "upstream")
	}
	defer resp.Body.Close()
	var reply struct {
		ID      int64  `json:"id"`
		Code    int32  `json:"code"`
		Content string `json:"content"`
		ExID    string `json:"exID"`
	}
	body, err := io.ReadAll(resp.Body)
	if err == nil {
		err = json.Unmarshal(body, &reply)
	}
	switch {
	case err != nil:
		return nil, status.Error(codes.Internal, "upstream")
	case reply.Code != 9000:
		return nil, status.Errorf(codes.FailedPrecondition, "%d %s", reply.Code, reply.Content)
	}
	code := jverificationv1.ResponseCode(reply.Code)
	return &jverificationv1.VerifyNumberResponse{Id: reply.ID, ExId: reply.ExID, Code: &code}, nil
}

// serveGateway has everything on that the command turns on.
func serveGateway(upstream string) addresses {
	logs := slog.NewJSONHandler(io.Discard, nil) //nolint:sloglint // lines have to be built
	g, err := gateway.New(gateway.Config{
		UpstreamURL: upstream, AppKey: "key", MasterSecret: "secret", PublicBoundary: true,
		Cooldown: cooldown.New(), Registerer: prometheus.NewRegistry(),
		Logger: slog.New(logs), CallLogger: slog.New(telemetry.NewLimitHandler(logs, 100)),
	})
	if err != nil {
		panic(err)
	}
	server := grpc.NewServer(g.ServerOptions()...)
	g.Register(server)
	behind := edge.NewBackend(g.Chain())
	g.Register(behind)
	handler, err := edge.New(behind, edge.Config{})
	if err != nil {
		panic(err)
	}
	grpcListener, webListener := listen(), listen()
	go func() { _ = server.Serve(grpcListener) }()
	go func() { _ = edge.NewServer(handler).Serve(webListener) }()
	startProfile()
	return addresses{grpcListener.Addr().String(), webListener.Addr().String()}
}

func startProfile() {
	path := os.Getenv(profileVariable)
	if path == "" {
		return
	}
	f, err := os.Create(path)
	if err == nil {
		err = pprof.StartCPUProfile(f)
	}
	if err != nil {
		panic(err)
	}
}

// process is a server process.
type process struct {
	addresses

	in  io.Writer
	out *json.Decoder
}

// start runs a server until the benchmark ends.
func start(tb testing.TB, kind, upstream string) *process {
	tb.Helper()
	command := exec.CommandContext(context.WithoutCancel(tb.Context()), os.Args[0])
	command.Env = append(os.Environ(), serverVariable+"="+kind, upstreamVariable+"="+upstream)
	errs := &strings.Builder{}
	command.Stderr = errs
	in, err := command.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := command.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		in.Close()
		if err := command.Wait(); err != nil {
			tb.Errorf("%s: %v\n%s", kind, err, errs)
		}
	})
	p := &process{in: in, out: json.NewDecoder(out)}
	if err := p.out.Decode(&p.addresses); err != nil {
		tb.Fatal(err)
	}
	return p
}

// used asks the process what it has used so far.
func (p *process) used(tb testing.TB) (u usage) {
	tb.Helper()
	if _, err := fmt.Fprintln(p.in); err != nil {
		tb.Fatal(err)
	}
	if err := p.out.Decode(&u); err != nil {
		tb.Fatal(err)
	}
	return u
}

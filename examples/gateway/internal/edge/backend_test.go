package edge_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	reflectionpb "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/edge"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/telemetry"
)

// diary notes what stands before a method sees.
type diary struct {
	mu    sync.Mutex
	lines []string
}

func (d *diary) note(what string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, fmt.Sprintf("%s %v", what, status.Code(err)))
}

func (d *diary) take() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	lines := d.lines
	d.lines = nil
	return lines
}

// chain has two interceptors of each kind around those of codetable.
func (d *diary) chain() telemetry.Chain {
	var chain telemetry.Chain
	for _, name := range []string{"outer", "inner"} {
		chain.Unary = append(chain.Unary, func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
			resp, err := handler(ctx, req)
			if method, ok := grpc.Method(ctx); !ok || method != info.FullMethod {
				d.note("not "+method, nil)
			}
			d.note(name, err)
			return resp, err
		})
		chain.Stream = append(chain.Stream, func(srv any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
			err := handler(srv, stream)
			d.note(name, err)
			return err
		})
	}
	chain.Unary = append(chain.Unary, interceptor.UnaryServerInterceptor())
	chain.Stream = append(chain.Stream, interceptor.StreamServerInterceptor())
	chain.Stats = []stats.Handler{d}
	return chain
}

// TagRPC implements [stats.Handler].
func (d *diary) TagRPC(ctx context.Context, info *stats.RPCTagInfo) context.Context {
	if len(metadata.ValueFromIncomingContext(ctx, "accept-language")) == 0 {
		d.note("no metadata for "+info.FullMethodName, nil)
	}
	return ctx
}

// HandleRPC implements [stats.Handler].
func (d *diary) HandleRPC(_ context.Context, s stats.RPCStats) {
	switch s := s.(type) {
	case *stats.Begin:
		d.note("begin", nil)
	case *stats.End:
		d.note("end", s.Error)
	}
}

// TagConn implements [stats.Handler].
func (d *diary) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }

// HandleConn implements [stats.Handler].
func (d *diary) HandleConn(context.Context, stats.ConnStats) {}

// TestChain wants each call seen once, from its begin to its end, by all that
// stands before a method.
func TestChain(t *testing.T) {
	t.Parallel()
	for _, p := range protocols {
		if p.name == "gRPC" { // not through the edge
			continue
		}
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			var failure error
			d := new(diary)
			s := serve(t, service{d.chain(), stubbed(func(context.Context, *jverificationv1.VerifyNumberRequest) error { return failure }).register})
			for _, failure = range []error{nil, codetable.NewError(parameterInvalid)} {
				p.call(t, s, newWire(t, p.http2), verifyNumber, &jverificationv1.VerifyNumberRequest{})
				code := status.Code(failure)
				want := []string{"begin OK", "inner " + code.String(), "outer " + code.String(), "end " + code.String()}
				if diff := cmp.Diff(want, d.take()); diff != "" {
					t.Errorf("%v (-want +got):\n%s", failure, diff)
				}
			}
		})
	}
	for _, p := range streamings[1:] {
		t.Run(p.name+" stream", func(t *testing.T) {
			t.Parallel()
			d := new(diary)
			s := serve(t, service{d.chain(), stubbed(func(context.Context, *jverificationv1.VerifyNumberRequest) error {
				return codetable.NewError(parameterInvalid)
			}).register})
			open := p.open(t, s)
			if err := open.Send(&jverificationv1.VerifyNumbersRequest{}); err != nil && !errors.Is(err, io.EOF) { // the server may have answered
				t.Fatal(err)
			}
			if _, err := open.Receive(); codes.Code(p.status(t, err).GetCode()) != codes.InvalidArgument {
				t.Errorf("the stream ended with %v", err)
			}
			want := []string{"begin OK", "inner InvalidArgument", "outer InvalidArgument", "end InvalidArgument"}
			if diff := cmp.Diff(want, d.take()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

const parameterInvalid = jverificationv1.ResponseCode_RESPONSE_CODE_PARAMETER_INVALID

// TestHeaderAndTrailer has a method set both, as every gRPC method may.
func TestHeaderAndTrailer(t *testing.T) {
	t.Parallel()
	var failure error
	s := serve(t, stubbed(func(ctx context.Context, _ *jverificationv1.VerifyNumberRequest) error {
		if err := grpc.SendHeader(ctx, metadata.Pairs("first", "1", "raw-bin", "\xff")); err != nil {
			t.Error(err)
		}
		if err := grpc.SetTrailer(ctx, metadata.Pairs("last", "2")); err != nil {
			t.Error(err)
		}
		return failure
	}))
	conn := dialEdge(t, s)
	client := jverificationv1.NewVerificationServiceClient(conn)
	for _, failure = range []error{nil, status.Error(codes.Aborted, "why")} {
		var first, last metadata.MD
		_, err := client.VerifyNumber(t.Context(), &jverificationv1.VerifyNumberRequest{}, grpc.Header(&first), grpc.Trailer(&last))
		got := fmt.Sprintf("%v %q %q", status.Code(err), metadata.Join(first, last)["first"], metadata.Join(first, last)["raw-bin"])
		if want := fmt.Sprintf(`%v ["1"] ["\xff"]`, status.Code(failure)); got != want || fmt.Sprint(last["last"]) != "[2]" {
			t.Errorf("gRPC: %s and trailer %v, want %s and [2]", got, last["last"], want)
		}
	}
	failure = nil
	for name, opts := range map[string][]connect.ClientOption{"Connect": nil, "gRPC-Web": {connect.WithGRPCWeb()}} {
		resp, err := connect.NewClient[jverificationv1.VerifyNumberRequest, jverificationv1.VerifyNumberResponse](
			newWire(t, false).Client, s.url+verifyNumber.procedure, opts...).CallUnary(t.Context(), connect.NewRequest(&jverificationv1.VerifyNumberRequest{}))
		if err != nil || resp.Header().Get("First") != "1" || resp.Trailer().Get("Last") != "2" {
			t.Errorf("%s: %v, %v", name, resp, err)
		}
	}
}

// dialEdge is a client of grpc-go, which speaks to the listener of the edge.
func dialEdge(t *testing.T, s stack) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(strings.TrimPrefix(s.url, "http://"), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// TestOtherServices reaches what is registered beside the service: reflection,
// and health with a stream that only the server continues.
func TestOtherServices(t *testing.T) {
	t.Parallel()
	checks := health.NewServer()
	s := serve(t, service{register: func(r grpc.ServiceRegistrar) {
		stubbed(fine).register(r)
		healthpb.RegisterHealthServer(r, checks)
	}})
	got := post(t, newWire(t, false).Client, s.url+healthpb.Health_Check_FullMethodName, jsonHeader(), strings.NewReader("{}"))
	if got.status != http.StatusOK || !strings.Contains(string(got.body), "SERVING") {
		t.Errorf("Check: status %d: %s", got.status, got.body)
	}
	conn := dialEdge(t, s)
	watch, err := healthpb.NewHealthClient(conn).Watch(t.Context(), &healthpb.HealthCheckRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []healthpb.HealthCheckResponse_ServingStatus{healthpb.HealthCheckResponse_SERVING, healthpb.HealthCheckResponse_NOT_SERVING} {
		if got, err := watch.Recv(); err != nil || got.GetStatus() != want {
			t.Errorf("Watch: %v, %v, want %v", got, err, want)
		}
		checks.Shutdown()
	}
	info, err := reflectionpb.NewServerReflectionClient(conn).ServerReflectionInfo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := info.Send(&reflectionpb.ServerReflectionRequest{MessageRequest: &reflectionpb.ServerReflectionRequest_ListServices{}}); err != nil {
		t.Fatal(err)
	}
	if list, err := info.Recv(); err != nil || len(list.GetListServicesResponse().GetService()) != 4 {
		t.Errorf("reflection: %v, %v; want our service, health and two of reflection", list, err)
	}
}

// TestRoutes has each unary method, and no other.
func TestRoutes(t *testing.T) {
	t.Parallel()
	want := map[string]string{}
	for _, m := range methods {
		want[m.procedure] = m.route
	}
	if diff := cmp.Diff(want, edge.Routes()); diff != "" {
		t.Errorf("routes (-want +got):\n%s", diff)
	}
	if unary := len(jverificationv1.VerificationService_ServiceDesc.Methods); len(want) != unary {
		t.Errorf("%d routes for %d methods", len(want), unary)
	}
}

// TestRegisterChecksTheServer panics as a gRPC server does, before a call would.
func TestRegisterChecksTheServer(t *testing.T) {
	t.Parallel()
	defer func() {
		if got := fmt.Sprint(recover()); !strings.Contains(got, "does not implement jverificationv1.VerificationServiceServer") {
			t.Errorf("panic: %v", got)
		}
	}()
	edge.NewBackend(telemetry.Chain{}).RegisterService(&jverificationv1.VerificationService_ServiceDesc, http.NewServeMux())
}

package server

import (
	"bufio"
	"context"
	"io"
	"regexp"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	reflectionpb "google.golang.org/grpc/reflection/grpc_reflection_v1"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// gatewayProcess is run in a goroutine of the test.
type gatewayProcess struct {
	addr string
	log  *bufio.Scanner
	stop context.CancelFunc
	exit <-chan int
}

var address = regexp.MustCompile(`address=(\S+)`)

func startGateway(t *testing.T, args ...string) *gatewayProcess {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	out, in := io.Pipe()
	exit := make(chan int, 1)
	go func() {
		exit <- process{args: append([]string{"-simulate", "-internal", "-addr", "127.0.0.1:0"}, args...), stdout: io.Discard, stderr: in}.run(ctx)
		in.Close()
	}()
	p := &gatewayProcess{log: bufio.NewScanner(out), stop: cancel, exit: exit}
	if !p.log.Scan() || !strings.Contains(p.log.Text(), "level=WARN") || !strings.Contains(p.log.Text(), "SIMULATED") {
		t.Fatalf("first line = %q, want a warning", p.log.Text())
	}
	if !p.log.Scan() || address.FindStringSubmatch(p.log.Text()) == nil {
		t.Fatalf("second line = %q, want the address", p.log.Text())
	}
	p.addr = address.FindStringSubmatch(p.log.Text())[1]
	return p
}

// rest reads the log to its end, without which the gateway would not get on.
func (p *gatewayProcess) rest() <-chan string {
	all := make(chan string, 1)
	go func() {
		var text strings.Builder
		for p.log.Scan() {
			text.WriteString(p.log.Text() + "\n")
		}
		all <- text.String()
	}()
	return all
}

func (p *gatewayProcess) dial(t *testing.T) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(p.addr, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithChainUnaryInterceptor(interceptor.UnaryClientInterceptor()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func TestServeAndShutDown(t *testing.T) {
	t.Parallel()
	p := startGateway(t)
	rest := p.rest()
	conn := p.dial(t)

	service := jverificationv1.VerificationService_ServiceDesc.ServiceName
	// The service is SERVING once the first probe has reached the upstream.
	watching, stop := context.WithCancel(t.Context())
	watch, err := healthpb.NewHealthClient(conn).Watch(watching, &healthpb.HealthCheckRequest{Service: service})
	if err != nil {
		t.Fatal(err)
	}
	for checked := (*healthpb.HealthCheckResponse)(nil); checked.GetStatus() != healthpb.HealthCheckResponse_SERVING; {
		if checked, err = watch.Recv(); err != nil {
			t.Fatalf("health: %v", err)
		}
	}
	stop()
	if !reflected(t, conn, service) {
		t.Errorf("reflection does not list %s", service)
	}
	_, err = jverificationv1.NewVerificationServiceClient(conn).VerifyNumber(t.Context(),
		&jverificationv1.VerifyNumberRequest{Phone: "13800138000", Token: "code-9005"})
	if !codetable.Is(err, jverificationv1.ResponseCode_RESPONSE_CODE_VERIFY_INTERVAL_BELOW_MINIMUM) {
		t.Errorf("error = %v, want 9005", err)
	}

	p.stop()
	if got := <-p.exit; got != exitOK {
		t.Errorf("exit code = %d, want %d", got, exitOK)
	}
	if log := <-rest; !strings.Contains(log, "codetable.code=9005") || !strings.Contains(log, "shutting down") {
		t.Errorf("log = %s", log)
	}
}

func reflected(t *testing.T, conn *grpc.ClientConn, service string) bool {
	t.Helper()
	stream, err := reflectionpb.NewServerReflectionClient(conn).ServerReflectionInfo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	err = stream.Send(&reflectionpb.ServerReflectionRequest{MessageRequest: &reflectionpb.ServerReflectionRequest_ListServices{}})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := stream.Recv()
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.CloseSend(); err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); err != io.EOF {
		t.Fatal(err)
	}
	for _, listed := range answer.GetListServicesResponse().GetService() {
		if listed.GetName() == service {
			return true
		}
	}
	return false
}

// TestShutDownCutsOff leaves a stream open that nobody ends.
func TestShutDownCutsOff(t *testing.T) {
	t.Parallel()
	p := startGateway(t, "-config", write(t, "grace: 1ms"))
	rest := p.rest()
	stream, err := jverificationv1.NewVerificationServiceClient(p.dial(t)).VerifyNumbers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	item := &jverificationv1.VerifyNumberRequest{Phone: "13800138000", Token: "code-9000"}
	if err := stream.Send(&jverificationv1.VerifyNumbersRequest{Item: item}); err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); err != nil {
		t.Fatal(err)
	}
	p.stop()
	if got := <-p.exit; got != exitOK {
		t.Errorf("exit code = %d, want %d", got, exitOK)
	}
	if log := <-rest; !strings.Contains(log, "cutting off") {
		t.Errorf("log = %s", log)
	}
	if _, err := stream.Recv(); err == nil {
		t.Error("the stream goes on")
	}
}

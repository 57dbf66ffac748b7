package server

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"io"
	"os"
	"path/filepath"
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

const secret = "5e987ac6d2e04d95a9d8f0d1"

// variables is an environment.
type variables map[string]string

func (v variables) get(name string) string { return v[name] }

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestHelpIsComplete(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	if got := run(t.Context(), []string{"--help"}, variables{}.get, &stdout, &stderr); got != exitOK || stderr.Len() > 0 {
		t.Errorf("exit code = %d, stderr = %q", got, &stderr)
	}
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	new(settings).define(flags)
	want := []string{"JVERIFICATION_MASTER_SECRET", "JVERIFICATION_DEV_SECRET", "simulator"}
	flags.VisitAll(func(f *flag.Flag) { want = append(want, "-"+f.Name, env(f.Name)) })
	for _, text := range want {
		if !strings.Contains(stdout.String(), text) {
			t.Errorf("help does not mention %s", text)
		}
	}
	for name, setting := range settingOf {
		if !strings.Contains(stdout.String(), setting[strings.LastIndex(setting, " ")+1:]) {
			t.Errorf("help does not mention how to set %s", name)
		}
	}
}

// TestStartErrors wants the setting and the remedy, and no secret.
func TestStartErrors(t *testing.T) {
	t.Parallel()
	const url = "https://api.example"
	tests := []struct {
		name string
		args []string
		env  variables
		want string
		code int
	}{
		{"unknown flag", []string{"-x"}, nil, "-x", exitUsage},
		{"argument", []string{"x"}, nil, `unexpected argument "x"`, exitUsage},
		{"secret as a flag", []string{"-master-secret", secret}, nil, "-master-secret", exitUsage},
		{"key alone", []string{"-app-key", "a"}, nil, "JVERIFICATION_UPSTREAM_URL", exitUsage},
		{"secret alone", nil, variables{"JVERIFICATION_MASTER_SECRET": secret}, "JVERIFICATION_UPSTREAM_URL", exitUsage},
		{"URL alone", []string{"-upstream-url", url}, nil, "AppKey is missing: set -app-key or JVERIFICATION_APP_KEY", exitUsage},
		{"no secret", []string{"-upstream-url", url, "-app-key", "a"}, nil, "MasterSecret is missing: set JVERIFICATION_MASTER_SECRET or -master-secret-file", exitUsage},
		{"half an activation", []string{"-upstream-url", url, "-admin-url", url}, variables{"JVERIFICATION_APP_KEY": "a", "JVERIFICATION_MASTER_SECRET": secret}, "DevKey is missing: set -dev-key", exitUsage},
		{"plain http", []string{"-upstream-url", "http://api.example"}, nil, "https://", exitUsage},
		{"secret in the URL", nil, variables{"JVERIFICATION_UPSTREAM_URL": "https://a:" + secret + "@api.example"}, "credentials", exitUsage},
		{"bad variable", nil, variables{"JVERIFICATION_TIMEOUT": "5"}, `JVERIFICATION_TIMEOUT: invalid value "5"`, exitUsage},
		{"bad boolean", nil, variables{"JVERIFICATION_PUBLIC": "perhaps"}, "JVERIFICATION_PUBLIC", exitUsage},
		{"no time", []string{"-timeout", "0s"}, nil, "-timeout: set it to more than 0", exitUsage},
		{"failing captcha code", []string{"-captcha-success-code", "7104"}, nil, "set -captcha-success-code", exitUsage},
		{"large captcha code", []string{"-captcha-success-code", "2147483648"}, nil, "captcha-success-code", exitUsage},
		{"two secrets", []string{"-master-secret-file", write(t, secret)}, variables{"JVERIFICATION_MASTER_SECRET": secret}, "both set: unset one", exitUsage},
		{"empty secret", []string{"-master-secret-file", write(t, " \n")}, nil, "is empty", exitUsage},
		{"no such file", []string{"-dev-secret-file", write(t, "") + ".none"}, nil, "-dev-secret-file: open", exitUsage},
		{"no such address", []string{"-addr", "127.0.0.1:none"}, nil, "set -addr or JVERIFICATION_ADDR", exitFailure},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			if got := run(t.Context(), tt.args, tt.env.get, &stdout, &stderr); got != tt.code {
				t.Errorf("exit code = %d, want %d", got, tt.code)
			}
			if !strings.Contains(stderr.String(), tt.want) || stdout.Len() > 0 {
				t.Errorf("stdout = %q, stderr = %q, want %q", &stdout, &stderr, tt.want)
			}
			if strings.Contains(stderr.String(), secret) {
				t.Errorf("stderr shows a secret: %s", &stderr)
			}
		})
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	file := write(t, secret+"\n")
	tests := []struct {
		name string
		args []string
		env  variables
		get  func(*settings) string
		want string
	}{
		{"flag", []string{"-app-key", "a"}, nil, func(s *settings) string { return s.config.AppKey }, "a"},
		{"variable", nil, variables{"JVERIFICATION_APP_KEY": "b"}, func(s *settings) string { return s.config.AppKey }, "b"},
		{"flag before variable", []string{"-app-key", "a"}, variables{"JVERIFICATION_APP_KEY": "b"}, func(s *settings) string { return s.config.AppKey }, "a"},
		{"secret by variable", nil, variables{"JVERIFICATION_MASTER_SECRET": "s"}, func(s *settings) string { return string(s.config.MasterSecret) }, "s"},
		{"secret by file", []string{"-master-secret-file", file}, nil, func(s *settings) string { return string(s.config.MasterSecret) }, secret},
		{"file by variable", nil, variables{"JVERIFICATION_DEV_SECRET_FILE": file}, func(s *settings) string { return string(s.config.DevSecret) }, secret},
		{"time", nil, variables{"JVERIFICATION_TIMEOUT": "3s"}, func(s *settings) string { return s.config.Timeout.String() }, "3s"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			args := append([]string{"-upstream-url", "https://api.example"}, tt.args...)
			set, err := parse(args, tt.env.get, io.Discard)
			if err != nil {
				t.Fatal(err)
			}
			if got := tt.get(set); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

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
		exit <- run(ctx, append([]string{"-addr", "127.0.0.1:0"}, args...), variables{}.get, io.Discard, in)
		in.Close()
	}()
	p := &gatewayProcess{log: bufio.NewScanner(out), stop: cancel, exit: exit}
	if !p.log.Scan() || !strings.Contains(p.log.Text(), "level=WARN") || !strings.Contains(p.log.Text(), "NO UPSTREAM IS SET") {
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
	p := startGateway(t, "-grace", "1ms")
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

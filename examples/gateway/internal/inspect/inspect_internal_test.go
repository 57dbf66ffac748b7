package inspect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gatewaytest"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor"
)

// runInspect runs the command, and returns its exit status, its answers and what it wrote
// to standard error.
func runInspect(t *testing.T, args ...string) (exit int, answers []*Answer, stderr string) {
	t.Helper()
	var stdout, errors strings.Builder
	exit = run(t.Context(), args, &stdout, &errors)
	for line := range strings.Lines(stdout.String()) {
		a := new(Answer)
		if err := json.Unmarshal([]byte(line), a); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		answers = append(answers, a)
	}
	return exit, answers, errors.String()
}

func startGateway(t *testing.T, public bool) (address string) {
	t.Helper()
	return gatewaytest.Start(t, gatewaytest.Options{Config: func(c *gateway.Config) {
		c.PublicBoundary, c.RiskAttempts = public, 1 // without the waits between attempts
	}}).Address
}

// The gateway sends what the Go library sends, in each language and from each method.
func TestGateway(t *testing.T) {
	t.Parallel()
	internal, public := startGateway(t, false), startGateway(t, true)
	tests := map[string]struct {
		args []string
		want int // answers
	}{
		"internal":        {[]string{"-addr", internal}, 55},
		"without locale":  {[]string{"-addr", internal, "-locale", ""}, 55},
		"public":          {[]string{"-addr", public, "-public"}, 55},
		"some":            {[]string{"-addr", internal, "-codes", "9003,-7,0"}, 3},
		"another method":  {[]string{"-addr", internal, "-codes", "9003,77,-7", "-method", "CheckCaptcha"}, 3},
		"a stream":        {[]string{"-addr", internal, "-codes", "9003,77,9000", "-method", "VerifyNumbers"}, 3},
		"public, English": {[]string{"-addr", public, "-public", "-locale", "en"}, 55},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			exit, answers, stderr := runInspect(t, tt.args...)
			if exit != exitOK || stderr != "" || len(answers) != tt.want {
				t.Errorf("exit status %d, %d answers, want 0 and %d:\n%s", exit, len(answers), tt.want, stderr)
			}
			for _, a := range answers {
				if len(a.Problems) > 0 {
					t.Errorf("%d: %q", a.Asked, a.Problems)
				}
			}
		})
	}
}

// A reading is that of the test vectors, apart from what differs between calls.
func TestReadingsAreThoseOfTheVectors(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.FromSlash("../../../../proto/jiguang/jverification/v1/testdata/vectors.json"))
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct {
		Name    string   `json:"name"`
		Reading *Reading `json:"reading"`
	}
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
	}
	want := map[string]*Reading{}
	for _, v := range vectors {
		want[v.Name] = v.Reading
	}
	_, answers, _ := runInspect(t, "-addr", startGateway(t, false))
	compared := 0
	for _, a := range answers {
		expected := want[fmt.Sprintf("code %d", a.Asked)]
		if expected == nil {
			continue
		}
		compared++
		delete(a.Reading.Metadata, "id")
		if a.Reading.Retry.Window != "CALENDAR_WINDOW_UNSPECIFIED" {
			a.Reading.Retry.DelayMS = expected.Retry.DelayMS
		}
		if diff := cmp.Diff(expected, a.Reading); diff != "" {
			t.Errorf("%d (-want +got):\n%s", a.Asked, diff)
		}
	}
	if compared < 40 {
		t.Errorf("%d readings were compared, want those of all failing codes", compared)
	}
}

// server answers each call with the same error.
type server struct {
	jverificationv1.UnimplementedVerificationServiceServer

	err      error
	headers  bool
	pushback []string
}

func (s *server) VerifyNumber(ctx context.Context, _ *jverificationv1.VerifyNumberRequest) (*jverificationv1.VerifyNumberResponse, error) {
	if s.headers {
		_ = grpc.SendHeader(ctx, metadata.MD{})
	}
	_ = grpc.SetTrailer(ctx, metadata.MD{pushbackKey: s.pushback})
	return &jverificationv1.VerifyNumberResponse{}, s.err
}

func (s *server) VerifyNumbers(grpc.BidiStreamingServer[jverificationv1.VerifyNumbersRequest, jverificationv1.VerifyNumbersResponse]) error {
	return s.err
}

const expired = jverificationv1.ResponseCode_RESPONSE_CODE_TOKEN_EXPIRED_OR_NOT_EXIST

// sent returns what the Go library sends of 9003, and change changes it.
func sent(t *testing.T, change func(*spb.Status)) error {
	t.Helper()
	x := expectation{locale: "zh-CN"}
	message := x.translate(t.Context(), lookup(expired)).Status.Proto()
	change(message)
	return status.FromProto(message).Err()
}

func setDetail(t *testing.T, message *spb.Status, i int, detail proto.Message) {
	t.Helper()
	if err := message.Details[i].MarshalFrom(detail); err != nil {
		t.Fatal(err)
	}
}

func TestProblems(t *testing.T) {
	t.Parallel()
	no := []string{"-1"}
	same := func(*spb.Status) {}
	tests := map[string]struct {
		server *server
		want   string // of the problems; "" if there are none
	}{
		"none":             {&server{err: sent(t, same), pushback: no}, ""},
		"headers":          {&server{err: sent(t, same), pushback: no, headers: true}, "headers before the error: gRPC ignores the pushback"},
		"no pushback":      {&server{err: sent(t, same)}, `pushback is "", want "-1"`},
		"two pushbacks":    {&server{err: sent(t, same), pushback: []string{"-1", "-1"}}, `pushback is "-1,-1", want "-1"`},
		"another status":   {&server{err: sent(t, func(s *spb.Status) { s.Code = int32(codes.Aborted) }), pushback: no}, `gRPC code is "Aborted", want "FailedPrecondition"`},
		"another message":  {&server{err: sent(t, func(s *spb.Status) { s.Message = "x" }), pushback: no}, `message is "x", want "Token expired or does not exist"`},
		"a detail is lost": {&server{err: sent(t, func(s *spb.Status) { s.Details = s.Details[:len(s.Details)-1] }), pushback: no}, "is missing, want google.rpc.LocalizedMessage"},
		"another order": {&server{err: sent(t, func(s *spb.Status) {
			s.Details[0], s.Details[1] = s.Details[1], s.Details[0]
		}), pushback: no}, "detail 0 is google.rpc.PreconditionFailure"},
		"one more detail": {&server{err: sent(t, func(s *spb.Status) { s.Details = append(s.Details, s.Details[0]) }), pushback: no}, "4 details, want 3"},
		"an unknown detail": {&server{err: sent(t, func(s *spb.Status) {
			s.Details[2] = &anypb.Any{TypeUrl: "type.googleapis.com/acme.v9.Unlinked"}
		}), pushback: no}, "detail 2: "},
		"another domain": {&server{err: sent(t, func(s *spb.Status) {
			setDetail(t, s, 0, &errdetails.ErrorInfo{Reason: "TOKEN_EXPIRED_OR_NOT_EXIST", Domain: "example.com"})
		}), pushback: no}, "the code can't be read"},
		"more metadata": {&server{err: sent(t, func(s *spb.Status) {
			setDetail(t, s, 0, &errdetails.ErrorInfo{
				Reason: "TOKEN_EXPIRED_OR_NOT_EXIST", Domain: "jverification.jiguang.cn", Metadata: map[string]string{"code": "9003", "id": "1"},
			})
		}), pushback: no}, ""},
		"no error":     {&server{}, `gRPC code is "OK", want "FailedPrecondition"`},
		"not a status": {&server{err: errors.New("x"), pushback: no}, `gRPC code is "Unknown", want "FailedPrecondition"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			exit, answers, _ := runInspect(t, "-addr", serve(t, tt.server), "-codes", "9003")
			if len(answers) != 1 {
				t.Fatalf("%d answers", len(answers))
			}
			problems := strings.Join(answers[0].Problems, "\n")
			if tt.want == "" && (problems != "" || exit != exitOK) || tt.want != "" && (!strings.Contains(problems, tt.want) || exit != exitProblems) {
				t.Errorf("exit status %d, problems:\n%s\nwant %s", exit, problems, tt.want)
			}
		})
	}
}

func serve(t *testing.T, service *server) string {
	t.Helper()
	listener := gatewaytest.Listen(t)
	grpcServer := grpc.NewServer(grpc.WaitForHandlers(true))
	jverificationv1.RegisterVerificationServiceServer(grpcServer, service)
	gatewaytest.Serve(t, grpcServer, listener)
	return listener.Addr().String()
}

// A stream may end with a code.
func TestStreamEnds(t *testing.T) {
	t.Parallel()
	listener := gatewaytest.Listen(t)
	grpcServer := grpc.NewServer(grpc.WaitForHandlers(true), grpc.ChainStreamInterceptor(interceptor.StreamServerInterceptor()))
	jverificationv1.RegisterVerificationServiceServer(grpcServer, &server{err: lookup(expired).NewError()})
	gatewaytest.Serve(t, grpcServer, listener)
	exit, answers, stderr := runInspect(t, "-addr", listener.Addr().String(), "-method", "VerifyNumbers", "-codes", "9003")
	if exit != exitOK || len(answers) != 1 || *answers[0].Reading.Code != 9003 {
		t.Errorf("exit status %d, %d answers:\n%s", exit, len(answers), stderr)
	}
}

func TestCommandLine(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args           []string
		exit           int
		stdout, stderr string
	}{
		"help":         {[]string{"--help"}, exitOK, "problems      the differences from the Go library", ""},
		"unknown flag": {[]string{"-x"}, exitUsage, "", "inspect: flag provided but not defined: -x\n"},
		"argument":     {[]string{"x"}, exitUsage, "", "inspect: unexpected argument \"x\"\n"},
		"codes":        {[]string{"-codes", "1,x"}, exitUsage, "", "inspect: code \"x\" is not a number of 32 bits\n"},
		"method":       {[]string{"-codes", "1", "-method", "x"}, exitUsage, "", "inspect: the service has no method \"x\"\n"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr strings.Builder
			exit := run(t.Context(), tt.args, &stdout, &stderr)
			if exit != tt.exit || !strings.Contains(stdout.String(), tt.stdout) || stderr.String() != tt.stderr {
				t.Errorf("exit status %d, stdout:\n%sstderr:\n%s", exit, &stdout, &stderr)
			}
		})
	}
}

// Nothing listens on the address.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	listener := gatewaytest.Listen(t)
	listener.Close()
	exit, answers, stderr := runInspect(t, "-addr", listener.Addr().String(), "-codes", "9003")
	if exit != exitProblems || len(answers) != 1 || stderr != "inspect: 1 of 1 codes differ from the Go library\n" {
		t.Errorf("exit status %d, %d answers:\n%s", exit, len(answers), stderr)
	}
}

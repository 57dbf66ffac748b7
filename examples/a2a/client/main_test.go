package main

import (
	"context"
	"net"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	a2av1 "github.com/codetable/grpc-codetable/examples/a2a/gen/a2aprotocol/v1"
	a2apb "github.com/codetable/grpc-codetable/examples/a2a/gen/lf/a2a/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// sdkAgent fails as the server of the A2A SDK does: its ErrorInfo has no number, and the
// id of the task is the reason.
type sdkAgent struct {
	a2apb.UnimplementedA2AServiceServer
}

func (sdkAgent) GetTask(_ context.Context, req *a2apb.GetTaskRequest) (*a2apb.Task, error) {
	failure, err := status.New(codes.Internal, "failed").
		WithDetails(&errdetails.ErrorInfo{Reason: req.GetId(), Domain: "a2a-protocol.org"})
	if err != nil {
		return nil, err
	}
	return nil, failure.Err()
}

func serve(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	a2apb.RegisterA2AServiceServer(server, sdkAgent{})
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return listener.Addr().String()
}

func TestCodeWithoutNumber(t *testing.T) {
	t.Parallel()
	addr := serve(t)
	for code, spec := range codetable.All[a2av1.ErrorCode]() {
		var out strings.Builder
		if err := ask(t.Context(), &out, addr, "GetTask", spec.Reason(), "zh-CN"); err != nil {
			t.Errorf("%v: %v", code, err)
		}
		sentence, _ := spec.UserMessage("zh-CN")
		want := "error: " + spec.Reason() + " " + strconv.Itoa(int(code)) + "\n"
		if got := out.String(); !strings.HasPrefix(got, want) || !strings.HasSuffix(got, sentence+"\n") {
			t.Errorf("got %q, want it to begin with %q", got, want)
		}
	}
}

func TestFailureOfGRPC(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := ask(t.Context(), &out, serve(t), "SendMessage", "done", "en"); status.Code(err) != codes.Unimplemented {
		t.Errorf("got %v and output %q, want Unimplemented", err, out.String())
	}
}

func TestNextStep(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := ask(t.Context(), &out, serve(t), "GetTask", "TASK_NOT_FOUND", "en"); err != nil {
		t.Fatal(err)
	}
	want := "error: TASK_NOT_FOUND -32001\nto do: start a new task\nuser:  This task no longer exists. Please start again.\n"
	if out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

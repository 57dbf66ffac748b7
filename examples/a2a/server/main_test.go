package main

import (
	"context"
	"fmt"
	"net"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	a2av1 "github.com/codetable/grpc-codetable/examples/a2a/gen/a2aprotocol/v1"
	a2apb "github.com/codetable/grpc-codetable/examples/a2a/gen/lf/a2a/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

func dial(t *testing.T) *grpc.ClientConn {
	t.Helper()
	listener := bufconn.Listen(1 << 16)
	server := newServer()
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	conn, err := grpc.NewClient("passthrough:bufconn",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// calls asks each method for a task, and returns the number of events and the error.
func calls(ctx context.Context, agent a2apb.A2AServiceClient) map[string]func(id string) (int, error) {
	message := func(id string) *a2apb.SendMessageRequest {
		return &a2apb.SendMessageRequest{Message: &a2apb.Message{TaskId: id}}
	}
	events := func(stream grpc.ServerStreamingClient[a2apb.StreamResponse], err error) (int, error) {
		n := -1
		for ; err == nil; n++ {
			_, err = stream.Recv()
		}
		return n, err
	}
	return map[string]func(string) (int, error){
		"GetTask": func(id string) (int, error) {
			_, err := agent.GetTask(ctx, &a2apb.GetTaskRequest{Id: id})
			return 0, err
		},
		"CancelTask": func(id string) (int, error) {
			_, err := agent.CancelTask(ctx, &a2apb.CancelTaskRequest{Id: id})
			return 0, err
		},
		"SendMessage": func(id string) (int, error) {
			_, err := agent.SendMessage(ctx, message(id))
			return 0, err
		},
		"SubscribeToTask": func(id string) (int, error) {
			return events(agent.SubscribeToTask(ctx, &a2apb.SubscribeToTaskRequest{Id: id}))
		},
		"SendStreamingMessage": func(id string) (int, error) { return events(agent.SendStreamingMessage(ctx, message(id))) },
	}
}

func TestEveryMethodSendsEveryError(t *testing.T) {
	t.Parallel()
	for method, call := range calls(t.Context(), a2apb.NewA2AServiceClient(dial(t))) {
		events := 0
		if method == "SendStreamingMessage" {
			events = 1
		}
		for code, spec := range codetable.All[a2av1.ErrorCode]() {
			n, err := call(spec.Reason())
			if got, ok := codetable.CodeOf[a2av1.ErrorCode](err); !ok || got != code || status.Code(err) != spec.GRPCCode() || n != events {
				t.Errorf("%s %s: %d events, then %v", method, spec.Reason(), n, err)
			}
		}
	}
}

func TestErrorsOfTheAgent(t *testing.T) {
	t.Parallel()
	conn := dial(t)
	call := calls(t.Context(), a2apb.NewA2AServiceClient(conn))
	tests := []struct {
		method, id string
		want       a2av1.ErrorCode
	}{
		{"GetTask", "", a2av1.ErrorCode_ERROR_CODE_INVALID_PARAMS},
		{"GetTask", "another", a2av1.ErrorCode_ERROR_CODE_TASK_NOT_FOUND},
		{"CancelTask", "done", a2av1.ErrorCode_ERROR_CODE_TASK_NOT_CANCELABLE},
		{"SubscribeToTask", "done", a2av1.ErrorCode_ERROR_CODE_UNSUPPORTED_OPERATION},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%s(%q)", test.method, test.id), func(t *testing.T) {
			t.Parallel()
			if _, err := call[test.method](test.id); !codetable.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
	t.Run("unknown method", func(t *testing.T) {
		t.Parallel()
		err := conn.Invoke(t.Context(), "/lf.a2a.v1.A2AService/ListTasks", &a2apb.Task{}, &a2apb.Task{})
		if !codetable.Is(err, a2av1.ErrorCode_ERROR_CODE_METHOD_NOT_FOUND) || status.Code(err) != codes.NotFound {
			t.Errorf("got %v", err)
		}
	})
}

func TestTaskOfTheAgent(t *testing.T) {
	t.Parallel()
	agent := a2apb.NewA2AServiceClient(dial(t))
	task, err := agent.GetTask(t.Context(), &a2apb.GetTaskRequest{Id: "done"})
	if err != nil || task.GetId() != "done" {
		t.Errorf("got %v, %v", task, err)
	}
}

// Command client makes one call to an A2A agent, and shows what it reads from an
// error. It needs no interceptor: it links the table.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	a2av1 "github.com/codetable/grpc-codetable/examples/a2a/gen/a2aprotocol/v1"
	a2apb "github.com/codetable/grpc-codetable/examples/a2a/gen/lf/a2a/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8092", "`address` of the agent, without TLS")
	method := flag.String("method", "GetTask", "`name` of the method to call")
	task := flag.String("task", "done", "`id` of the task")
	locale := flag.String("locale", "en", "`language` of the sentence for the end user")
	flag.Parse()
	if err := ask(context.Background(), os.Stdout, *addr, *method, *task, *locale); err != nil {
		fmt.Fprintln(os.Stderr, "client:", err)
		os.Exit(1)
	}
}

// ask makes the call, and prints what its caller needs of the answer.
func ask(ctx context.Context, w io.Writer, addr, method, task, locale string) error {
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	ctx = metadata.AppendToOutgoingContext(ctx, "a2a-version", "1.0")
	err = call(ctx, a2apb.NewA2AServiceClient(conn), method, task)
	if err == nil {
		fmt.Fprintln(w, "success")
		return nil
	}
	failure, ok := codetable.FromError(err)
	if !ok { // a failure of gRPC itself, such as an agent that can't be reached
		return err
	}
	fmt.Fprintf(w, "error: %s %d\n", failure.Reason(), failure.Number())
	fmt.Fprintf(w, "to do: %s\n", nextStep(err))
	fmt.Fprintf(w, "user:  %s\n", failure.UserMessage(locale))
	return nil
}

// nextStep switches on the codes that this program knows. All others, present and
// future, are left to the default.
func nextStep(err error) string {
	code, _ := codetable.CodeOf[a2av1.ErrorCode](err)
	switch code {
	case a2av1.ErrorCode_ERROR_CODE_TASK_NOT_FOUND:
		return "start a new task"
	case a2av1.ErrorCode_ERROR_CODE_PUSH_NOTIFICATION_NOT_SUPPORTED:
		return "subscribe to the task instead"
	case a2av1.ErrorCode_ERROR_CODE_INVALID_AGENT_RESPONSE, a2av1.ErrorCode_ERROR_CODE_INTERNAL_ERROR:
		return "ask for the state of the task before another try"
	default:
		return "show the sentence for the user"
	}
}

func call(ctx context.Context, agent a2apb.A2AServiceClient, method, task string) error {
	message := &a2apb.SendMessageRequest{Message: &a2apb.Message{MessageId: "1", TaskId: task}}
	var err error
	switch method {
	case "GetTask":
		_, err = agent.GetTask(ctx, &a2apb.GetTaskRequest{Id: task})
	case "CancelTask":
		_, err = agent.CancelTask(ctx, &a2apb.CancelTaskRequest{Id: task})
	case "SendMessage":
		_, err = agent.SendMessage(ctx, message)
	case "SendStreamingMessage":
		return events(agent.SendStreamingMessage(ctx, message))
	case "SubscribeToTask":
		return events(agent.SubscribeToTask(ctx, &a2apb.SubscribeToTaskRequest{Id: task}))
	default:
		err = fmt.Errorf("no method %q", method)
	}
	return err
}

// events reads a stream to its end.
func events(stream grpc.ServerStreamingClient[a2apb.StreamResponse], err error) error {
	for err == nil {
		_, err = stream.Recv()
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

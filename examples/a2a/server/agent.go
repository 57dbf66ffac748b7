package main

import (
	"context"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"

	a2av1 "github.com/codetable/grpc-codetable/examples/a2a/gen/a2aprotocol/v1"
	a2apb "github.com/codetable/grpc-codetable/examples/a2a/gen/lf/a2a/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// agent has one task, "done". So that clients can be tested, a request for the task
// VERSION_NOT_SUPPORTED gets that error, and likewise for every other reason.
type agent struct {
	a2apb.UnimplementedA2AServiceServer
}

func (agent) GetTask(_ context.Context, req *a2apb.GetTaskRequest) (*a2apb.Task, error) {
	return find(req.GetId())
}

func (agent) CancelTask(_ context.Context, req *a2apb.CancelTaskRequest) (*a2apb.Task, error) {
	if _, err := find(req.GetId()); err != nil {
		return nil, err
	}
	return nil, codetable.NewError(a2av1.ErrorCode_ERROR_CODE_TASK_NOT_CANCELABLE)
}

// SubscribeToTask fails before its first event.
func (agent) SubscribeToTask(req *a2apb.SubscribeToTaskRequest, _ grpc.ServerStreamingServer[a2apb.StreamResponse]) error {
	if _, err := find(req.GetId()); err != nil {
		return err
	}
	// The specification demands this error for a task that has ended.
	return codetable.NewError(a2av1.ErrorCode_ERROR_CODE_UNSUPPORTED_OPERATION)
}

func (agent) SendMessage(_ context.Context, req *a2apb.SendMessageRequest) (*a2apb.SendMessageResponse, error) {
	task, err := find(req.GetMessage().GetTaskId())
	if err != nil {
		return nil, err
	}
	return &a2apb.SendMessageResponse{Payload: &a2apb.SendMessageResponse_Task{Task: task}}, nil
}

// SendStreamingMessage fails after its first event.
func (agent) SendStreamingMessage(req *a2apb.SendMessageRequest, stream grpc.ServerStreamingServer[a2apb.StreamResponse]) error {
	id := req.GetMessage().GetTaskId()
	event := &a2apb.StreamResponse{Payload: &a2apb.StreamResponse_Task{Task: &a2apb.Task{Id: id}}}
	if err := stream.Send(event); err != nil {
		return err
	}
	_, err := find(id)
	return err
}

// find returns the task with an id.
func find(id string) (*a2apb.Task, error) {
	switch id {
	case "":
		return nil, codetable.NewError(a2av1.ErrorCode_ERROR_CODE_INVALID_PARAMS,
			codetable.WithDetail(&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{
				{Field: "id", Description: "is empty"},
			}}))
	case "done":
		return &a2apb.Task{Id: id}, nil
	}
	for code, spec := range codetable.All[a2av1.ErrorCode]() {
		if spec.Reason() == id {
			return nil, codetable.NewError(code)
		}
	}
	return nil, codetable.NewError(a2av1.ErrorCode_ERROR_CODE_TASK_NOT_FOUND, codetable.WithMetadata("taskId", id))
}

// Package codetabletest helps to test code that uses package codetable.
// [Golden] compares a table with a golden file, [Diff] compares two errors, and
// [Receive] returns the error that a client would receive.
package codetabletest

import (
	"context"

	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// Receive returns the error that a client with the client interceptor receives
// if a handler returns err behind a server interceptor with the given options.
// It calls [interceptor.Translator], marshals the google.rpc.Status and decodes
// it with [codetable.FromError]. An error without a code is returned as a gRPC
// status, and nil as nil.
//
// There is no call: the context has no metadata, so only interceptor.WithLocale
// can set the language of the caller.
func Receive(err error, opts ...interceptor.ServerOption) error {
	if err == nil {
		return nil
	}
	message := interceptor.NewTranslator(opts...).Translate(context.Background(), err).Status.Proto()
	raw, failed := proto.Marshal(message)
	if failed == nil {
		failed = proto.Unmarshal(raw, message)
	}
	if failed != nil {
		panic(failed) // impossible: a translator returns only statuses that marshal
	}
	received := status.FromProto(message).Err()
	if e, ok := codetable.FromError(received); ok {
		return e
	}
	return received
}

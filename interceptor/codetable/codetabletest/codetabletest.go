// Package codetabletest helps to test code that uses package codetable: it
// guards what a table says with a file ([Golden]), compares errors ([Diff]), and
// makes of an error what a client receives ([Receive]).
package codetabletest

import (
	"context"

	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// Receive returns what a client with the client interceptor gets of an error
// that a handler returns behind a server interceptor with the given options:
// through [interceptor.Translator], the bytes of google.rpc.Status, and
// [codetable.FromError]. An error without a code comes back as a gRPC status,
// and nil as nil. There is no call: the context holds no metadata, so that the
// language of the caller is what interceptor.WithLocale says.
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
		panic(failed) // a translator sends nothing that does not marshal
	}
	received := status.FromProto(message).Err()
	if e, ok := codetable.FromError(received); ok {
		return e
	}
	return received
}

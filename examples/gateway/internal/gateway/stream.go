package gateway

import (
	"errors"
	"io"
	"strconv"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// VerifyNumbers implements jverificationv1.VerificationServiceServer. It works
// on one item at a time: the answers come in the order asked, and a stream holds
// one item however many are sent. A caller who wants more at once opens more
// streams.
func (g *Gateway) VerifyNumbers(stream grpc.BidiStreamingServer[jverificationv1.VerifyNumbersRequest, jverificationv1.VerifyNumbersResponse]) error {
	ctx := stream.Context()
	for {
		req, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return unreadable(err)
		}
		resp, err := g.VerifyNumber(ctx, req.GetItem())
		answer := &jverificationv1.VerifyNumbersResponse{Item: resp}
		if failed := g.observed.Part(ctx, "", err); err != nil {
			answer = failedItem(req.GetItem(), failed)
		}
		if err := stream.Send(answer); err != nil {
			return err
		}
	}
}

// unreadable is the error of a message that can't be read. It is the caller's fault,
// but grpc-go has Internal for it, of which an alert would tell the operator. grpc-go
// has sent its own status when it returns this error.
func unreadable(err error) error {
	if status.Code(err) != codes.Internal {
		return err
	}
	return codetable.NewError(jverificationv1.ResponseCode_RESPONSE_CODE_PARAMETER_INVALID,
		codetable.WithMessage("the message is not one of the stream"), codetable.WithCause(err))
}

// failedItem is what a caller sees of an error that ends an item.
func failedItem(req *jverificationv1.VerifyNumberRequest, failed interceptor.Event) *jverificationv1.VerifyNumbersResponse {
	item := &jverificationv1.VerifyNumberResponse{ExId: req.GetExId()}
	answer := &jverificationv1.VerifyNumbersResponse{Item: item}
	code, ok := codetable.CodeOf[jverificationv1.ResponseCode](failed.Err)
	if failed.Masked || !ok {
		answer.GrpcCode = codetablev1.GrpcCode(failed.Status.Code()).Enum()
		if own, ok := codetable.CodeOf[jverificationv1.GatewayCode](failed.Err); ok && !failed.Masked {
			answer.GatewayCode = own.Enum()
		}
		return answer
	}
	item.Code = code.Enum()
	// An answer such as 9001 has a serial, which a fault has not.
	item.Id, _ = strconv.ParseInt(failed.Err.Metadata()[serialKey], 10, 64)
	return answer
}

package gateway

import (
	"errors"
	"io"
	"strconv"

	"google.golang.org/grpc"

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
			return err
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

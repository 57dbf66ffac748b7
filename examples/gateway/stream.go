package gateway

import (
	"errors"
	"io"
	"log/slog"
	"strconv"

	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/logging"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"

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
		if err != nil {
			// The log of the call speaks of its end only, which may be a success.
			level := slog.Level(logging.DefaultServerCodeToLevel(status.Code(err)))
			g.log.Log(ctx, level, "item failed", append(interceptor.LoggingFields(err), "error", err)...)
			answer = g.failedItem(req.GetItem(), err)
		}
		if err := stream.Send(answer); err != nil {
			return err
		}
	}
}

func (g *Gateway) failedItem(req *jverificationv1.VerifyNumberRequest, err error) *jverificationv1.VerifyNumbersResponse {
	item := &jverificationv1.VerifyNumberResponse{ExId: req.GetExId()}
	answer := &jverificationv1.VerifyNumbersResponse{Item: item}
	coded, ok := codetable.FromError(err)
	switch {
	case g.hidesError(err):
		answer.GrpcCode = hiddenCode(err).Enum()
	case ok:
		item.Code = jverificationv1.ResponseCode(coded.Number()).Enum()
		// An answer such as 9001 has a serial, which a fault has not.
		item.Id, _ = strconv.ParseInt(coded.Metadata()["id"], 10, 64)
	default:
		answer.GrpcCode = statusCode(err).Enum()
	}
	return answer
}

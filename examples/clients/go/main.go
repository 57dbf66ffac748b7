// Command client verifies a phone number: go run . 127.0.0.1:8090 code-9003
package main

import (
	"context"
	"fmt"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	jv "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

func main() {
	const retries = `{"methodConfig": [{"name": [{}], "retryPolicy": {"maxAttempts": 3, "initialBackoff": "1s", "maxBackoff": "5s",
		"backoffMultiplier": 2, "retryableStatusCodes": ["INTERNAL", "RESOURCE_EXHAUSTED", "UNAVAILABLE"]}}]}`
	conn, err := grpc.NewClient(os.Args[1], grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultServiceConfig(retries), grpc.WithChainUnaryInterceptor(interceptor.UnaryClientInterceptor()))
	if err != nil {
		panic(err)
	}
	ctx := metadata.AppendToOutgoingContext(context.Background(), "accept-language", "zh-CN")
	_, err = jv.NewVerificationServiceClient(conn).VerifyNumber(ctx, &jv.VerifyNumberRequest{Phone: "13800138000", Token: os.Args[2]})
	switch code, _ := codetable.CodeOf[jv.ResponseCode](err); code {
	case jv.ResponseCode_RESPONSE_CODE_TOKEN_EXPIRED_OR_NOT_EXIST, jv.ResponseCode_RESPONSE_CODE_TOKEN_INVALID:
		fmt.Println("have the SDK make another token")
	default: // a code that this client does not list, or none
		fmt.Println("verified:", err == nil)
	}
	if e, ok := codetable.FromError(err); ok {
		fmt.Println(e.Number(), e.Reason(), e.Fault(), e.Retry(), e.UserMessage("zh-CN"))
	} else if mask, ok := codetable.Masked(err); ok {
		fmt.Println("masked", mask.RequestID(), mask.Retry(), mask.UserMessage())
	}
}

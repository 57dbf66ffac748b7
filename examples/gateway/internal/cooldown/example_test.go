package cooldown_test

import (
	"context"
	"fmt"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/cooldown"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

func Example() {
	cool := cooldown.New()
	verify := func(ctx context.Context) error {
		if err := cool.Blocked(ctx, "an AppKey"); err != nil {
			return err
		}
		fmt.Println("the upstream is called")
		err := codetable.NewError(jverificationv1.ResponseCode_RESPONSE_CODE_APPKEY_NO_MONEY)
		cool.Learn(ctx, "an AppKey", err)
		return err
	}
	for range 3 {
		failure, _ := codetable.FromError(verify(context.Background()))
		fmt.Printf("%d, from memory: %t\n", failure.Number(), failure.Metadata()[cooldown.Mark] != "")
	}
	// Output:
	// the upstream is called
	// 9018, from memory: false
	// 9018, from memory: true
	// 9018, from memory: true
}

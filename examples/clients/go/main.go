// Command inspect asks a running gateway to verify one phone number. It shows all
// that a client does with the answer: it switches on the code, obeys the retry advice
// and has a sentence for the end user.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8090", "`address` of the gateway, without TLS (make serve starts one)")
	token := flag.String("token", "phone-13800138000-once", "`token` from the SDK; the simulator answers N to code-N")
	phone := flag.String("phone", "13800138000", "phone `number` to verify")
	locale := flag.String("locale", "en", "`language` of the sentence for the end user")
	flag.Parse()
	req := &jverificationv1.VerifyNumberRequest{Phone: *phone, Token: *token}
	if err := inspect(context.Background(), os.Stdout, *addr, *locale, req); err != nil {
		fmt.Fprintln(os.Stderr, "inspect:", err)
		os.Exit(1)
	}
}

// inspect makes the call, and prints what its caller needs of the answer.
func inspect(ctx context.Context, w io.Writer, addr, locale string, req *jverificationv1.VerifyNumberRequest) error {
	conn, err := grpc.NewClient(addr,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithChainUnaryInterceptor(interceptor.UnaryClientInterceptor()))
	if err != nil {
		return err
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	ctx = metadata.AppendToOutgoingContext(ctx, "accept-language", locale)
	resp, err := jverificationv1.NewVerificationServiceClient(conn).VerifyNumber(ctx, req)
	const format = "error:   %v\nto do:   %s\nretry:   %s\nuser:    %s\n"
	if failure, ok := codetable.FromError(err); ok {
		fmt.Fprintf(w, format, failure, nextStep(err), retryAdvice(failure.Retry()), failure.UserMessage(locale, "en"))
	} else if mask, ok := codetable.Masked(err); ok { // the gateway hides what only its operator can fix
		fmt.Fprintf(w, format, status.Convert(err), "tell the operator the request id "+mask.RequestID(), retryAdvice(mask.Retry()), mask.UserMessage())
	} else if err != nil { // a failure of gRPC itself, such as a gateway that can't be reached
		return err
	} else {
		fmt.Fprintf(w, "The number is verified: code %d, id %d.\n", resp.GetCode(), resp.GetId())
	}
	return nil
}

// nextStep switches on the codes that this program knows. All others, present and
// future, are left to the default.
func nextStep(err error) string {
	code, _ := codetable.CodeOf[jverificationv1.ResponseCode](err)
	switch code {
	case jverificationv1.ResponseCode_RESPONSE_CODE_VERIFY_NOT_CONSISTENT:
		return "the answer is no: this is not the number of that phone"
	case jverificationv1.ResponseCode_RESPONSE_CODE_TOKEN_EXPIRED_OR_NOT_EXIST,
		jverificationv1.ResponseCode_RESPONSE_CODE_TOKEN_INVALID:
		return "have the SDK make another token"
	case jverificationv1.ResponseCode_RESPONSE_CODE_VERIFY_INTERVAL_BELOW_MINIMUM,
		jverificationv1.ResponseCode_RESPONSE_CODE_NUMBER_FREQUENCY_BEYOND_LIMIT:
		return "verify another way, since this number was verified too often"
	default:
		return "show the sentence for the user"
	}
}

func retryAdvice(retry codetable.Retry) string {
	var advice string
	switch retry.Action {
	case codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST:
		advice = "the same request"
	case codetablev1.RetryAction_RETRY_ACTION_NEW_INPUT, codetablev1.RetryAction_RETRY_ACTION_NEXT_WINDOW:
		advice = "with a fresh token"
	case codetablev1.RetryAction_RETRY_ACTION_CONFIRM_OUTCOME:
		advice = "ask for the outcome first"
	default:
		advice = "no"
	}
	if retry.Delay > 0 {
		advice += fmt.Sprintf(", in %v", retry.Delay)
	}
	return advice
}

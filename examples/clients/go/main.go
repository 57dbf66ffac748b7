// Command inspect asks a running gateway to verify one number, and shows what a
// client does with the answer: it switches on the code, reads the retry advice
// and has a sentence for the end user.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"
	_ "time/tzdata" // calendar windows need a zone, also where none is installed

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

const timeout = 10 * time.Second

var errNoAddress = errors.New(`-addr is missing. Start a gateway, in examples/:
	go run ./gateway/cmd/gateway
and ask it:
	go run ./clients/go -addr 127.0.0.1:8090 -token code-9005`)

func main() {
	err := run(context.Background(), os.Args[1:], os.Stdout)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "inspect:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("inspect", flag.ContinueOnError)
	flags.SetOutput(stdout)
	addr := flags.String("addr", "", "`address` of the gateway, without TLS")
	token := flags.String("token", "phone-13800138000-once", "`token` from the SDK; the simulator answers N to code-N")
	phone := flags.String("phone", "13800138000", "phone `number` to verify")
	locale := flags.String("locale", "en", "`language` of the sentence for the end user")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *addr == "" {
		return errNoAddress
	}
	conn, err := grpc.NewClient(*addr,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithChainUnaryInterceptor(interceptor.UnaryClientInterceptor()))
	if err != nil {
		return err
	}
	defer conn.Close()

	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	ctx = metadata.AppendToOutgoingContext(ctx, "accept-language", *locale)
	resp, err := jverificationv1.NewVerificationServiceClient(conn).
		VerifyNumber(ctx, &jverificationv1.VerifyNumberRequest{Phone: *phone, Token: *token})
	if err != nil {
		explain(stdout, err, *locale)
		return nil
	}
	fmt.Fprintf(stdout, "The number is verified: code %d, id %d.\n", resp.GetCode(), resp.GetId())
	return nil
}

// explain shows all that a caller needs of a failure.
func explain(w io.Writer, err error, locale string) {
	failure, ok := codetable.FromError(err)
	if !ok {
		explainWithoutCode(w, err)
		return
	}
	fmt.Fprintf(w, "error:   %v\n", failure)
	fmt.Fprintf(w, "to do:   %s\n", nextStep(err))
	fmt.Fprintf(w, "retry:   %s\n", retryAdvice(failure.Retry()))
	fmt.Fprintf(w, "user:    %s\n", failure.UserMessage(locale, "en"))
}

// explainWithoutCode shows what is left where the gateway hides the code, or
// never had one.
func explainWithoutCode(w io.Writer, err error) {
	fmt.Fprintf(w, "No response code came back: %v\n", status.Convert(err))
	mask, ok := codetable.Masked(err)
	if !ok {
		return
	}
	fmt.Fprintf(w, "to do:   tell the operator the request id %s\n", mask.RequestID())
	fmt.Fprintf(w, "retry:   %s\n", retryAdvice(mask.Retry()))
	if mask.UserMessage() != "" {
		fmt.Fprintf(w, "user:    %s\n", mask.UserMessage())
	}
}

// nextStep switches on the few codes that this program treats alike or apart,
// and leaves all others, present and future, to the default.
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
		return "verify another way; this number has had its turns"
	default:
		return "show the sentence for the user"
	}
}

func retryAdvice(retry codetable.Retry) string {
	wait := ""
	if retry.Delay > 0 {
		wait = fmt.Sprintf(", in %v", retry.Delay)
	}
	switch retry.Action {
	case codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST:
		return "the same request" + wait
	case codetablev1.RetryAction_RETRY_ACTION_NEW_INPUT, codetablev1.RetryAction_RETRY_ACTION_NEXT_WINDOW:
		return "with a fresh token" + wait
	case codetablev1.RetryAction_RETRY_ACTION_CONFIRM_OUTCOME:
		return "ask for the outcome first" + wait
	default:
		return "no"
	}
}

package inspect

import (
	"fmt"
	"io"

	"google.golang.org/grpc/status"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// printText prints the answer of one call for a person.
func printText(w io.Writer, response Response, err error, locale string) error {
	const format = "error:   %v\nstatus:  %v\nretry:   %s\nuser:    %s\n"
	if failure, ok := codetable.FromError(err); ok {
		fmt.Fprintf(w, format, failure, status.Code(err), retryAdvice(failure.Retry()), failure.UserMessage(locale, "en"))
	} else if mask, ok := codetable.Masked(err); ok {
		fmt.Fprintf(w, format, "masked, request id "+mask.RequestID(), status.Code(err), retryAdvice(mask.Retry()), mask.UserMessage())
	} else if err != nil {
		return err
	} else {
		fmt.Fprintf(w, "The number is verified: code %d.\n", response.GetCode())
	}
	return nil
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

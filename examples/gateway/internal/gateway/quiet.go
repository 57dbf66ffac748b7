package gateway

import (
	"errors"

	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// quietError is an upstream error with a text that is safe to log. That of the
// original quotes the upstream's reply, which may repeat a phone number or a
// token. What the interceptor sends comes from the original.
type quietError struct {
	text     string
	original error
}

func (e *quietError) Error() string { return e.text }
func (e *quietError) Unwrap() error { return e.original }

func quiet(err error) error {
	if err == nil {
		return nil
	}
	text := status.Convert(err).Message()
	if coded, ok := codetable.FromError(err); ok {
		text = coded.Spec().NewError().Error()
	} else if failed, ok := errors.AsType[*transportError](err); ok {
		text += ": " + failed.Error()
	}
	return &quietError{text: text, original: err}
}

// Package rest connects response codes with HTTP in both directions. [Do] calls
// a REST upstream that answers with numeric response codes and returns them as
// errors of a table. [WriteError] answers an HTTP caller with the status of an
// error, as a server interceptor answers a gRPC caller.
//
// Do does not rely on the HTTP status of the upstream: such upstreams answer
// 200 to failed requests, and a proxy can answer with an error page. The
// numeric code in the JSON body decides. The HTTP status is used only for a
// reply without a code.
package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"google.golang.org/grpc/codes"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// Do sends a request and decodes the reply into `into`, which is a pointer as
// for json.Unmarshal, or nil. It returns nil if and only if the reply has a
// success code of E's table and could be decoded. The code is read from the
// reply, not from `into`, so an earlier content of `into` has no effect.
//
// A failing code is returned as *codetable.Error, whatever the HTTP status is.
// `into` is filled as far as possible in this case too. No content of the reply
// is sent to clients unless an option names it. The header Retry-After sets the
// delay, at most one day, if the action of the table takes a delay.
//
// Any other failure is an error with a gRPC status:
//
//   - A reply without a numeric code has the status to which gRPC maps its HTTP
//     status
//     (https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md):
//     400 is Internal, 401 Unauthenticated, 403 PermissionDenied, 404
//     Unimplemented, 429, 502, 503 and 504 Unavailable, all others Unknown.
//     Retry-After becomes RetryInfo. The text of the error, not its status,
//     contains an excerpt of the body: bounded, on one line, without long
//     numbers. It is for logs, and it may still contain data that the upstream
//     repeats.
//   - If there is no reply, the status is Unavailable, or DeadlineExceeded or
//     Canceled if the context or the timeout of the client caused it.
//   - A reply with a success code that does not fit into `into` is Internal.
//
// The messages of these statuses are fixed. No error contains the query, the
// headers or the body of the request. Do sends the request once. Set a deadline
// on its context. If a redirect must not repeat the request, set CheckRedirect
// on the client.
func Do[E codetable.Enum](client *http.Client, req *http.Request, into any, opts ...Option) error {
	r := &reply{config: newConfig(opts)}
	resp, err := client.Do(req) //nolint:gosec // the request is the caller's own
	if err != nil {
		return noReply(req.Context(), err)
	}
	defer func() { _ = resp.Body.Close() }() // the body was only read
	r.response = resp
	r.body, err = readBody(resp.Body, r.bodyLimit)
	if err != nil && (req.Context().Err() != nil || errors.Is(err, context.DeadlineExceeded)) {
		return noReply(req.Context(), err)
	}
	if err != nil {
		return r.noCode(err)
	}
	decodeErr := r.decode(into)
	number, ok := r.number()
	if !ok && !r.succeeded() {
		return r.noCode(nil)
	}
	if spec, _ := codetable.Lookup(E(number)); ok && spec.GRPCCode() != codes.OK {
		return spec.NewError(r.errorOptions(spec, decodeErr)...)
	}
	if decodeErr != nil {
		return newStatusError(codes.Internal, "upstream reply has an unexpected form", decodeErr)
	}
	return nil
}

var errTooLarge = errors.New("body exceeds the limit")

func readBody(body io.Reader, limit int64) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(body, limit+1))
	if err == nil && int64(len(b)) > limit {
		return b[:limit], fmt.Errorf("%w of %d bytes", errTooLarge, limit)
	}
	return b, err
}

// noReply removes the URLs that http.Client adds to its errors. There are
// several if a transport calls a client itself.
func noReply(ctx context.Context, err error) error {
	for wrapped, ok := errors.AsType[*url.Error](err); ok; wrapped, ok = errors.AsType[*url.Error](err) {
		err = wrapped.Err
	}
	err = withoutQuote(err)
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return newStatusError(codes.Canceled, context.Canceled.Error(), err)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(ctx.Err(), context.DeadlineExceeded):
		return newStatusError(codes.DeadlineExceeded, "upstream did not answer in time", err)
	default:
		return newStatusError(codes.Unavailable, "upstream can't be reached", err)
	}
}

// Package rest is REST both ways. [Do] calls an upstream that answers with
// numeric response codes, and returns those codes as errors of a table.
// [WriteError] answers an HTTP caller with the status of an error, as a server
// interceptor answers one of gRPC.
//
// The upstream's HTTP status is not trusted to say anything: such upstreams
// answer 200 to failures, or an error page of a proxy with any status. A
// numeric code in a JSON object is what counts; only without one does the HTTP
// status speak.
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

// Do sends a request and decodes the reply into `into`, a pointer as
// json.Unmarshal takes it, or nil. It returns nil exactly where the reply has
// a success code of E's table and could be decoded. The code is not read from
// `into`: what is left there of an earlier reply does not count.
//
// A failing code is returned as *codetable.Error, whatever the HTTP status.
// Nothing of the reply is published but what options name; Retry-After, where it
// states a time to come, sets the delay, of at most a day, if the action of the
// table takes one. `into` is filled then too, as far as it can be.
//
// Any other failure is an error with a gRPC status:
//
//   - A reply without a numeric code has the code that gRPC maps its HTTP
//     status to (https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md);
//     400 is Internal, 401 Unauthenticated, 403 PermissionDenied, 404
//     Unimplemented, 429, 502, 503 and 504 Unavailable, the rest Unknown.
//     Retry-After becomes its RetryInfo. Its text, not its status, shows a
//     bounded excerpt of the body, on one line and without long numbers. It is
//     for logs, and may still repeat what an upstream echoes.
//   - No reply is Unavailable, or DeadlineExceeded or Canceled where the
//     context or the timeout of the client says so.
//   - A reply with a success code that does not fit into `into` is Internal.
//
// The texts that travel are fixed. No error holds the query, the headers or
// the body of the request. Do sends the request once: set a deadline on its
// context, and a CheckRedirect on the client if a redirect must not repeat it.
func Do[E codetable.Enum](client *http.Client, req *http.Request, into any, opts ...Option) error {
	r := &reply{config: newConfig(opts)}
	resp, err := client.Do(req)
	if err != nil {
		return noReply(req.Context(), err)
	}
	defer func() { _ = resp.Body.Close() }() // nothing is left to be written
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

// noReply strips the URLs that http.Client puts into its errors, more than one
// where a transport calls a client itself.
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

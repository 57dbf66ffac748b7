// Package rest calls a REST upstream that answers with numeric response codes
// in JSON, and returns those codes as errors of a table.
//
// The upstream's HTTP status is not trusted to say anything: such upstreams
// answer 200 to failures, or an error page of a proxy with any status. A
// numeric code in a JSON object is what counts; only without one does the HTTP
// status speak.
package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"google.golang.org/grpc/codes"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// Keys of ErrorInfo.metadata; wire contract.
const (
	contentKey = "content"
	idKey      = "id"
	exIDKey    = "exId"
)

// Do sends a request and decodes the reply into `into`, a pointer as
// json.Unmarshal takes it, or nil. It returns nil exactly where the reply has
// a success code of E's table and could be decoded.
//
// A failing code is returned as *codetable.Error, whatever the HTTP status,
// with the fields "id" and "exID" of the reply as metadata, and "content" where
// it differs from the description in the table. `into` is filled then too, as
// far as it can be.
//
// Any other failure is an error with a gRPC status:
//
//   - A reply without a numeric code has the code that gRPC maps its HTTP
//     status to (https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md);
//     400 is Internal, 401 Unauthenticated, 403 PermissionDenied, 404
//     Unimplemented, 429, 502, 503 and 504 Unavailable, the rest Unknown.
//     Its text, not its status, shows a bounded excerpt of the body, on one
//     line and without long numbers. It is for logs, and may still repeat what
//     an upstream echoes.
//   - No reply is Unavailable, or DeadlineExceeded or Canceled where the
//     context or the timeout of the client says so.
//
// The texts that travel are fixed. No error holds the query, the headers or
// the body of the request. Do sends the request once: set a deadline on its
// context, and a CheckRedirect on the client if a redirect must not repeat it.
func Do[E codetable.Enum](client *http.Client, req *http.Request, into any, opts ...Option) error {
	cfg := newConfig(opts)
	resp, err := client.Do(req)
	if err != nil {
		return noReply(req.Context(), err)
	}
	defer func() { _ = resp.Body.Close() }() // nothing is left to be written
	body, err := readBody(resp.Body, cfg.bodyLimit)
	if err != nil && (req.Context().Err() != nil || errors.Is(err, context.DeadlineExceeded)) {
		return noReply(req.Context(), err)
	}
	reply, ok := parse(body, cfg.fields)
	if err != nil || !ok {
		return noCode(resp.StatusCode, body, err)
	}
	decodeErr := decodeInto(body, into)
	if err := newError(E(reply.code), reply, decodeErr); err != nil {
		return err
	}
	if decodeErr != nil {
		return &statusError{code: codes.Internal, message: "upstream reply has an unexpected form", cause: decodeErr}
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

func decodeInto(body []byte, into any) error {
	if into == nil {
		return nil
	}
	return json.Unmarshal(body, into)
}

func newError[E codetable.Enum](code E, r reply, cause error) error {
	spec, _ := codetable.Lookup(code)
	var opts []codetable.ErrorOption
	add := func(key, value string) {
		if value != "" {
			opts = append(opts, codetable.WithMetadata(key, value))
		}
	}
	add(idKey, r.id)
	add(exIDKey, r.exID)
	if r.content != spec.Description() {
		add(contentKey, r.content)
	}
	if cause != nil {
		opts = append(opts, codetable.WithCause(cause))
	}
	return codetable.NewError(code, opts...)
}

// noReply strips the URLs that http.Client puts into its errors, more than one
// where a transport calls a client itself.
func noReply(ctx context.Context, err error) error {
	for wrapped, ok := errors.AsType[*url.Error](err); ok; wrapped, ok = errors.AsType[*url.Error](err) {
		err = wrapped.Err
	}
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return &statusError{code: codes.Canceled, message: context.Canceled.Error(), cause: err}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(ctx.Err(), context.DeadlineExceeded):
		return &statusError{code: codes.DeadlineExceeded, message: "upstream did not answer in time", cause: err}
	default:
		return &statusError{code: codes.Unavailable, message: "upstream can't be reached", cause: err}
	}
}

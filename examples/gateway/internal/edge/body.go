package edge

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// envelopeBytes is the length of the prefix of a message of gRPC.
const envelopeBytes = 5

var (
	errIncomplete = invalid("incomplete", "the body ends too early")
	errNotGzip    = invalid("compression", "the body is not gzip, or ends too early")
	errNotMessage = invalid("body", "the body has a malformed message")
)

func tooLarge(limit int) error {
	return &refusedError{"size", status.Errorf(codes.ResourceExhausted, "the message is larger than %d bytes, the limit of this server", limit)}
}

// readError is the refusal for an error of a read: whatever the error is, the
// caller did not send a whole body.
func readError(err error, limit int) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return tooLarge(limit)
	}
	return errIncomplete
}

// unaryBody is the body of a unary call, for connect.
type unaryBody struct {
	io.ReadCloser

	ctx context.Context //nolint:containedctx // of the call
}

// Read implements [io.Reader].
func (b unaryBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == nil || errors.Is(err, io.EOF) {
		return n, err
	}
	x := exchangeOf(b.ctx)
	return n, connectError(b.ctx, x.refuse(readError(err, x.handler.maxMessage)))
}

// readBody reads and decompresses the body of a REST call. It stops at the limit,
// since a few kilobytes of gzip can expand to megabytes.
func readBody(w http.ResponseWriter, r *http.Request, limit int) ([]byte, error) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, int64(limit)))
	if err != nil {
		return nil, readError(err, limit)
	}
	if r.Header.Get("Content-Encoding") != "gzip" || len(raw) == 0 {
		return raw, nil
	}
	unzipped, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, errNotGzip
	}
	raw, err = io.ReadAll(io.LimitReader(unzipped, int64(limit)+1))
	switch {
	case len(raw) > limit:
		return nil, tooLarge(limit)
	case err != nil:
		return nil, errNotGzip
	default:
		return raw, nil
	}
}

// boundedGzip is a [connect.Decompressor] that ends a message at its limit, which
// is above that of connect: connect would inflate the rest to tell its length.
type boundedGzip struct {
	gzip.Reader

	limit, left int
}

// Reset implements [connect.Decompressor].
func (g *boundedGzip) Reset(r io.Reader) error {
	g.left = g.limit
	return g.Reader.Reset(r)
}

// Read implements [io.Reader].
func (g *boundedGzip) Read(p []byte) (int, error) {
	if g.left == 0 {
		return 0, io.EOF
	}
	n, err := g.Reader.Read(p[:min(len(p), g.left)])
	g.left -= n
	return n, err
}

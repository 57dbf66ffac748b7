package edge

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// envelopeBytes is the length of the prefix of a message of gRPC.
const envelopeBytes = 5

var (
	errIncomplete = &refusedError{"incomplete", status.Error(codes.InvalidArgument, "the body ends too early")}
	errNotGzip    = &refusedError{"compression", status.Error(codes.InvalidArgument, "the body is not gzip, or ends too early")}
	errNotMessage = &refusedError{"body", status.Error(codes.InvalidArgument, "the body has a malformed message")}
)

func tooLarge(limit int) error {
	return &refusedError{"size", status.Errorf(codes.ResourceExhausted, "the message is larger than %d bytes, the limit of this server", limit)}
}

// boundedBody is the body of a unary call. Its errors are refusals: whatever the
// error of a read is, the caller did not send a whole body.
type boundedBody struct {
	io.ReadCloser

	limit  int
	refuse func(error) error
}

func (h *handler) bound(w http.ResponseWriter, r *http.Request, refuse func(error) error) io.ReadCloser {
	return boundedBody{http.MaxBytesReader(w, r.Body, int64(h.maxMessage+envelopeBytes)), h.maxMessage, refuse}
}

// Read implements [io.Reader].
func (b boundedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == nil || errors.Is(err, io.EOF) {
		return n, err
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return n, b.refuse(tooLarge(b.limit))
	}
	return n, b.refuse(errIncomplete)
}

// readMessage reads and decompresses a body. It stops at the limit, since a few
// kilobytes of gzip can expand to megabytes.
func readMessage(body io.Reader, limit int, encoding string) ([]byte, error) {
	raw, err := io.ReadAll(body)
	if err == nil && encoding == "gzip" && len(raw) > 0 {
		var unzipped io.Reader
		if unzipped, err = gzip.NewReader(bytes.NewReader(raw)); err == nil {
			raw, err = io.ReadAll(io.LimitReader(unzipped, int64(limit)+1))
		}
		if err != nil {
			err = errNotGzip
		}
	}
	if len(raw) > limit {
		err = tooLarge(limit)
	}
	return raw, err
}

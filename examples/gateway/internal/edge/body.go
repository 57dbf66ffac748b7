package edge

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
	"net/http"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// prefixBytes is the length of what stands before a message of gRPC: a flag, and
// the length of the message.
const prefixBytes = 5

func tooLarge(limit int) error {
	return &refusedError{"size", status.Errorf(codes.ResourceExhausted, "the message is larger than %d bytes, the limit of this server", limit)}
}

func malformedBody(cause, text string) error {
	return &refusedError{cause, status.Error(codes.InvalidArgument, text)}
}

var (
	errIncomplete = malformedBody("incomplete", "the body ends too early")
	errNotGzip    = malformedBody("compression", "the body is not gzip, or ends too early")
	errNotFramed  = malformedBody("body", "the body is not one message of gRPC")
)

// readMessage reads the body of a unary call.
func readMessage(body io.Reader, limit int, gzipped bool) ([]byte, error) {
	raw, err := readAll(body, limit, 0)
	if err != nil || len(raw) == 0 || !gzipped {
		return raw, err
	}
	return unzip(raw, limit)
}

// readFramed reads the body of a unary call of gRPC or gRPC-Web, and
// decompresses its only message.
func readFramed(body io.Reader, limit int, gzipped bool) ([]byte, error) {
	raw, err := readAll(body, limit, prefixBytes)
	if err != nil || len(raw) == 0 {
		return raw, err
	}
	if len(raw) < prefixBytes || raw[0] > 1 {
		return nil, errNotFramed
	}
	size, message := int(binary.BigEndian.Uint32(raw[1:])), raw[prefixBytes:]
	switch {
	case size > limit:
		return nil, tooLarge(limit)
	case len(message) < size:
		return nil, errIncomplete
	case len(message) > size:
		return nil, errNotFramed
	case raw[0] == 0:
		return raw, nil
	case !gzipped:
		return nil, errNotGzip
	}
	if message, err = unzip(message, limit); err != nil {
		return nil, err
	}
	return append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(message))), message...), nil
}

func readAll(body io.Reader, limit, extra int) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(body, int64(limit+extra)+1))
	switch {
	case len(raw) > limit+extra:
		return nil, tooLarge(limit)
	case err != nil: // whatever it is, the caller sent no whole body
		return nil, errIncomplete
	}
	return raw, nil
}

// unzip does not expand more than the limit: some kilobytes of gzip can be as
// many megabytes of zeros.
func unzip(raw []byte, limit int) ([]byte, error) {
	reader, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, errNotGzip
	}
	message, err := io.ReadAll(io.LimitReader(reader, int64(limit)+1))
	switch {
	case len(message) > limit:
		return nil, tooLarge(limit)
	case err != nil:
		return nil, errNotGzip
	}
	return message, nil
}

// checkedBody reads and checks the whole of a body before any of it is used, so
// that what is wrong with it is told in the words of the edge.
type checkedBody struct {
	io.Closer

	read func() ([]byte, error)
	from *bytes.Reader
}

// Read implements [io.Reader].
func (b *checkedBody) Read(p []byte) (int, error) {
	if b.from == nil {
		raw, err := b.read()
		if err != nil {
			return 0, err
		}
		b.from = bytes.NewReader(raw)
	}
	return b.from.Read(p)
}

// checkBody prepares the request of a unary method for its connect handler.
func (h *handler) checkBody(x *exchange, r *http.Request) {
	body, read, encoding := r.Body, readMessage, "Content-Encoding"
	if isGRPC(r) {
		read, encoding = readFramed, "Grpc-Encoding"
	}
	gzipped := r.Header.Get(encoding) == "gzip"
	if gzipped {
		r.Header.Del(encoding)
	}
	r.Body = &checkedBody{Closer: body, read: func() ([]byte, error) {
		raw, err := read(body, h.maxMessage, gzipped)
		if err != nil {
			return nil, h.connectError(r.Context(), x.refuse(err), nil)
		}
		return raw, nil
	}}
}

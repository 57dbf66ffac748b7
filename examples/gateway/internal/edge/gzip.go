package edge

import (
	"compress/gzip"
	"errors"
	"io"

	"connectrpc.com/connect"
)

func newCompressor() connect.Compressor { return gzip.NewWriter(io.Discard) }

// newDecompressor returns decompressors with a limit, which vanguard's own have
// not: some kilobytes of gzip can be as many megabytes of zeros.
func newDecompressor(limit uint32) func() connect.Decompressor {
	return func() connect.Decompressor { return &decompressor{limit: int64(limit)} }
}

type decompressor struct {
	gzip.Reader

	limit, left int64
}

// Reset implements [connect.Decompressor].
func (d *decompressor) Reset(r io.Reader) error {
	d.left = d.limit
	return compressed(d.Reader.Reset(r))
}

// Read implements [io.Reader].
func (d *decompressor) Read(p []byte) (int, error) {
	n, err := d.Reader.Read(p)
	if d.left -= int64(n); d.left < 0 {
		return 0, tooLarge(d.limit)
	}
	return n, compressed(err)
}

// compressed blames the caller for bytes that are not gzip; vanguard takes an
// error without a code for one of the server.
func compressed(err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	return connect.NewError(connect.CodeInvalidArgument, errNotGzip)
}

var errNotGzip = errors.New("the body is not gzip, or ends too early")

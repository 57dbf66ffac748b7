package edge

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"connectrpc.com/connect"
)

// tooLarge is in the words of the edge, whichever limit was met.
func tooLarge(limit int64) error {
	return connect.NewError(connect.CodeResourceExhausted, fmt.Errorf("the message is larger than %d bytes, the limit of this server", limit))
}

// bounded ends a body that is too large before vanguard does, which names no
// remedy.
type bounded struct {
	io.ReadCloser

	limit, left int64
}

// Read implements [io.Reader].
func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, tooLarge(b.limit)
	}
	return n, err
}

// maxTimeout is far beyond what a call may take, and within a [time.Duration].
const maxTimeout = 1e9 // seconds

// timeoutFault is what is wrong with the deadline of a request, or "". Vanguard
// would quote it, and take some that are none.
func timeoutFault(r *http.Request, rpc bool) string {
	switch contentType := r.Header.Get("Content-Type"); {
	case strings.HasPrefix(contentType, "application/grpc"): // whose timeout has a unit
	case rpc:
		if text := r.Header.Get("Connect-Timeout-Ms"); text != "" {
			if ms, err := strconv.ParseInt(text, 10, 64); err != nil || ms < 0 {
				return "Connect-Timeout-Ms is not a whole number of milliseconds such as 1500"
			}
		}
	case strings.HasPrefix(r.URL.Path, restPrefix):
		if text := r.Header.Get("X-Server-Timeout"); text != "" {
			if seconds, err := strconv.ParseFloat(text, 64); err != nil || !(seconds >= 0 && seconds <= maxTimeout) {
				return "X-Server-Timeout is not a number of seconds such as 1.5"
			}
		}
	}
	return ""
}

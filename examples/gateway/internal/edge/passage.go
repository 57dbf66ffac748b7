package edge

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"sync/atomic"

	"connectrpc.com/connect"
)

// passage is how far a request has come.
type passage struct {
	passed atomic.Bool           // to the server
	err    atomic.Pointer[error] // why its body can't be read
	whole  bool                  // the body is one message, without a frame
}

type passageKey struct{}

func passageOf(ctx context.Context) *passage { return ctx.Value(passageKey{}).(*passage) }

func (p *passage) refusal() error {
	if err := p.err.Load(); err != nil {
		return *err
	}
	return nil
}

// errIncomplete is for a body that its caller did not send to the end.
var errIncomplete = errors.New("the body ends too early")

// refuse keeps the first error that speaks of the request. Any other one is of
// the connection, or of a server that has read enough.
func (p *passage) refuse(err error) {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		code := connect.CodeInvalidArgument
		if !p.whole {
			code = connect.CodeInternal // the server reads it, and answers so
		}
		err = connect.NewError(code, errIncomplete)
	}
	if _, ok := errors.AsType[*connect.Error](err); ok {
		p.err.CompareAndSwap(nil, &err)
	}
}

// arrival stands between vanguard and the server.
type arrival struct{ next http.Handler }

// ServeHTTP implements [http.Handler]. It reads a body that is one message
// before the server does: where that fails, there is no call to be made, and
// the answer can be clearer than that of a server which lost its connection.
func (h arrival) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p := passageOf(r.Context())
	p.passed.Store(true)
	body := inspected{r.Body, p}
	r.Body = body
	if p.whole {
		message, err := io.ReadAll(body)
		if refusal := p.refusal(); refusal != nil {
			answer(w, refusal)
			return
		}
		if err == nil {
			r.Body = readCloser{bytes.NewReader(message), body}
		}
	}
	h.next.ServeHTTP(w, r)
}

// answer is that of a gRPC server, for vanguard to translate. It has no effect
// where vanguard has answered by itself.
func answer(w http.ResponseWriter, err error) {
	text := err.Error()
	if failed, ok := errors.AsType[*connect.Error](err); ok {
		text = failed.Message()
	}
	w.Header().Set("Content-Type", "application/grpc")
	w.Header().Set("Grpc-Status", strconv.Itoa(int(connect.CodeOf(err))))
	w.Header().Set("Grpc-Message", text) // the texts of the edge need no escapes
	w.WriteHeader(http.StatusOK)
}

// inspected is a body that notes why it ends.
type inspected struct {
	io.ReadCloser

	passage *passage
}

// Read implements [io.Reader].
func (b inspected) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	why := err
	if n == 0 && errors.Is(err, io.EOF) {
		// Vanguard reports a message that it can't translate to the caller, and
		// ends the body. Asked again it says why (v0.4.0).
		_, why = b.ReadCloser.Read(nil)
	}
	if why != nil {
		b.passage.refuse(why)
	}
	return n, err
}

type readCloser struct {
	io.Reader
	io.Closer
}

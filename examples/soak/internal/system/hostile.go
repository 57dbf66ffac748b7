package system

import (
	"context"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/codetable/grpc-codetable/examples/soak/internal/plan"
)

// hostile is a server that sends malformed replies. It is not a gRPC server,
// because that one sends no such replies.
type hostile struct {
	*http.Server
	address string
	group   sync.WaitGroup
}

func startHostile(ctx context.Context, seed uint64, sent func(uint64)) (*hostile, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err // net names the operation
	}
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	h := &hostile{address: listener.Addr().String(), Server: &http.Server{
		Protocols: protocols, ReadHeaderTimeout: time.Minute,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			id, err := strconv.ParseUint(r.Header.Get(CallKey), 10, 64)
			if err != nil {
				http.Error(w, "no call", http.StatusBadRequest)
				return
			}
			reply := plan.Of(seed, id).Reply
			if reply.Want.Coded {
				sent(id)
			}
			write(w, reply)
		}),
	}}
	h.group.Go(func() { _ = h.Serve(listener) }) // it returns when the server is closed
	return h, nil
}

// write sends a reply. Without a body the trailer is sent as the header, as a
// gRPC server sends an error.
func write(w http.ResponseWriter, reply plan.Reply) {
	header := w.Header()
	header["Content-Type"] = []string{"application/grpc"}
	if reply.ContentType != "" {
		header["Content-Type"] = []string{reply.ContentType}
	}
	prefix := ""
	if reply.Body != nil {
		prefix = http.TrailerPrefix
	}
	for key, values := range reply.Trailer {
		header[prefix+key] = values
	}
	if reply.HTTPStatus != 0 {
		w.WriteHeader(reply.HTTPStatus)
	}
	if reply.Body != nil {
		_, _ = w.Write(reply.Body) // the client may have left
	}
	if reply.Reset {
		_ = http.NewResponseController(w).Flush() // the client may have left
		panic(http.ErrAbortHandler)
	}
}

func (h *hostile) close() error {
	err := h.Close()
	h.group.Wait()
	return err
}

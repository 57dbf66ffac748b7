package system

import (
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// Received is what the clients of a run received, as the bytes on their
// connections show it.
type Received struct {
	// Bytes and Headers count bytes, and blocks of headers and trailers.
	Bytes, Headers atomic.Int64
	// Largest is the size of the largest google.rpc.Status.
	Largest atomic.Int64
	// Unread counts connections whose bytes could not be understood, so that
	// they could hide a leak.
	Unread atomic.Int64
	// Leaks counts secret texts.
	Leaks atomic.Int64

	readers  sync.WaitGroup
	mu       sync.Mutex
	examples []string
}

// maxExamples is how many leaks are described.
const maxExamples = 10

// Examples describes the first leaks.
func (r *Received) Examples() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.examples...)
}

// Wait waits until everything is searched. All connections must be closed.
func (r *Received) Wait() { r.readers.Wait() }

func (r *Received) leak(text string) {
	r.Leaks.Add(1)
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.examples) < maxExamples {
		r.examples = append(r.examples, text)
	}
}

// tap is a connection of a client. Everything that is read from it is searched
// for secret texts too: header compression hides them from a search in the bytes.
type tap struct {
	net.Conn
	pipe *io.PipeWriter
}

// watch searches what is read from a connection. find returns what a text must
// not contain, or "".
func (r *Received) watch(conn net.Conn, find func(text string) string) net.Conn {
	reader, writer := io.Pipe()
	r.readers.Go(func() {
		if err := r.read(reader, find); err != nil {
			r.Unread.Add(1)
		}
		_, _ = io.Copy(io.Discard, reader) // the connection must not block
	})
	return &tap{conn, writer}
}

func (t *tap) Read(p []byte) (int, error) {
	n, err := t.Conn.Read(p)
	if n > 0 {
		_, _ = t.pipe.Write(p[:n]) // a pipe fails only if it is closed
	}
	return n, err
}

func (t *tap) Close() error {
	_ = t.pipe.Close() // it never fails
	return t.Conn.Close()
}

// read examines the frames of one connection until it ends.
func (r *Received) read(reader io.Reader, find func(string) string) error {
	framer := http2.NewFramer(io.Discard, reader)
	framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	framer.SetMaxReadFrameSize(1<<24 - 1)
	for {
		frame, err := framer.ReadFrame()
		if _, ok := errors.AsType[http2.StreamError](err); ok {
			r.Unread.Add(1) // a block of headers that no client may accept is not searched
			continue
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil // connections end and are reset
		}
		if err != nil {
			return err
		}
		r.Bytes.Add(int64(frame.Header().Length) + 9)
		switch f := frame.(type) {
		case *http2.MetaHeadersFrame:
			r.headers(f, find)
		case *http2.DataFrame:
			r.search("a message", string(f.Data()), find)
		case *http2.GoAwayFrame:
			r.search("GOAWAY", string(f.DebugData()), find)
		}
	}
}

func (r *Received) headers(f *http2.MetaHeadersFrame, find func(string) string) {
	r.Headers.Add(1)
	for _, field := range f.Fields {
		value := field.Value
		if plain, err := url.PathUnescape(value); err == nil {
			value = plain // of grpc-message
		}
		if strings.HasSuffix(field.Name, "-bin") {
			raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(field.Value, "="))
			if err != nil {
				r.Unread.Add(1)
				continue
			}
			value = string(raw)
		}
		if field.Name == "grpc-status-details-bin" {
			atomicMax(&r.Largest, int64(len(value)))
		}
		r.search(field.Name, field.Name+value, find)
	}
}

func (r *Received) search(place, text string, find func(string) string) {
	if found := find(text); found != "" {
		r.leak(place + " has " + found)
	}
}

func atomicMax(a *atomic.Int64, value int64) {
	for old := a.Load(); value > old && !a.CompareAndSwap(old, value); old = a.Load() {
	}
}

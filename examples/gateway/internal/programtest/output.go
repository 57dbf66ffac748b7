package programtest

import (
	"bytes"
	"regexp"
	"sync"
	"testing"
)

// Output keeps what a program has written. It is an [io.Writer], and safe for
// concurrent use. Make one with [NewOutput].
type Output struct {
	mu    sync.Mutex
	text  bytes.Buffer
	wrote chan struct{} // one value for any number of writes
	ended chan struct{}
}

// NewOutput returns an empty output.
func NewOutput() *Output {
	return &Output{wrote: make(chan struct{}, 1), ended: make(chan struct{})}
}

// Write implements [io.Writer].
func (o *Output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	select {
	case o.wrote <- struct{}{}:
	default:
	}
	return o.text.Write(p)
}

// String returns all that was written so far.
func (o *Output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// End tells those who wait that the program has ended. Call it once, after the last
// Write.
func (o *Output) End() { close(o.ended) }

// Ended is closed by [Output.End].
func (o *Output) Ended() <-chan struct{} { return o.ended }

// Await returns the first group of a pattern once the output has it, or the whole
// match if the pattern has no group. The test fails if it or the program ends before.
func (o *Output) Await(tb testing.TB, pattern string) string {
	tb.Helper()
	expr := regexp.MustCompile(pattern)
	for {
		if found := expr.FindStringSubmatch(o.String()); found != nil {
			return found[min(1, len(found)-1)]
		}
		select {
		case <-o.wrote:
		case <-o.ended:
			if expr.MatchString(o.String()) {
				continue // it was written between the look and the end
			}
			tb.Fatalf("the program ended without %s:\n%s", pattern, o)
		case <-tb.Context().Done():
			tb.Fatalf("no %s in %s", pattern, o)
		}
	}
}

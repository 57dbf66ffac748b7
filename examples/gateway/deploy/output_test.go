package deploy_test

import (
	"bytes"
	"strings"
	"sync"
	"testing"
)

// output is what a program has said.
type output struct {
	mu    sync.Mutex
	text  bytes.Buffer
	wrote chan struct{} // holds a value after a write
	ended chan struct{} // closed once the program has ended
}

func newOutput() *output {
	return &output{wrote: make(chan struct{}, 1), ended: make(chan struct{})}
}

// Write implements [io.Writer].
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	select {
	case o.wrote <- struct{}{}:
	default:
	}
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// await returns once the program has said something.
func (o *output) await(t *testing.T, want string) {
	t.Helper()
	for !strings.Contains(o.String(), want) {
		select {
		case <-o.wrote:
		case <-o.ended:
			t.Fatal("the program ended early")
		}
	}
}

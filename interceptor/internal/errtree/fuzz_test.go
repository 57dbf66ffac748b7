package errtree_test

import (
	"errors"
	"testing"

	"github.com/codetable/grpc-codetable/interceptor/internal/errtree"
)

// node is an error of a random graph, which may have cycles.
type node struct {
	asked int
	next  []error
}

func (*node) Error() string { return "node" }

// single wraps one error, or nil; several wraps a list.
type (
	single  struct{ node }
	several struct{ node }
)

func (n *single) Unwrap() error {
	n.asked++
	return n.next[0]
}

func (n *several) Unwrap() []error {
	n.asked++
	return n.next
}

// graph makes errors that wrap each other, by the bytes of a fuzzer: one byte
// for the kind of each error, and one for each error that it wraps.
func graph(data []byte) (list []error) {
	kinds := data[:min(len(data), 32)]
	for _, kind := range kinds {
		switch {
		case kind == 0:
			list = append(list, errors.New("leaf"))
		case kind%2 == 0:
			list = append(list, &single{})
		default:
			list = append(list, &several{})
		}
	}
	data = data[len(kinds):]
	next := func() (err error) {
		if len(data) > 0 && len(list) > 0 && data[0] < 0xf0 {
			err = list[int(data[0])%len(list)]
		}
		data = data[min(1, len(data)):]
		return err
	}
	for i, err := range list {
		switch n := err.(type) {
		case *single:
			n.next = []error{next()}
		case *several:
			for range kinds[i] >> 4 {
				n.next = append(n.next, next())
			}
		}
	}
	return list
}

// inOrder lists the errors of a tree, depth first, up to a limit.
func inOrder(err error, limit int) (list []error) {
	if err == nil || limit <= 0 {
		return nil
	}
	list = []error{err}
	var wrapped []error
	switch n := err.(type) {
	case *single:
		wrapped = n.next
	case *several:
		wrapped = n.next
	}
	for _, next := range wrapped {
		list = append(list, inOrder(next, limit-len(list))...)
	}
	return list
}

// maxBranches is more than the errors that one error of a graph wraps. A walk
// that is cut leaves some of them out.
const maxBranches = 16

// FuzzWalk walks through random graphs of errors. It ends in spite of cycles,
// visits errors in the order of a tree, and asks each visited error once.
func FuzzWalk(f *testing.F) {
	f.Add([]byte{2, 0x31, 0, 1, 0, 0, 2}, uint16(9))
	f.Add([]byte{0x21, 0, 0, 0xff}, uint16(1))
	f.Add([]byte{0xf1, 0xf1, 2, 0, 0, 0, 1, 1, 1, 2, 2}, uint16(5000))
	f.Fuzz(func(t *testing.T, data []byte, stop uint16) {
		list := graph(data)
		if len(list) == 0 {
			return
		}
		want := inOrder(list[0], maxNodes+1)
		visits := 0
		whole := errtree.Walk(list[0], func(err error) bool {
			if visits < maxNodes-maxBranches && (visits >= len(want) || err != want[visits]) {
				t.Fatalf("visit %d of %v is not in order", visits, data)
			}
			visits++
			return visits < int(stop)
		})
		if stopped := visits == int(stop); !stopped && whole != (len(want) <= maxNodes) || visits > maxNodes {
			t.Errorf("%d visits of at least %d errors, whole: %t", visits, len(want), whole)
		}
		asked := 0
		for _, err := range list {
			switch n := err.(type) {
			case *single:
				asked += n.asked
			case *several:
				asked += n.asked
			}
		}
		if asked > visits {
			t.Errorf("%d visits, but %d questions", visits, asked)
		}
	})
}

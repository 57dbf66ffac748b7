package errtree_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/codetable/grpc-codetable/interceptor/internal/errtree"
)

const maxNodes = 4096

type named struct{ name string }

func (n *named) Error() string { return n.name }

// asNamed is not a *named, but its method As returns one.
type asNamed struct{ named *named }

func (asNamed) Error() string { return "asNamed" }

func (l asNamed) As(target any) bool {
	t, ok := target.(**named)
	if ok && l.named != nil {
		*t = l.named
	}
	return ok && l.named != nil
}

// chain has a text and a single cause.
type chain struct {
	named
	cause error
}

func (c *chain) Unwrap() error { return c.cause }

// find uses Walk and As like the other packages. It returns the first *named
// that accept accepts.
func find(err error, accept func(*named) bool) (found *named, ok bool) {
	errtree.Walk(err, func(node error) bool {
		n, is := errtree.As[*named](node)
		if ok = is && accept(n); ok {
			found = n
		}
		return !ok
	})
	return found, ok
}

func TestWalkFindsByAs(t *testing.T) {
	t.Parallel()
	a, b, refused := &named{"a"}, &named{"b"}, &named{"refused"}
	plain := errors.New("plain")
	var typedNil *named
	tests := map[string]struct {
		err  error
		want *named // nil: nothing is found
	}{
		"nil":                        {nil, nil},
		"no match":                   {plain, nil},
		"itself":                     {a, a},
		"wrapped":                    {fmt.Errorf("x: %w", fmt.Errorf("y: %w", a)), a},
		"two verbs":                  {fmt.Errorf("%w and %w", plain, a), a},
		"first branch":               {errors.Join(a, b), a},
		"depth before breadth":       {errors.Join(plain, fmt.Errorf("x: %w", errors.Join(plain, a)), b), a},
		"refused, then accepted":     {errors.Join(refused, a), a},
		"typed nil, then accepted":   {errors.Join(typedNil, a), a},
		"typed nil":                  {typedNil, nil},
		"refused":                    {fmt.Errorf("x: %w", refused), nil},
		"by As":                      {fmt.Errorf("x: %w", asNamed{a}), a},
		"refused by As, then by As":  {errors.Join(asNamed{refused}, asNamed{b}), b},
		"As without a match":         {asNamed{}, nil},
		"behind a cause":             {&chain{named{"c"}, a}, a},
		"cause that is nil":          {&chain{named{"c"}, nil}, nil},
		"nil branches of two causes": {errors.Join(nil, nil, a), a},
		"nil between branches":       {branches{plain, nil, a}, a},
		"no branch matches":          {errors.Join(plain, refused), nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := find(tt.err, func(n *named) bool { return n != nil && n != refused })
			if got != tt.want || ok != (tt.want != nil) {
				t.Errorf("found %v, %t, want %v", got, ok, tt.want)
			}
		})
	}
}

// branches wraps several errors, some of which are nil.
type branches []error

func (branches) Error() string     { return "branches" }
func (b branches) Unwrap() []error { return b }

// Walk with As reaches the same errors as errors.As.
func TestWalkAgreesWithErrorsAs(t *testing.T) {
	t.Parallel()
	a, b := &named{"a"}, &named{"b"}
	for _, err := range []error{
		a, asNamed{b}, fmt.Errorf("x: %w", errors.Join(errors.New("y"), asNamed{}, b)), errors.Join(fmt.Errorf("x: %w", a), b), errors.New("z"),
	} {
		var want *named
		wantOK := errors.As(err, &want)
		got, ok := find(err, func(*named) bool { return true })
		if got != want || ok != wantOK {
			t.Errorf("found %v, %t in %v, errors.As %v, %t", got, ok, err, want, wantOK)
		}
	}
}

// recorder records the order in which errors.As examines errors.
type recorder struct {
	id    int
	asked *[]int
	wraps []error
}

func (r recorder) Error() string   { return fmt.Sprint(r.id) }
func (r recorder) Unwrap() []error { return r.wraps }

func (r recorder) As(any) bool {
	*r.asked = append(*r.asked, r.id)
	return false
}

// newTree numbers the errors of a tree of the given depth.
func newTree(asked *[]int, depth int) error {
	next := 0
	var grow func(int) error
	grow = func(depth int) error {
		r := recorder{id: next, asked: asked}
		next++
		for i := range depth {
			r.wraps = append(r.wraps, fmt.Errorf("x: %w", grow(depth-1-i)))
		}
		return r
	}
	return grow(depth)
}

func TestWalkHasTheOrderOfErrorsAs(t *testing.T) {
	t.Parallel()
	for depth := range 8 {
		var want, got []int
		var target *named
		errors.As(newTree(&want, depth), &target)
		whole := errtree.Walk(newTree(&got, depth), func(node error) bool {
			_, ok := errtree.As[*named](node)
			return !ok
		})
		if !slices.Equal(got, want) || !whole || len(got) != 1<<depth {
			t.Errorf("depth %d: visited %v, whole %t, errors.As %v", depth, got, whole, want)
		}
	}
}

func TestWalkStopsIfVisitReturnsFalse(t *testing.T) {
	t.Parallel()
	for stop := 1; stop <= 8; stop++ {
		visited := 0
		var asked []int
		whole := errtree.Walk(newTree(&asked, 3), func(error) bool {
			visited++
			return visited < stop
		})
		if visited != stop || !whole {
			t.Errorf("visited %d errors, whole %t, want %d", visited, whole, stop)
		}
	}
}

// counter counts the calls of Unwrap.
type counter struct {
	calls int
	wraps error
}

func (*counter) Error() string { return "counter" }

func (c *counter) Unwrap() error {
	c.calls++
	return c.wraps
}

func TestWalkCallsEachUnwrapOnce(t *testing.T) {
	t.Parallel()
	inner := &counter{wraps: errors.New("end")}
	outer := &counter{wraps: errors.Join(errors.New("x"), inner, errors.New("y"))}
	visited := 0
	if whole := errtree.Walk(outer, func(error) bool { visited++; return true }); !whole || visited != 6 {
		t.Errorf("visited %d errors, whole %t, want 6", visited, whole)
	}
	if outer.calls != 1 || inner.calls != 1 {
		t.Errorf("Unwrap was called %d and %d times, want once each", outer.calls, inner.calls)
	}
	errtree.Walk(outer, func(error) bool { return false })
	if outer.calls != 1 {
		t.Errorf("Unwrap was called, though visit had ended the walk")
	}
}

// loop returns itself from Unwrap.
type loop struct{ many int }

func (loop) Error() string { return "loop" }

func (l loop) Unwrap() []error { return slices.Repeat([]error{l}, l.many) }

type selfish struct{}

func (selfish) Error() string   { return "selfish" }
func (s selfish) Unwrap() error { return s }

func TestWalkEnds(t *testing.T) {
	t.Parallel()
	long := error(&named{"end"})
	for range maxNodes - 1 {
		long = fmt.Errorf("x: %w", long)
	}
	tests := map[string]struct {
		err   error
		seen  int
		whole bool
	}{
		"wraps itself":                 {selfish{}, maxNodes, false},
		"wraps itself twice":           {loop{2}, maxNodes, false},
		"loop with many branches":      {loop{100}, maxNodes, false},
		"just 4096":                    {long, maxNodes, true},
		"one more":                     {fmt.Errorf("x: %w", long), maxNodes, false},
		"wide":                         {branches(slices.Repeat([]error{errors.New("x")}, 2*maxNodes)), maxNodes, false},
		"nil branches are not counted": {branches(make([]error, 2*maxNodes)), 1, true},
		"nil":                          {nil, 0, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seen := 0
			whole := errtree.Walk(tt.err, func(error) bool { seen++; return true })
			if seen != tt.seen || whole != tt.whole {
				t.Errorf("saw %d errors, whole %t, want %d, %t", seen, whole, tt.seen, tt.whole)
			}
		})
	}
}

func TestAsOfInterface(t *testing.T) {
	t.Parallel()
	a := &named{"a"}
	if got, ok := errtree.As[interface{ Unwrap() error }](&chain{*a, nil}); !ok || got.Unwrap() != nil {
		t.Errorf("As = %v, %t, want the error itself", got, ok)
	}
	if got, ok := errtree.As[interface{ Unwrap() error }](fmt.Errorf("x: %w", a)); !ok || got.Unwrap() != a {
		t.Errorf("As = %v, %t, want the outer error", got, ok)
	}
	for _, err := range []error{errors.New("plain"), asNamed{}, nil} {
		if got, ok := errtree.As[interface{ Unwrap() error }](err); ok || got != nil {
			t.Errorf("As(%v) = %v, want none", err, got)
		}
	}
}

// An error without a method As needs no allocation.
//
//nolint:paralleltest // AllocsPerRun counts the allocations of the whole process
func TestWalkAllocations(t *testing.T) {
	err := fmt.Errorf("x: %w", fmt.Errorf("y: %w", &named{"a"}))
	if n := testing.AllocsPerRun(100, func() {
		errtree.Walk(err, func(node error) bool {
			_, ok := errtree.As[*named](node)
			return !ok
		})
	}); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

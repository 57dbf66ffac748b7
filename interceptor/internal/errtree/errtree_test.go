package errtree_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/codetable/grpc-codetable/interceptor/internal/errtree"
)

type named struct{ name string }

func (n *named) Error() string { return n.name }

// lender is no *named, and gives one to whoever asks by As.
type lender struct{ lent *named }

func (lender) Error() string { return "lender" }

func (l lender) As(target any) bool {
	t, ok := target.(**named)
	if ok && l.lent != nil {
		*t = l.lent
	}
	return ok && l.lent != nil
}

// chain has a single cause beside its own text.
type chain struct {
	named
	cause error
}

func (c *chain) Unwrap() error { return c.cause }

func TestFind(t *testing.T) {
	t.Parallel()
	a, b, refused := &named{"a"}, &named{"b"}, &named{"refused"}
	plain := errors.New("plain")
	var typedNil *named
	tests := map[string]struct {
		err  error
		want *named // nil: none
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
		"by As":                      {fmt.Errorf("x: %w", lender{a}), a},
		"refused by As, then by As":  {errors.Join(lender{refused}, lender{b}), b},
		"As without a match":         {lender{}, nil},
		"behind a cause":             {&chain{named{"c"}, a}, a},
		"cause that is nil":          {&chain{named{"c"}, nil}, nil},
		"nil branches of two causes": {errors.Join(nil, nil, a), a},
		"no branch matches":          {errors.Join(plain, refused), nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := errtree.Find(tt.err, func(n *named) bool { return n != nil && n != refused })
			if got != tt.want || ok != (tt.want != nil) {
				t.Errorf("Find = %v, %t, want %v", got, ok, tt.want)
			}
		})
	}
}

// Find goes where errors.As goes.
func TestFindAgreesWithErrorsAs(t *testing.T) {
	t.Parallel()
	a, b := &named{"a"}, &named{"b"}
	for _, err := range []error{
		a, lender{b}, fmt.Errorf("x: %w", errors.Join(errors.New("y"), lender{}, b)), errors.Join(fmt.Errorf("x: %w", a), b), errors.New("z"),
	} {
		var want *named
		wantOK := errors.As(err, &want)
		got, ok := errtree.Find(err, func(*named) bool { return true })
		if got != want || ok != wantOK {
			t.Errorf("Find(%v) = %v, %t, errors.As %v, %t", err, got, ok, want, wantOK)
		}
	}
}

func TestFindInterface(t *testing.T) {
	t.Parallel()
	a := &named{"a"}
	got, ok := errtree.Find(fmt.Errorf("x: %w", &chain{*a, nil}), func(interface{ Unwrap() error }) bool { return true })
	if !ok || got.Unwrap() == nil {
		t.Errorf("Find = %v, %t, want the outer error", got, ok)
	}
}

// Package errtree walks trees of wrapped errors.
package errtree

import "slices"

// maxNodes bounds a walk, because a foreign Unwrap may return its own error.
const maxNodes = 1 << 12

// Walk calls visit for each error of err's tree in the order of errors.As:
// depth first, through both forms of Unwrap. It stops if visit returns false.
// It calls each Unwrap once.
//
// It examines at most 4096 errors. It returns false if the tree has more, and
// true otherwise.
func Walk(err error, visit func(error) bool) (whole bool) {
	pending, cut := append(make([]error, 0, 8), err), false
	for seen := 0; len(pending) > 0; {
		last := len(pending) - 1
		err, pending = pending[last], pending[:last]
		if err == nil {
			continue
		}
		if seen++; seen > maxNodes {
			return false
		}
		if !visit(err) {
			return true
		}
		switch x := err.(type) { //nolint:errorlint // this is the walk itself
		case interface{ Unwrap() error }:
			pending = append(pending, x.Unwrap())
		case interface{ Unwrap() []error }:
			first := len(pending)
			for _, branch := range x.Unwrap() {
				if cut = cut || len(pending)-first > maxNodes-seen; cut {
					break
				}
				if branch != nil {
					pending = append(pending, branch)
				}
			}
			slices.Reverse(pending[first:])
		}
	}
	return !cut
}

// As returns err as a T: err itself, or the result of its method As. It does
// not examine the errors that err wraps.
func As[T any](err error) (T, bool) {
	if v, ok := err.(T); ok {
		return v, true
	}
	if x, ok := err.(interface{ As(any) bool }); ok {
		return convert[T](x)
	}
	var none T
	return none, false
}

// convert is a separate function because its variable is allocated on the heap.
// Most errors have no method As and should not pay for it.
func convert[T any](x interface{ As(any) bool }) (T, bool) {
	var v T
	ok := x.As(&v) && any(v) != nil // the method may return true without setting v
	return v, ok
}

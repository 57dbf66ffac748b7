// Package errtree searches trees of wrapped errors.
package errtree

// Find returns the first error in err's tree that is a T and that accept
// takes. It goes through the tree as errors.As does (depth first, through both
// forms of Unwrap and the As method), and differs in that a T which accept
// refuses does not end the search: behind a typed nil, or an error of another
// table, the right one may still come.
func Find[T any](err error, accept func(T) bool) (T, bool) {
	for err != nil {
		if v, ok := match(err, accept); ok {
			return v, true
		}
		switch x := err.(type) { //nolint:errorlint // this is the walk itself
		case interface{ Unwrap() error }:
			err = x.Unwrap()
		case interface{ Unwrap() []error }:
			for _, branch := range x.Unwrap() {
				if v, ok := Find(branch, accept); ok {
					return v, true
				}
			}
			err = nil
		default:
			err = nil
		}
	}
	var none T
	return none, false
}

func match[T any](err error, accept func(T) bool) (T, bool) {
	if v, ok := err.(T); ok && accept(v) {
		return v, true
	}
	if x, ok := err.(interface{ As(any) bool }); ok {
		return convert(x, accept)
	}
	var none T
	return none, false
}

// convert stands apart because its variable is allocated on the heap, which
// the errors without an As method, nearly all, need not pay for.
func convert[T any](x interface{ As(any) bool }, accept func(T) bool) (T, bool) {
	var v T
	ok := x.As(&v) && accept(v)
	return v, ok
}

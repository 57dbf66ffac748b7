// Package quiet marks the translation of an error that nobody sends: package
// telemetry asks what a server would send of each code, and observers must not
// take that for a failure.
package quiet

import "context"

type key struct{}

// Context returns a context in which no observer is called.
func Context(ctx context.Context) context.Context { return context.WithValue(ctx, key{}, true) }

// Is reports whether the context is one of [Context].
func Is(ctx context.Context) bool { return ctx.Value(key{}) != nil }

package rest

import (
	"cmp"
	"math"
)

const defaultBodyLimit = 1 << 20

// Option configures [Do]. Those of this package are the only ones.
type Option interface{ apply(c *config) }

type option func(*config)

func (o option) apply(c *config) { o(c) }

type config struct {
	fields    Fields
	bodyLimit int64
}

// Fields names the top-level fields of a reply. An empty name stands for the
// default.
type Fields struct {
	Code    string // the numeric response code; "code" by default
	Content string // the upstream's text of it; "content" by default
	ID      string // the upstream's serial of the call; "id" by default
	ExID    string // the caller's own mark, echoed; "exID" by default
}

// WithFields sets the names of the fields, for another upstream.
func WithFields(fields Fields) Option {
	return option(func(c *config) { c.fields = fields })
}

// WithBodyLimit sets how many bytes of a reply are read. Default 1 MiB; a
// negative limit is 0. A longer reply is one without a code.
func WithBodyLimit(bytes int64) Option {
	// One byte above the limit is read, to tell that a reply is longer.
	return option(func(c *config) { c.bodyLimit = min(max(bytes, 0), math.MaxInt64-1) })
}

func newConfig(opts []Option) *config {
	c := &config{bodyLimit: defaultBodyLimit}
	for _, opt := range opts {
		opt.apply(c)
	}
	c.fields = Fields{
		Code:    cmp.Or(c.fields.Code, "code"),
		Content: cmp.Or(c.fields.Content, "content"),
		ID:      cmp.Or(c.fields.ID, "id"),
		ExID:    cmp.Or(c.fields.ExID, "exID"),
	}
	return c
}

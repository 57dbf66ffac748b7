package rest

import (
	"math"
	"net/http"
	"strings"
)

const (
	defaultBodyLimit = 1 << 20
	defaultCodeField = "code"
)

// Option configures [Do]. Those of this package are the only ones.
//
// A path names a field of a JSON document: "code", or "response.code" for a
// field of an object in a field, or "errors.0.code" for one of the first element
// of a list. Upper and lower case differ. A field whose name holds a dot can't be
// named, and one that stands twice with two values reads as none.
type Option interface{ apply(c *config) }

type option func(*config)

func (o option) apply(c *config) { o(c) }

type config struct {
	code            func(*http.Response, []byte) (int32, bool)
	codePath        []string
	implicitSuccess bool
	metadata        []metadataField
	contentPath     []string
	publishContent  bool
	bodyLimit       int64
}

type metadataField struct {
	path []string
	key  string
}

// WithCodeField says where the code stands: a number without a fraction, such as
// 51 or 51.0, or a string of digits, such as "00". Default: the field "code".
func WithCodeField(path string) Option {
	return option(func(c *config) { c.codePath = strings.Split(path, ".") })
}

// WithCode reads the code by a function, from headers or from a body that is not
// JSON. It returns false for a reply without a code. It must not read the body
// of the response, nor keep or change the bytes. Default: see [WithCodeField].
func WithCode(code func(reply *http.Response, body []byte) (number int32, ok bool)) Option {
	return option(func(c *config) { c.code = code })
}

// WithImplicitSuccess takes a 2xx reply without a code for a success, of
// upstreams that send codes with failures only. The body has to be empty, or a
// JSON object or list, so that the page of a proxy is no success; and where the
// code should stand there has to be nothing or null. Default: a reply without a
// code is a failure.
func WithImplicitSuccess() Option {
	return option(func(c *config) { c.implicitSuccess = true })
}

// WithMetadataField publishes a field of the reply, a string or a number with
// every digit, as an entry of ErrorInfo.metadata; the key follows the rule of
// [codetable.WithMetadata]. Give it once for each field. It crosses the wire: no
// field with free text belongs here. Default: no field is published.
func WithMetadataField(path, key string) Option {
	return option(func(c *config) {
		c.metadata = append(c.metadata, metadataField{strings.Split(path, "."), key})
	})
}

// WithContentField says where the upstream's own text of a failure stands. It is
// kept as the cause of the error, for logs: on one line, of at most 256 bytes,
// and without long numbers. Default: nothing is kept.
func WithContentField(path string) Option {
	return option(func(c *config) { c.contentPath = strings.Split(path, ".") })
}

// WithContent publishes the text of [WithContentField], whole, as the entry
// "content" of ErrorInfo.metadata, where it differs from the description of the
// code. Some upstreams repeat what they were sent in it, such as a phone number.
// Default: it stays in the cause.
func WithContent() Option {
	return option(func(c *config) { c.publishContent = true })
}

// WithBodyLimit sets how many bytes of a reply are read. Default 1 MiB; a
// negative limit is 0. A longer reply is one without a code.
func WithBodyLimit(bytes int64) Option {
	// One byte above the limit is read, to tell that a reply is longer.
	return option(func(c *config) { c.bodyLimit = min(max(bytes, 0), math.MaxInt64-1) })
}

func newConfig(opts []Option) *config {
	c := &config{bodyLimit: defaultBodyLimit, codePath: []string{defaultCodeField}}
	for _, opt := range opts {
		opt.apply(c)
	}
	return c
}

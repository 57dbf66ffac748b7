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

// Option configures [Do]. Only this package can implement it.
//
// A path names a field of a JSON document: "code", or "response.code" for a
// field of a nested object, or "errors.0.code" for a field of the first element
// of a list. Paths are case-sensitive. A field whose name contains a dot can't
// be named. A field that occurs twice with two values is treated as missing.
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

// WithCodeField sets the path of the code. The code is a number without a
// fraction, such as 51 or 51.0, or a string of digits, such as "00". Default:
// the field "code".
func WithCodeField(path string) Option {
	return option(func(c *config) { c.codePath = strings.Split(path, ".") })
}

// WithCode sets a function that reads the code, for example from a header or
// from a body that is not JSON. It returns false if the reply has no code. It
// must not read the body of the response, and must not keep or change the
// bytes. Default: see [WithCodeField].
func WithCode(code func(reply *http.Response, body []byte) (number int32, ok bool)) Option {
	return option(func(c *config) { c.code = code })
}

// WithImplicitSuccess treats a 2xx reply without a code as a success, for
// upstreams that send codes only with failures. The body must be empty or a
// JSON object or list, so that the error page of a proxy is not a success. The
// field of the code must be missing or null. Default: a reply without a code is
// a failure.
func WithImplicitSuccess() Option {
	return option(func(c *config) { c.implicitSuccess = true })
}

// WithMetadataField adds a field of the reply to ErrorInfo.metadata. The field
// is a string or a number; numbers keep every digit. The key follows the rule
// of [codetable.WithMetadata]. Use the option once for each field. The field is
// sent to the client: do not use it for free text. Default: no field is sent.
func WithMetadataField(path, key string) Option {
	return option(func(c *config) {
		c.metadata = append(c.metadata, metadataField{strings.Split(path, "."), key})
	})
}

// WithContentField sets the path of the upstream's own text about a failure.
// The text becomes the cause of the error, for logs: on one line, at most 256
// bytes, without long numbers. Default: no text is kept.
func WithContentField(path string) Option {
	return option(func(c *config) { c.contentPath = strings.Split(path, ".") })
}

// WithContent also sends the whole text of [WithContentField] to the client, as
// the entry "content" of ErrorInfo.metadata, if it differs from the description
// of the code. Some upstreams repeat request data in this text, such as a phone
// number. Default: the text is only in the cause.
func WithContent() Option {
	return option(func(c *config) { c.publishContent = true })
}

// WithBodyLimit sets the maximum size of a reply in bytes. A longer reply
// counts as a reply without a code. A negative limit is 0. Default: 1 MiB.
func WithBodyLimit(bytes int64) Option {
	// One more byte is read to detect a longer reply.
	return option(func(c *config) { c.bodyLimit = min(max(bytes, 0), math.MaxInt64-1) })
}

func newConfig(opts []Option) *config {
	c := &config{bodyLimit: defaultBodyLimit, codePath: []string{defaultCodeField}}
	for _, opt := range opts {
		opt.apply(c)
	}
	return c
}

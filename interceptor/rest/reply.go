package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
	"github.com/codetable/grpc-codetable/interceptor/internal/text"
)

// contentKey is the metadata key of WithContent. It is wire contract.
const contentKey = "content"

// maxRetryAfter is the longest wait that an upstream can impose on callers. It
// is the length of the longest calendar window.
const maxRetryAfter = 24 * time.Hour

// reply is the reply of the upstream.
type reply struct {
	*config
	response *http.Response
	body     []byte
	valid    bool // the body is JSON
}

// decode fills into. The body is parsed only here; other functions search its
// bytes.
func (r *reply) decode(into any) error {
	if into == nil || len(r.body) == 0 {
		r.valid = json.Valid(r.body)
		return nil
	}
	err := json.Unmarshal(r.body, into)
	r.valid = err == nil || json.Valid(r.body)
	if err != nil {
		return &decodeError{err}
	}
	return nil
}

// number returns the code, and whether the reply has one.
func (r *reply) number() (int32, bool) {
	if r.code != nil {
		return r.code(r.response, r.body)
	}
	return integer(scalar(r.at(r.codePath)))
}

// succeeded reports whether a reply without a code is a success.
func (r *reply) succeeded() bool {
	if !r.implicitSuccess || r.response.StatusCode/100 != 2 {
		return false
	}
	container := r.valid && bytes.IndexAny(bytes.TrimSpace(r.body), "{[") == 0
	return len(r.body) == 0 || container && (r.code != nil || r.at(r.codePath) == nil)
}

// at returns the value at a path, or nil if there is no value or it is null.
func (r *reply) at(path []string) []byte {
	if len(path) == 0 || !r.valid {
		return nil
	}
	return find(r.body, path)
}

// errorOptions returns what the reply adds to the error of a code.
func (r *reply) errorOptions(spec codetable.Spec, decodeErr error) []codetable.ErrorOption {
	var opts []codetable.ErrorOption
	for _, field := range r.metadata {
		if value := scalar(r.at(field.path)); value != "" {
			opts = append(opts, codetable.WithMetadata(field.key, value))
		}
	}
	if content := scalar(r.at(r.contentPath)); content != "" && content != spec.Description() {
		opts = append(opts, codetable.WithCause(errors.New("upstream says: "+text.Excerpt(content, maxExcerpt))))
		if r.publishContent {
			opts = append(opts, codetable.WithMetadata(contentKey, content))
		}
	}
	if delay := r.retryAfter(); delay > 0 && spec.Retry().TakesDelay() {
		opts = append(opts, codetable.WithRetryAfter(delay))
	}
	if decodeErr != nil {
		opts = append(opts, codetable.WithCause(decodeErr))
	}
	return opts
}

// retryAfter reads the header Retry-After, which holds seconds or a date. It
// returns 0 if the header is missing or the time has passed.
func (r *reply) retryAfter() time.Duration {
	header := r.response.Header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(header, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(min(seconds, uint64(maxRetryAfter/time.Second))) * time.Second
	}
	date, err := http.ParseTime(header)
	if err != nil {
		return 0
	}
	return min(max(table.WholeSeconds(time.Until(date)), 0), maxRetryAfter)
}

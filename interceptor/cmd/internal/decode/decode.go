// Package decode finds gRPC statuses in pasted text and tells what they mean.
//
// The text can be a header, a log or a reply, whole or in part. [Find] looks
// for pieces of statuses: see scanner.text for the order. Pieces that belong
// together, such as grpc-status and grpc-status-details-bin of one response,
// become one status: see group.takes. [Describe] reads a status with the tables.
package decode

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/codetable/grpc-codetable/interceptor/internal/text"
)

const (
	// MaxInput bounds the bytes of an input.
	MaxInput = 16 << 20
	// MaxStatuses bounds the statuses of one input.
	MaxStatuses = 1000
)

// Found is a status that was found in a text.
type Found struct {
	Notes

	Status *spb.Status
	// HasCode is false if no gRPC code was found. Status.Code is then 0.
	HasCode bool
	// Forms names what was found, such as "JSON of google.rpc.Status".
	Forms []string
	// Line is the line where the first part was found. It starts at 1.
	Line int
	// Size is the size of the serialized status as it was received, or 0 if the
	// text has another form.
	Size int
	// JSON holds the details whose type is not known, and that the text has as
	// JSON. Their value in Status is empty.
	JSON map[*anypb.Any]string

	// RequestID is that of a log. The RequestInfo of the status has priority.
	RequestID string
	// Masked says that this is the log of a server that sent a mask in place of
	// the code.
	Masked   bool
	Response Response

	partial bool // the text is a log or a header that need not have all details
}

// Response is what the headers of the response say beside the status.
type Response struct {
	HTTPStatus  string   `json:"httpStatus,omitempty"`
	ContentType string   `json:"contentType,omitempty"`
	Pushback    []string `json:"retryPushbackMs,omitempty"`
}

func (r *Response) add(other Response) {
	r.HTTPStatus, r.ContentType = cmp.Or(r.HTTPStatus, other.HTTPStatus), cmp.Or(r.ContentType, other.ContentType)
	r.Pushback = append(r.Pushback, other.Pushback...)
}

// Notes tell what is contradictory, unreadable or cut.
type Notes struct {
	Warnings []string `json:"warnings,omitempty"`
}

// maxNotes bounds the notes about one thing.
const maxNotes = 100

func (n *Notes) warn(format string, args ...any) {
	if len(n.Warnings) == maxNotes {
		format, args = "there are more notes, which are not shown", nil
	} else if len(n.Warnings) > maxNotes {
		return
	}
	n.Warnings = append(n.Warnings, fmt.Sprintf(format, args...))
}

const maxQuote = 80

// quote makes a text of the input safe to show, and short.
func quote(s string) string {
	if short := text.Cut(s, maxQuote); short != s {
		return strconv.Quote(short) + "..."
	}
	return strconv.Quote(s)
}

// Result is what was found in an input.
type Result struct {
	Notes // about the input as a whole

	Found []*Found // in the order of the text
	Tried []string // what was looked for, and how much of it there was
}

// Find returns the statuses of an input, in order. It reads at most MaxInput
// bytes and returns at most MaxStatuses statuses.
func Find(input string, types Types) (r Result) {
	if len(input) > MaxInput {
		input = input[:MaxInput]
		r.warn("only the first %d MiB were read", MaxInput>>20)
	}
	s := &scanner{types: types, work: maxWork*len(input) + minWork, counts: map[string]int{}}
	if b := readStatus([]byte(input)); b.evident() && b.whole() {
		s.add(b.found("serialized google.rpc.Status"), newBody("", 1, 0), 0)
	} else {
		clean := strings.ToValidUTF8(input, "\uFFFD")
		if clean != input {
			r.warn("the input is not valid UTF-8: wrong bytes were replaced by U+FFFD")
		}
		s.text(clean, 1, 0)
	}
	if s.exhausted() {
		r.warn("the input is too complex: it was not searched to the end")
	}
	r.assemble(s.pieces)
	if len(r.Found) > MaxStatuses {
		r.warn("only the first %d of %d statuses are shown", MaxStatuses, len(r.Found))
		r.Found = r.Found[:MaxStatuses]
	}
	for _, what := range s.tried {
		r.Tried = append(r.Tried, fmt.Sprintf("%d of %s", s.counts[what], what))
	}
	return r
}

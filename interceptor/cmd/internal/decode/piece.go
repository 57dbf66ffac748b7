package decode

import (
	"fmt"
	"strconv"

	"google.golang.org/protobuf/types/known/anypb"

	"github.com/codetable/grpc-codetable/interceptor/internal/text"
)

// kind says which part of a status a piece is. A piece of a lower kind has
// priority where two contradict each other.
type kind int

const (
	wholeStatus   kind = iota // code, message and details
	statusHeader              // the same, in grpc-status-details-bin
	blockStatus               // code and message, to which details that follow belong
	codeHeader                // grpc-status
	errorText                 // code and message of the text of an error
	identity                  // ErrorInfo, perhaps with a code, a message and a request id
	loneDetail                // one detail
	messageHeader             // grpc-message
	pushbackHeader
	typeHeader
	httpStatus
	requestID
)

// isHeader reports whether a piece is a header of a response.
func (k kind) isHeader() bool {
	switch k {
	case statusHeader, codeHeader, messageHeader, pushbackHeader, typeHeader, httpStatus:
		return true
	default:
		return false
	}
}

// identifies reports whether a piece is enough for a status.
func (p piece) identifies() bool {
	switch p.kind {
	case statusHeader:
		return p.form != ""
	case wholeStatus, blockStatus, codeHeader, errorText, identity, loneDetail:
		return true
	default:
		return false
	}
}

// piece is a part of a status, as it was found at one place.
type piece struct {
	kind     kind
	form     string // what it is, for the user
	at, line int

	code     *int32
	message  *string
	details  []*anypb.Any
	json     map[*anypb.Any]string // see Found.JSON
	size     int                   // of the serialized status, if it was
	value    string                // of a header, or the HTTP status or the request id
	warnings []string
}

func (p *piece) warn(format string, args ...any) {
	p.warnings = append(p.warnings, fmt.Sprintf(format, args...))
}

const maxQuote = 80

// quote makes a text of the input safe to show, and short.
func quote(s string) string {
	if short := text.Cut(s, maxQuote); short != s {
		return strconv.Quote(short) + "..."
	}
	return strconv.Quote(s)
}

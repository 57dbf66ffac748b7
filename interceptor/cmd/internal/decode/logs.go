package decode

import (
	"encoding/json"
	"strconv"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/codetable/grpc-codetable/interceptor/internal/text"
	"github.com/codetable/grpc-codetable/interceptor/internal/wire"
)

// rpcError is the text of an error of grpc-go.
var rpcError = lazy(`rpc error: code = (?:Code\()?(\w+)\)? desc = `)

func (s *scanner) rpcErrors(t *body) {
	end := 0
	s.each(t, rpcError, having("rpc error: code = "), func(m match) {
		code, ok := parseCode(m.group[1])
		if !ok || m.start < end { // wrapped in the error before
			return
		}
		message := t.text[m.end:]
		if t.depth == 0 {
			message = m.rest
		}
		if strings.Contains(m.before, `"`) {
			message, _, _ = strings.Cut(message, `"`) // the error is in quotes
		}
		end = m.end + len(message)
		s.work -= len(m.before) + len(message)
		s.count("rpc error")
		s.add(piece{kind: errorText, form: "text of a gRPC error", code: &code, message: &message}, t, m.start)
		t.take(m.start, m.end)
	})
}

// block is the start of the output of grpcurl, or of a status in the text form
// of protobuf, which omits a zero code. The details follow as JSON, or as text.
var block = lazy(`(?m)^[ \t]*Code: (\w+)\r?\n[ \t]*Message: (.*)$|` +
	`(?:\bcode:\s*([0-9]{1,2})\s+)?\bmessage:\s*("(?:[^"\\\n]|\\.)*")(\s+details:)?`)

func (s *scanner) blocks(t *body) {
	s.each(t, block, having("Code: ", "code:", "message:"), func(m match) {
		name, message, form := m.group[1], strings.TrimSuffix(m.group[2], "\r"), "output of grpcurl"
		if literal := m.group[4]; literal != "" {
			name, form = m.group[3], "google.rpc.Status as text"
			message, _ = strconv.Unquote(literal)
			if name == "" && m.group[5] != "" {
				name = "0"
			}
		}
		code, ok := parseCode(name)
		if message = text.Clean(message); ok {
			s.count("status texts")
			s.add(piece{kind: blockStatus, form: form, code: &code, message: &message}, t, m.start)
			t.take(m.start, m.end)
		}
	})
}

// The request id in interceptor.LoggingFields. The logs of other programs have a
// request_id too, so without this prefix one says nothing of an error.
const (
	ownPrefix = "codetable."
	idField   = "request_id"
)

// field is a field of logfmt.
var field = lazy(`\b((?:[A-Za-z_]\w*\.)*)(code|reason|domain|grpc_code|message|request_id)=("(?:[^"\\\n]|\\.)*"|[^\s"]+)`)

// errorLine is the text of a *codetable.Error: domain, number and reason.
var errorLine = lazy(`\b((?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*) (-?[0-9]{1,10}) ([A-Z][A-Z0-9_]+[A-Z0-9])\b`)

// hasCapital is the hint of an errorLine: a capital after a digit and a space.
func hasCapital(line string) bool {
	for i := 2; i < len(line); i++ {
		if line[i-1] == ' ' && 'A' <= line[i] && line[i] <= 'Z' && '0' <= line[i-2] && line[i-2] <= '9' {
			return true
		}
	}
	return false
}

// fields looks for the identity of a code in log fields: those of
// interceptor.LoggingFields and of (*codetable.Error).LogValue, and the text of
// an Error.
func (s *scanner) fields(t *body) {
	var log records
	s.each(t, field, having("domain=", ownPrefix+idField+"="), func(m match) {
		value := m.group[3]
		if content, err := strconv.Unquote(value); err == nil {
			value = content
		}
		log.record(strconv.Itoa(t.lineAt(m.start))+" "+m.group[1], m.start).values[m.group[2]] = value
	})
	s.identities(log, t)
	s.each(t, errorLine, hasCapital, func(m match) {
		r := &record{at: m.start, values: map[string]string{"domain": m.group[1], "code": m.group[2], "reason": m.group[3]}}
		s.identity(r, "text of a codetable.Error", t)
	})
}

// record has the log fields of an error.
type record struct {
	at       int
	own      bool // the fields are those of interceptor.LoggingFields
	values   map[string]string
	metadata map[string]string
}

// records are the errors of a log. The prefix of a field tells its error.
type records struct {
	list     []*record
	byPrefix map[string]*record
}

func (l *records) record(prefix string, at int) *record {
	r := l.byPrefix[prefix]
	if r == nil {
		r = &record{at: at, own: strings.HasSuffix(prefix, ownPrefix), values: map[string]string{}, metadata: map[string]string{}}
		if l.byPrefix == nil {
			l.byPrefix = map[string]*record{}
		}
		l.list, l.byPrefix[prefix] = append(l.list, r), r
	}
	return r
}

// set sets a field of JSON.
func (l *records) set(prefix, name string, value json.RawMessage, at int) {
	switch name {
	case "metadata":
		for _, entry := range split(value) {
			if entry.key != "" && isString(entry.value) {
				l.record(prefix, at).metadata[text.Clean(entry.key)] = text.Clean(scalar(entry.value))
			}
		}
		return
	case "number": // as (*codetable.Error).MarshalJSON writes it
		name = "code"
	case "grpcCode":
		name = "grpc_code"
	case "code", "reason", "domain", "grpc_code", "message", idField:
	default:
		return
	}
	l.record(prefix, at).values[name] = scalar(value)
}

func (s *scanner) identities(log records, t *body) {
	for _, r := range log.list {
		s.identity(r, "log fields", t)
	}
}

// identity adds the ErrorInfo of an error, if its log has the domain, and the
// reason or the number. The request id of LoggingFields may be alone.
func (s *scanner) identity(r *record, form string, t *body) {
	domain, reason, number := text.Clean(r.values["domain"]), text.Clean(r.values["reason"]), text.Clean(r.values["code"])
	p := piece{kind: requestID, form: form, requestID: r.values[idField]}
	if domain == "" || reason == "" && number == "" {
		if p.requestID != "" && r.own {
			s.add(p, t, r.at)
		}
		return
	}
	info := &errdetails.ErrorInfo{Domain: domain, Reason: reason, Metadata: r.metadata}
	if number != "" {
		if info.Metadata == nil {
			info.Metadata = map[string]string{}
		}
		info.Metadata[wire.CodeKey] = number
	}
	p.kind, p.details = identity, []*anypb.Any{wire.Pack(info)}
	// LoggingFields have a code and an id only if the code was masked. An id beside
	// a logged Error can be any.
	p.masked = p.requestID != "" && r.own
	if code, ok := parseCode(r.values["grpc_code"]); ok {
		p.code = &code
		if message := text.Clean(r.values["message"]); message != "" {
			p.message = &message
		}
	}
	s.count(form)
	s.add(p, t, r.at)
}

// textDetail is the start of a detail in the text form of protobuf, as String
// of a Go message and grpcurl -format text write it.
var textDetail = lazy(`\[[A-Za-z0-9_.-]+/[A-Za-z0-9_./]+\]:?\s*[{<]`)

func (s *scanner) protoText(t *body) {
	s.each(t, textDetail, having("[type.googleapis.com/", "/google.rpc."), func(m match) {
		end := closing(t.text, m.end-1)
		s.count("details as text")
		s.work -= end - m.start
		if end-m.start > maxReadable {
			return
		}
		detail := &anypb.Any{}
		if (prototext.UnmarshalOptions{Resolver: s.types, DiscardUnknown: true}).Unmarshal([]byte(t.text[m.start:end]), detail) == nil {
			s.add(piece{kind: loneDetail, form: "detail as text", details: []*anypb.Any{detail}}, t, m.start)
			t.take(m.start, end)
		}
	})
}

// closing returns the end of the message whose bracket is at an offset. It
// returns the end of what can be a message if it is not closed.
func closing(s string, at int) int {
	depth, quote := 0, byte(0)
	for i := at; i < len(s) && i-at <= maxReadable; i++ {
		switch c := s[i]; {
		case quote != 0 && c == '\\':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '{' || c == '<':
			depth++
		case c == '}' || c == '>':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return min(len(s), at+maxReadable+1)
}

package decode

import (
	"maps"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/codetable/grpc-codetable/interceptor/internal/table"
	"github.com/codetable/grpc-codetable/interceptor/internal/text"
	"github.com/codetable/grpc-codetable/interceptor/internal/wire"
)

// Headers and trailers, in any notation: "name: value" with a prefix such as
// "< ", "name=value", Go's map, or the log of an HTTP/2 stack, which puts name
// and value in quotes.
var (
	header = lazy(`(?i)(grpc-status-details-bin|grpc-status|grpc-message|grpc-retry-pushback-ms|content-type)` +
		`["'\]\\]*[ \t]*[:=][=>]?[ \t]*(["'\[\\]*)`)
	statusLine = lazy(`(?mi)(?:^[<>*\s]*HTTP/[0-9.]+ |:status["']?\s*[:=]\s*["'\[]?)([1-5][0-9]{2})\b`)
	word       = lazy(`^[A-Za-z0-9_./+;=%-]+`)
)

func (s *scanner) headers(t *body, _ int) {
	for _, m := range t.matches(statusLine, having("HTTP/", ":status")) {
		s.add(piece{kind: httpStatus, value: t.group(m, 1)}, t, m[0])
	}
	for _, m := range t.matches(header, having("grpc-", "Grpc-", "GRPC-", "ontent-")) {
		if s.exhausted() {
			return
		}
		if t.taken[m[0]] {
			continue // part of the value before
		}
		name, at := strings.ToLower(t.group(m, 1)), m[1]
		value := t.restOfLine(at)
		if quotes := t.group(m, 2); quotes != "" {
			value = untilQuote(t.text[m[5]-1:m[5]], value)
		} else if name != "grpc-message" || t.text[m[3]] == '=' {
			value, _, _ = strings.Cut(value, " ")
		}
		end := at + len(value)
		if name == "grpc-status-details-bin" {
			end = s.detailsBin(t, at)
		} else if p, ok := headerPiece(name, value); ok {
			s.add(p, t, m[0])
		}
		t.take(m[0], max(end, m[1]))
	}
}

// untilQuote returns the text up to the end of its quotation.
func untilQuote(quote, s string) string {
	switch quote {
	case "[":
		quote = "]"
	case `\`:
		return ""
	}
	if q, err := strconv.QuotedPrefix(quote + s); err == nil && quote == `"` {
		s, _ = strconv.Unquote(q)
		return s
	}
	s, _, _ = strings.Cut(s, quote)
	return s
}

// detailsBin reads the value of grpc-status-details-bin at an offset, and
// returns its end.
func (s *scanner) detailsBin(t *body, at int) int {
	e := encodings[0]
	s.count("grpc-status-details-bin")
	first := word().FindString(t.text[at:])
	if first == "" {
		return at
	}
	b, end, ok := s.unwrap(t, e, at, at+len(first), true)
	if !ok {
		s.add(piece{kind: statusHeader, warnings: []string{"grpc-status-details-bin is no google.rpc.Status in base64: " + strconv.Quote(text.Cut(first, 80))}}, t, at)
		return at + len(first)
	}
	p := b.piece("grpc-status-details-bin")
	p.kind = statusHeader
	s.addBytes(t, e, at, end, p)
	return end
}

// headerPiece reads any other header.
func headerPiece(name, value string) (p piece, ok bool) {
	value = strings.TrimSpace(value)
	switch name {
	case "grpc-status":
		code, ok := parseCode(value)
		return piece{kind: codeHeader, form: name, code: &code}, ok
	case "grpc-message":
		p = piece{kind: messageHeader}
		message, err := url.PathUnescape(value)
		if err != nil {
			message = value
			p.warnings = []string{"grpc-message has a wrong percent encoding: it is shown as it was sent"}
		}
		if clean := text.Clean(message); clean != message {
			message = clean
			p.warnings = []string{"grpc-message is not valid UTF-8: wrong bytes were replaced by U+FFFD"}
		}
		p.message = &message
		return p, true
	case "grpc-retry-pushback-ms":
		return piece{kind: pushbackHeader, value: value}, value != ""
	case "content-type":
		return piece{kind: typeHeader, value: value}, value != ""
	default:
		return p, false
	}
}

// parseCode reads a gRPC code: a number, or a name in the spelling of any
// language, such as NOT_FOUND, NotFound, not_found and StatusCode.NOT_FOUND.
func parseCode(s string) (int32, bool) {
	if n, err := strconv.ParseInt(s, 10, 32); err == nil {
		return int32(n), true
	}
	code, ok := codeNames()[plain(s[strings.LastIndexByte(s, '.')+1:])]
	return code, ok
}

func plain(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "")) }

var codeNames = sync.OnceValue(func() map[string]int32 {
	names := map[string]int32{"canceled": int32(codes.Canceled)} // with one l in Go and Connect
	for code := codes.OK; code <= codes.Unauthenticated; code++ {
		names[plain(table.CodeName(code))] = int32(code)
	}
	return names
})

// rpcError is the text of an error of grpc-go.
var rpcError = lazy(`rpc error: code = (\w+|Code\(\d+\)) desc = `)

func (s *scanner) rpcErrors(t *body, _ int) {
	end := 0
	for _, m := range t.matches(rpcError, having("rpc error: code = ")) {
		if m[0] < end || s.exhausted() {
			continue // wrapped in the error before
		}
		code, ok := parseCode(strings.Trim(strings.TrimPrefix(t.group(m, 1), "Code"), "()"))
		if !ok {
			continue
		}
		message := t.restOfLine(m[1])
		if t.nested {
			message = t.text[m[1]:]
		}
		if i := strings.LastIndexByte(t.text[:m[0]], '"'); i >= 0 && i > strings.LastIndexByte(t.text[:m[0]], '\n') {
			message, _, _ = strings.Cut(message, `"`) // the error is in quotes
		}
		end = m[1] + len(message)
		s.count("rpc error")
		s.add(piece{kind: errorText, form: "text of a gRPC error", code: &code, message: &message}, t, m[0])
		t.take(m[0], m[1])
	}
}

// block is the start of the output of grpcurl, or of a status in the text form
// of protobuf, which omits a zero code. The details follow as JSON, or as text.
var block = lazy(`(?m)^[ \t]*Code: (\w+)\r?\n[ \t]*Message: (.*)$|` +
	`(?:\bcode:\s*([0-9]{1,2})\s+)?\bmessage:\s*("(?:[^"\\\n]|\\.)*")(\s+details:)?`)

func (s *scanner) blocks(t *body, _ int) {
	for _, m := range t.matches(block, having("Code: ", "code:", "message:")) {
		name, message, form := t.group(m, 1), strings.TrimSuffix(t.group(m, 2), "\r"), "output of grpcurl"
		if literal := t.group(m, 4); literal != "" {
			name, form = t.group(m, 3), "google.rpc.Status as text"
			message, _ = strconv.Unquote(literal)
			if name == "" && t.group(m, 5) != "" {
				name = "0"
			}
		}
		code, ok := parseCode(name)
		if message = text.Clean(message); ok {
			s.count("status texts")
			s.add(piece{kind: blockStatus, form: form, code: &code, message: &message}, t, m[0])
			t.take(m[0], m[1])
		}
	}
}

// field is a field of logfmt. The prefix groups the fields of one error.
var field = lazy(`\b((?:[A-Za-z_]\w*\.)*)(code|reason|domain|grpc_code|message|correlation_id)=("(?:[^"\\\n]|\\.)*"|[^\s"]+)`)

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
func (s *scanner) fields(t *body, _ int) {
	type key struct {
		line   int
		prefix string
	}
	groups, first := map[key]map[string]string{}, map[key]int{}
	var order []key
	for _, m := range t.matches(field, having("domain=", "correlation_id=")) {
		k := key{t.lineAt(m[0]), t.group(m, 1)}
		if groups[k] == nil {
			groups[k], first[k] = map[string]string{}, m[0]
			order = append(order, k)
		}
		value := t.group(m, 3)
		if content, err := strconv.Unquote(value); err == nil {
			value = content
		}
		groups[k][t.group(m, 2)] = value
	}
	for _, k := range order {
		get := func(name string) string { return groups[k][name] }
		if p, ok := identityPiece(get, nil, "log fields"); ok && !s.exhausted() {
			s.count("log fields")
			s.add(p, t, first[k])
		}
	}
	for _, m := range t.matches(errorLine, hasCapital) {
		values := map[string]string{"domain": t.group(m, 1), "code": t.group(m, 2), "reason": t.group(m, 3)}
		p, _ := identityPiece(func(name string) string { return values[name] }, nil, "text of a codetable.Error")
		s.count("error texts")
		s.add(p, t, m[0])
	}
}

// identityPiece makes an ErrorInfo of named values. It needs the domain, and
// the reason or the number. A correlation id alone is a request id.
func identityPiece(get func(name string) string, metadata map[string]string, form string) (p piece, ok bool) {
	domain, reason, number := get("domain"), get("reason"), get("code")
	p = piece{kind: identity, form: form, value: get("correlation_id")}
	if domain == "" || reason == "" && number == "" {
		p.kind = requestID
		return p, p.value != ""
	}
	info := &errdetails.ErrorInfo{Domain: text.Clean(domain), Reason: text.Clean(reason), Metadata: metadata}
	if number != "" {
		info.Metadata = maps.Clone(metadata)
		if info.Metadata == nil {
			info.Metadata = map[string]string{}
		}
		info.Metadata[wire.CodeKey] = text.Clean(number)
	}
	p.details = []*anypb.Any{wire.Pack(info)}
	if code, ok := parseCode(get("grpc_code")); ok {
		p.code = &code
	}
	if message := text.Clean(get("message")); message != "" && p.code != nil {
		p.message = &message
	}
	return p, true
}

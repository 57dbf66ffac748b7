package decode

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/codetable/grpc-codetable/interceptor/internal/text"
)

// Headers and trailers, in any notation: "name: value" with a prefix such as
// "< ", "name=value", Go's map, or the log of an HTTP/2 stack, which puts name
// and value in quotes.
var (
	header = lazy(`(?i)(grpc-status-details-bin|grpc-status|grpc-message|grpc-retry-pushback-ms|content-type)` +
		`["'\]\\]*[ \t]*([:=])[=>]?[ \t]*["'\[\\]*`)
	statusLine = lazy(`(?mi)(?:^[<>*\s]*HTTP/[0-9.]+ |:status["']?\s*[:=]\s*["'\[]?)([1-5][0-9]{2})\b`)
	word       = lazy(`^[A-Za-z0-9_./+;=%-]+`)
	values     = lazy(`^[A-Za-z0-9_/+,=%-]+`)
)

func (s *scanner) headers(t *body) {
	s.each(t, statusLine, having("HTTP/", ":status"), func(m match) {
		s.add(piece{kind: httpStatus, response: Response{HTTPStatus: m.group[1]}}, t, m.start)
	})
	s.each(t, header, having("grpc-", "Grpc-", "GRPC-", "ontent-"), func(m match) {
		name, value := strings.ToLower(m.group[1]), m.rest
		switch last := t.text[m.end-1]; {
		case last == '[':
			value, _, _ = strings.Cut(value, "]")
		case last == '\\':
			value = ""
		case last == '"' || last == '\'':
			content, _ := unescape(value, last)
			value = string(content)
		case name != "grpc-message" || m.group[2] == "=":
			value, _, _ = strings.Cut(value, " ")
		}
		s.work -= len(value)
		t.take(m.start, max(s.header(name, value, t, m.start, m.end), m.end))
	})
}

// header adds a header. Its value stands at an offset of t. It returns the end
// of the value.
func (s *scanner) header(name, value string, t *body, start, at int) (end int) {
	value = strings.TrimSpace(value)
	var p piece
	switch name {
	case "grpc-status-details-bin":
		return s.detailsBin(t, at)
	case "grpc-status":
		code, ok := parseCode(value)
		if !ok {
			return at
		}
		p.kind, p.form, p.code = codeHeader, name, &code
	case "grpc-message":
		p.kind = messageHeader
		p.readMessage(value)
	case "grpc-retry-pushback-ms":
		p.kind, p.response.Pushback = pushbackHeader, []string{value}
	case "content-type":
		p.kind, p.response.ContentType = typeHeader, value
	default:
		return at
	}
	if value != "" || name == "grpc-message" {
		s.add(p, t, start)
	}
	return at + len(value)
}

func (p *piece) readMessage(value string) {
	message, err := url.PathUnescape(value)
	if err != nil {
		message = value
		p.warn("grpc-message has a wrong percent encoding: it is shown as it was sent")
	}
	clean := text.Clean(message)
	if clean != message {
		p.warn("grpc-message is not valid UTF-8: wrong bytes were replaced by U+FFFD")
	}
	p.message = &clean
}

// detailsBin reads the value of grpc-status-details-bin at an offset, and
// returns its end.
func (s *scanner) detailsBin(t *body, at int) (end int) {
	s.count("grpc-status-details-bin")
	first := word().FindString(t.text[at:])
	if first == "" {
		return at
	}
	b, end, ok := s.unwrap(t, encodings[0], at, at+len(first), true)
	if !ok {
		p := piece{kind: statusHeader}
		p.warn("grpc-status-details-bin is no google.rpc.Status in base64: %s", strconv.Quote(text.Cut(first, maxQuote)))
		s.add(p, t, at)
		return at + len(first)
	}
	p := b.found("grpc-status-details-bin")
	p.kind = statusHeader
	s.addBytes(t, encodings[0], at, end, p)
	if strings.HasPrefix(t.text[end:], ",") { // values of a repeated header
		s.pieces[len(s.pieces)-1].warn("grpc-status-details-bin has several values: the first is shown")
		end += len(values().FindString(t.text[end:]))
	}
	return end
}

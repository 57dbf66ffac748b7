package decode

import (
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/types/known/anypb"
)

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

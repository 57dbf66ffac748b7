package decode

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
)

// members are the members of a JSON object, in order.
type members []member

type member struct {
	key   string
	value json.RawMessage
}

// get returns the last value of a key, as most readers do, or nil.
func (m members) get(key string) json.RawMessage {
	for _, member := range slices.Backward(m) {
		if member.key == key {
			return member.value
		}
	}
	return nil
}

// text returns the string or the number of a key, or "".
func (m members) text(key string) string { return scalar(m.get(key)) }

// only reports whether there is no other key than the given ones.
func (m members) only(keys ...string) bool {
	return !slices.ContainsFunc(m, func(member member) bool { return !slices.Contains(keys, member.key) })
}

func isString(raw json.RawMessage) bool { return len(raw) > 0 && raw[0] == '"' }

// scalar returns a string or a number as text, and "" for other values.
func scalar(raw json.RawMessage) (s string) {
	if isString(raw) {
		_ = json.Unmarshal(raw, &s) // raw is a valid string
	} else if len(raw) > 0 && (raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9') {
		s = string(raw)
	}
	return s
}

// split returns the members of an object, or the elements of an array as
// members without a key. raw must be valid JSON.
func split(raw json.RawMessage) (list members) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if _, err := decoder.Token(); err != nil {
		return nil
	}
	for decoder.More() {
		var m member
		if raw[0] == '{' {
			key, _ := decoder.Token()
			m.key, _ = key.(string)
		}
		if decoder.Decode(&m.value) != nil {
			return list
		}
		list = append(list, m)
	}
	return list
}

// jsonObjects searches the JSON objects of a text. An object that can't be
// read, such as the cut line of a log, can contain others.
func (s *scanner) jsonObjects(t *body) {
	for i := 0; i < len(t.text) && !s.exhausted(); i++ {
		next := strings.IndexByte(t.text[i:], '{')
		if next < 0 {
			return
		}
		i += next
		if inner := strings.TrimLeft(t.text[i+1:min(len(t.text), i+1+textWork)], " \t\r\n"); !strings.HasPrefix(inner, `"`) {
			continue
		}
		var raw json.RawMessage
		decoder := json.NewDecoder(strings.NewReader(t.text[i:]))
		s.work -= textWork
		if err := decoder.Decode(&raw); err != nil {
			read := len(t.text) - i
			if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) && !errors.Is(err, io.ErrUnexpectedEOF) {
				read = int(syntax.Offset)
			}
			s.work -= read
			continue
		}
		s.count("JSON objects")
		end := i + len(raw)
		found := s.inside(i, func() { s.jsonValue(raw, "", t, i, t.depth) })
		if garbage := t.garbage(end); garbage != "" && found {
			s.pieces[len(s.pieces)-1].warn("the JSON is followed by %s, which was not read", quote(garbage))
		}
		t.take(i, end)
		i = end - 1
	}
}

// jsonValue searches a value inside an object of t at an offset.
func (s *scanner) jsonValue(raw json.RawMessage, key string, t *body, at, depth int) {
	s.work -= len(raw)
	if depth > maxDepth {
		s.work = -1
	}
	switch {
	case s.exhausted():
	case isString(raw):
		s.text(scalar(raw), t.lineAt(at), depth+1)
	case raw[0] == '{':
		s.object(raw, key, t, at, depth)
	case raw[0] == '[':
		for _, element := range split(raw) {
			s.jsonValue(element.value, key, t, at, depth+1)
		}
	}
}

// object adds the status, the detail, or the log fields and the headers that an
// object is, and searches the rest of it.
func (s *scanner) object(raw json.RawMessage, key string, t *body, at, depth int) {
	m := split(raw)
	if p, ok := s.statusOf(m, key); ok {
		s.add(p, t, at)
		return
	}
	if m.text("@type") != "" {
		p := piece{kind: loneDetail, form: "JSON of a detail"}
		p.addDetail(s.types, raw)
		s.add(p, t, at)
		return
	}
	var log records
	for _, member := range m {
		prefix, name := member.key[:strings.LastIndexByte(member.key, '.')+1], member.key
		log.set(prefix, strings.TrimPrefix(name, prefix), member.value, at)
	}
	s.identities(log, t)
	for _, member := range m {
		if !s.jsonHeader(member, t, at) {
			s.jsonValue(member.value, member.key, t, at, depth+1)
		}
	}
}

// jsonHeader adds a header that is a member of an object, such as in the log of
// a proxy. The value can be an array.
func (s *scanner) jsonHeader(m member, t *body, at int) (found bool) {
	name := strings.ReplaceAll(strings.ToLower(m.key), "_", "-")
	if name != "content-type" && !strings.HasPrefix(name, "grpc-") {
		return false
	}
	values := members{m}
	if m.value[0] == '[' {
		values = split(m.value)
	}
	for _, value := range values {
		inner := newBody(scalar(value.value), t.lineAt(at), t.depth+1)
		found = s.inside(at, func() { s.header(name, inner.text, inner, 0, 0) }) || found
	}
	return found
}

// statusOf reads an object that is a status, in one of three forms:
//
//	google.rpc.Status  {"code": 9, "message": "…", "details": [{"@type": "…", …}]}
//	AIP-193            {"code": 400, "status": "FAILED_PRECONDITION", …}, in "error"
//	Connect            {"code": "failed_precondition", "message": "…", "details": [{"type": "…", "value": "base64"}]}
//
// Objects of other origin have a code and a message too. A status has details
// with a type, or no other members and a code of gRPC.
func (s *scanner) statusOf(m members, key string) (p piece, ok bool) {
	p = piece{kind: wholeStatus, form: "JSON of google.rpc.Status"}
	if message := m.get("message"); isString(message) {
		p.message = new(scalar(message))
	} else if message != nil {
		return p, false
	}
	number, isNumber := parseInt(m.text("code"))
	name, named := parseCode(m.text("status"))
	switch {
	case isNumber && named && isString(m.get("status")):
		p.form, p.code, p.envelope = "AIP-193 envelope", &name, m.text("code")
	case isNumber && key == "error" && !isCode(number):
		p.form, p.envelope = "AIP-193 envelope", m.text("code")
		p.warn("the envelope has no status, so the gRPC code is not known")
	case isNumber:
		p.code = &number
	default:
		code, isCode := parseCode(m.text("code"))
		if !isCode {
			return p, false
		}
		p.form, p.code = "error of Connect", &code
	}
	for _, detail := range split(m.get("details")) {
		p.addDetail(s.types, detail.value)
	}
	seen := map[string]bool{}
	for _, member := range m {
		if seen[member.key] {
			p.warn("the JSON has %s twice: the last one is shown", quote(member.key))
			break
		}
		seen[member.key] = true
	}
	envelope := key == "error" && p.envelope != ""
	known := p.code != nil && isCode(*p.code) && *p.code != int32(codes.OK)
	bare := (envelope || known) && m.only("code", "message", "details", "status", "errors", "@type") && (p.message != nil || p.form == "error of Connect")
	return p, bare || len(p.details) > 0
}

// addDetail adds a detail, if the JSON is one: a message with @type, or the type
// and the bytes of Connect.
func (p *piece) addDetail(types Types, raw json.RawMessage) {
	if raw[0] != '{' {
		return
	}
	m := split(raw)
	detail := &anypb.Any{TypeUrl: m.text("@type")}
	switch name := m.text("type"); {
	case detail.TypeUrl != "":
		if !detailFromBytes(detail, m) {
			p.detailFromJSON(types, detail, raw)
		}
	case name != "":
		value, err := fromBase64(m.text("value"))
		if err != nil {
			p.warn("the value of detail %s is no base64", quote(name))
		}
		if !strings.Contains(name, "/") {
			name = "type.googleapis.com/" + name
		}
		detail.TypeUrl, detail.Value = name, value
	default:
		return
	}
	p.details = append(p.details, detail)
}

// detailFromBytes reads a detail whose type the writer did not know, in the
// form of package rest or of grpcurl.
func detailFromBytes(detail *anypb.Any, m members) bool {
	for _, key := range []string{"value", "@value"} {
		if raw := m.get(key); isString(raw) && m.only("@type", "@error", key) {
			b, err := fromBase64(scalar(raw))
			detail.Value = b
			return err == nil && !strings.HasPrefix(detail.GetTypeUrl(), "type.googleapis.com/google.protobuf.")
		}
	}
	return false
}

// detailFromJSON reads a detail as a message, or keeps its JSON.
func (p *piece) detailFromJSON(types Types, detail *anypb.Any, raw []byte) {
	url := detail.GetTypeUrl()
	err := errors.New("it is too large")
	if len(raw) <= maxReadable {
		err = protojson.UnmarshalOptions{Resolver: types}.Unmarshal(raw, detail)
		if err != nil && (protojson.UnmarshalOptions{Resolver: types, DiscardUnknown: true}).Unmarshal(raw, detail) == nil {
			p.warn("detail %s has fields that its type does not have: they are not shown", quote(url))
			return
		}
	}
	if err == nil {
		return
	}
	proto.Reset(detail)
	detail.TypeUrl = url
	if _, unknown := types.FindMessageByURL(url); unknown == nil {
		p.warn("detail %s can't be read: %s", quote(url), reasonOf(err))
	}
	if p.json == nil {
		p.json = map[*anypb.Any]string{}
	}
	p.json[detail] = string(raw)
}

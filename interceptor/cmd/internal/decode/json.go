package decode

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
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

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
func (m members) text(key string) string {
	raw := m.get(key)
	if isString(raw) {
		return unmarshalString(raw)
	}
	if len(raw) > 0 && (raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9') {
		return string(raw)
	}
	return ""
}

// repeated returns a key that occurs again.
func (m members) repeated() (key string, found bool) {
	seen := map[string]bool{}
	for _, member := range m {
		if seen[member.key] {
			return member.key, true
		}
		seen[member.key] = true
	}
	return "", false
}

// only reports whether there is no other key than the given ones.
func (m members) only(keys ...string) bool {
	return !slices.ContainsFunc(m, func(member member) bool { return !slices.Contains(keys, member.key) })
}

func isString(raw json.RawMessage) bool { return len(raw) > 0 && raw[0] == '"' }

func unmarshalString(raw json.RawMessage) (s string) {
	_ = json.Unmarshal(raw, &s) // raw is a valid string
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
func (s *scanner) jsonObjects(t *body, depth int) {
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
		if err := decoder.Decode(&raw); err != nil {
			read := int64(len(t.text) - i)
			if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) && !errors.Is(err, io.ErrUnexpectedEOF) {
				read = syntax.Offset
			}
			s.work -= int(read) + textWork
			continue
		}
		s.work -= textWork
		s.count("JSON objects")
		s.inside(i, func() { s.jsonValue(raw, "", t, i, depth) })
		t.take(i, i+len(raw))
		if garbage := t.garbage(i + len(raw)); garbage != "" && len(s.pieces) > 0 && s.pieces[len(s.pieces)-1].at == i {
			last := &s.pieces[len(s.pieces)-1]
			last.warnings = append(last.warnings, "the JSON is followed by "+quote(garbage)+", which was not read")
		}
		i += len(raw) - 1
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
		s.text(unmarshalString(raw), t.lineAt(at), depth+1)
	case raw[0] == '{':
		s.object(split(raw), key, t, at, depth)
	case raw[0] == '[':
		for _, element := range split(raw) {
			s.jsonValue(element.value, key, t, at, depth+1)
		}
	}
}

// object adds the status, the detail, the headers or the log fields that an
// object is, and searches the rest of it.
func (s *scanner) object(m members, key string, t *body, at, depth int) {
	if p, ok := s.statusOf(m, key); ok {
		s.add(p, t, at)
		return
	}
	if m.text("@type") != "" {
		p := piece{kind: loneDetail, form: "JSON of a detail"}
		p.addDetail(s.types, m)
		s.add(p, t, at)
		return
	}
	for _, prefix := range []string{"", "codetable."} {
		get := func(name string) string {
			if name == "grpc_code" && prefix == "" && m.get(name) == nil {
				name = "grpcCode" // as (*codetable.Error).MarshalJSON writes it
			} else if name == "code" && prefix == "" && m.get(name) == nil {
				name = "number"
			}
			return m.text(prefix + name)
		}
		metadata := map[string]string{}
		for _, entry := range split(m.get(prefix + "metadata")) {
			if entry.key != "" && isString(entry.value) {
				metadata[entry.key] = unmarshalString(entry.value)
			}
		}
		if p, ok := identityPiece(get, metadata, "log fields"); ok {
			s.add(p, t, at)
		}
	}
	for _, member := range m {
		if !s.jsonHeader(member, t, at) {
			s.jsonValue(member.value, member.key, t, at, depth+1)
		}
	}
}

// jsonHeader adds a header that is a member of an object, such as in the log of
// a proxy. The value can be an array.
func (s *scanner) jsonHeader(m member, t *body, at int) bool {
	name := strings.ReplaceAll(strings.ToLower(m.key), "_", "-")
	if name != "content-type" && !strings.HasPrefix(name, "grpc-") {
		return false
	}
	values := members{{value: m.value}}
	if m.value[0] == '[' {
		values = split(m.value)
	}
	found := false
	for i := range values {
		values[i].key = name
		value := values[i : i+1].text(name)
		if name == "grpc-status-details-bin" {
			inner := newBody(value, t.lineAt(at), true)
			found = s.inside(at, func() { s.detailsBin(inner, 0) }) || found
		} else if p, ok := headerPiece(name, value); ok {
			s.add(p, t, at)
			found = true
		}
	}
	return found
}

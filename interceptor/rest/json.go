package rest

import (
	"bytes"
	"encoding/json"
	"iter"
	"strconv"
	"strings"
)

// unreadable stands for a value that can't be determined.
var unreadable = []byte("{}")

// find returns the value at a path of a document, which must be valid JSON. It
// returns nil if there is no value or it is null.
//
// It returns unreadable for a field that occurs twice with two values, for a
// field whose name differs only in case, and, below the top level, if the path
// expects an object or a list but the document has another type. Unreadable
// values are never a success.
func find(document []byte, path []string) []byte {
	value := bytes.TrimSpace(document)
	for depth, name := range path {
		var found []byte
		object, list := value[0] == '{', value[0] == '['
		place := strings.Trim(name, "0123456789") == ""
		doubt := depth > 0 && !object && !list
		for key, member := range members(value) {
			switch {
			case string(key) == name && found == nil:
				found = member
			case string(key) == name && !bytes.Equal(found, member):
				return unreadable
			case place && object, depth > 0 && !place && list, strings.EqualFold(string(key), name):
				doubt = true
			}
		}
		switch {
		case found == nil && doubt:
			return unreadable
		case found == nil || string(found) == "null":
			return nil
		}
		value = found
	}
	return value
}

// members yields the fields of an object, or the elements of a list with their
// index as the name. Other values have no members.
func members(value []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(name, member []byte) bool) {
		if value[0] != '{' && value[0] != '[' {
			return
		}
		var name, member []byte
		for i, rest := 0, value[1:]; ; i++ {
			rest = bytes.TrimLeft(rest, ", \t\r\n")
			switch {
			case rest[0] == '}' || rest[0] == ']':
				return
			case value[0] == '[':
				name = strconv.AppendInt(name[:0], int64(i), 10)
			default:
				name, rest = split(rest)
				name, rest = unquote(name), bytes.TrimLeft(rest, ": \t\r\n")
			}
			if member, rest = split(rest); !yield(name, member) {
				return
			}
		}
	}
}

// split returns the first value and the rest.
func split(b []byte) (value, rest []byte) {
	if b[0] != '"' && b[0] != '{' && b[0] != '[' {
		end := bytes.IndexAny(b, ",]} \t\r\n")
		return b[:end], b[end:]
	}
	for i, depth := 0, 0; ; i++ {
		switch b[i] {
		case '"':
			for i++; b[i] != '"'; i++ {
				if b[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		default:
			continue
		}
		if depth == 0 {
			return b[:i+1], b[i+1:]
		}
	}
}

func unquote(quoted []byte) []byte {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1]
	}
	var s string
	_ = json.Unmarshal(quoted, &s) // the document is valid
	return []byte(s)
}

// scalar returns a string, or a number with every digit that the upstream sent.
// For other values it returns "".
func scalar(value []byte) string {
	switch {
	case len(value) == 0:
		return ""
	case value[0] == '"':
		return string(unquote(value))
	case value[0] == '-' || '0' <= value[0] && value[0] <= '9':
		return string(value)
	default:
		return ""
	}
}

// integer reads a code: a number that fits an enum and has no fraction, in a
// form that every language reads in the same way.
func integer(s string) (int32, bool) {
	digits, zeros, point := strings.Cut(s, ".")
	if point && (zeros == "" || strings.Trim(zeros, "0") != "") || strings.HasPrefix(digits, "+") {
		return 0, false
	}
	n, err := strconv.ParseInt(digits, 10, 32)
	return int32(n), err == nil
}

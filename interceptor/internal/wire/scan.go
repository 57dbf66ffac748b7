package wire

import (
	"bytes"
	"math"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// scan reads an ErrorInfo without proto.Unmarshal. It marks as unreadable what
// every parser of protobuf refuses: bytes that are not a message, and strings
// that are not valid UTF-8.
func scan(b []byte) (i info) {
	for len(b) > 0 {
		field, value, n := consume(b)
		if n < 0 || field <= infoDomain && !utf8.Valid(value) {
			return info{unreadable: true}
		}
		switch field {
		case infoReason:
			i.reason = value
		case infoDomain:
			i.domain = value
		case infoMetadata:
			if i.metadata == nil {
				i.metadata = b
			}
			key, val, ok := scanEntry(value)
			if !ok {
				return info{unreadable: true}
			}
			if string(key) == CodeKey {
				i.code = val
			}
		}
		b = b[n:]
	}
	return i
}

func scanEntry(b []byte) (key, value []byte, ok bool) {
	for len(b) > 0 {
		field, v, n := consume(b)
		if n < 0 || field <= entryValue && !utf8.Valid(v) {
			return nil, nil, false
		}
		b = b[n:]
		switch field {
		case entryKey:
			key = v
		case entryValue:
			value = v
		}
	}
	return key, value, true
}

// consume reads one field. For a field that is not length-delimited the number
// is 0 and the value is nil: this package needs no such field.
func consume(b []byte) (field protowire.Number, value []byte, n int) {
	// In nearly all cases the tag and the length are one byte each.
	if len(b) > 1 && b[0] < 0x80 && b[0]&7 == byte(protowire.BytesType) && b[0] > 7 && b[1] < 0x80 {
		if n = 2 + int(b[1]); n <= len(b) {
			return protowire.Number(b[0] >> 3), b[2:n], n
		}
	}
	return consumeAny(b)
}

func consumeAny(b []byte) (field protowire.Number, value []byte, n int) {
	field, wire, tag := protowire.ConsumeTag(b)
	if tag < 0 {
		return 0, nil, tag
	}
	if wire != protowire.BytesType {
		n = protowire.ConsumeFieldValue(field, wire, b[tag:])
		field = 0
	} else {
		value, n = protowire.ConsumeBytes(b[tag:])
	}
	if n < 0 {
		return 0, nil, n
	}
	return field, value, tag + n
}

// parseNumber reads a decimal number of 32 bits. It is a loop because it runs
// for each decoded error. It rejects a plus sign.
func parseNumber(b []byte) (number int32, ok bool) {
	digits, negative := bytes.CutPrefix(b, []byte{'-'})
	n := int64(0)
	for _, c := range digits {
		if c < '0' || c > '9' || n > math.MaxInt32 {
			return 0, false
		}
		n = 10*n + int64(c-'0')
	}
	if negative {
		n = -n
	}
	return int32(n), len(digits) > 0 && n == int64(int32(n))
}

package source

import (
	"bytes"
	"errors"
	"sync/atomic"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// maxDepth is the depth of messages that package proto reads.
const maxDepth = 10_000

var errTooManyMessages = errors.New("it has more than a million declarations")

// budget is the number of messages that descriptors may still have. It is
// checked before the descriptors are parsed.
type budget int

// take counts the messages in the wire form of a message. Faults of the wire
// form are left to package proto.
func (b *budget) take(raw []byte, desc protoreflect.MessageDescriptor, depth int) error {
	if *b--; *b < 0 {
		return errTooManyMessages
	}
	for len(raw) > 0 && depth < maxDepth {
		number, kind, n := protowire.ConsumeTag(raw)
		if n < 0 {
			return nil
		}
		raw = raw[n:]
		size := protowire.ConsumeFieldValue(number, kind, raw)
		if size < 0 {
			return nil
		}
		value := raw[:size]
		raw = raw[size:]
		field := desc.Fields().ByNumber(number)
		if field == nil || field.Message() == nil || kind != protowire.BytesType {
			continue
		}
		content, _ := protowire.ConsumeBytes(value)
		if err := b.take(content, field.Message(), depth+1); err != nil {
			return err
		}
	}
	return nil
}

// takeJSON counts the messages in JSON. Braces in texts count too.
func (b *budget) takeJSON(raw []byte) error {
	if *b -= budget(bytes.Count(raw, []byte("{"))); *b < 0 {
		return errTooManyMessages
	}
	return nil
}

var errTooComplex = errors.New("the .proto files have too many or too deeply nested declarations: name the folder of the table")

// takeSource counts the signs in a .proto file. The compiler needs up to a
// kilobyte of memory for each, and more for nested braces. Signs in texts and
// comments count too.
func takeSource(raw []byte, left *atomic.Int64) error {
	depth := 0
	for _, b := range raw {
		switch b {
		case '{', '<':
			depth++
		case '}', '>':
			depth = max(depth-1, 0)
		case '=', ',', ';', '[', ']', '(', ')', '/':
		default:
			continue
		}
		if depth > maxDepth || left.Add(-1) < 0 {
			return errTooComplex
		}
	}
	return nil
}

package decode

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/codetable/grpc-codetable/interceptor/internal/text"
)

// binary is a google.rpc.Status that was read from bytes. Unlike
// proto.Unmarshal, readStatus accepts wrong UTF-8, and keeps what stands before
// bytes that can't be read. A status in a log is often cut.
type binary struct {
	piece

	rest    int  // bytes at the end that can't be read
	cut     bool // the last detail is not whole
	unknown int  // fields that a status does not have
}

// Tags of the fields of google.rpc.Status and google.protobuf.Any.
const (
	tagCode    = 1<<3 | uint64(protowire.VarintType)
	tagMessage = 2<<3 | uint64(protowire.BytesType)
	tagDetail  = 3<<3 | uint64(protowire.BytesType)
	tagURL     = 1<<3 | uint64(protowire.BytesType)
	tagValue   = 2<<3 | uint64(protowire.BytesType)
)

func readStatus(raw []byte) binary {
	b := binary{piece: piece{kind: wholeStatus, code: new(int32), message: new(string), size: len(raw)}} // proto3 omits a zero
	rest := eachField(raw, func(tag uint64, value []byte) {
		switch tag {
		case tagCode:
			v, _ := protowire.ConsumeVarint(value)
			*b.code = int32(v) //nolint:gosec // protobuf reads the low 32 bits
		case tagMessage:
			*b.message = b.clean("the message", value)
		case tagDetail:
			if rest := b.addDetail(value); len(rest) > 0 {
				b.warn("detail %d is no google.protobuf.Any: %d bytes can't be read", len(b.details), len(rest))
			}
		default:
			b.unknown++
		}
	})
	b.rest = len(rest)
	if tag, content := cutField(rest); tag == tagDetail && len(content) > 0 {
		b.addCutDetail(content)
	}
	return b
}

// eachField calls use for the fields of a message, and returns the bytes at its
// end that are no whole field. The value of a field of bytes is its content.
func eachField(b []byte, use func(tag uint64, value []byte)) (rest []byte) {
	for len(b) > 0 {
		_, kind, length := protowire.ConsumeField(b)
		if length < 0 {
			break
		}
		tag, n := protowire.ConsumeVarint(b)
		value := b[n:length]
		if kind == protowire.BytesType {
			value, _ = protowire.ConsumeBytes(value)
		}
		use(tag, value)
		b = b[length:]
	}
	return b
}

// cutField returns what there is of a field of bytes whose end is missing.
func cutField(b []byte) (tag uint64, content []byte) {
	tag, n := protowire.ConsumeVarint(b)
	if n < 0 {
		return 0, nil
	}
	if _, length := protowire.ConsumeVarint(b[n:]); length > 0 {
		content = b[n+length:]
	}
	return tag, content
}

func (b *binary) clean(what string, value []byte) string {
	if !utf8.Valid(value) {
		b.warn("%s is not valid UTF-8: wrong bytes were replaced by U+FFFD", what)
	}
	return text.Clean(string(value))
}

// addDetail returns the bytes of the detail that can't be read.
func (b *binary) addDetail(raw []byte) (rest []byte) {
	detail := &anypb.Any{}
	b.details = append(b.details, detail)
	return eachField(raw, func(tag uint64, value []byte) {
		switch tag {
		case tagURL:
			detail.TypeUrl = b.clean(fmt.Sprintf("the type URL of detail %d", len(b.details)), value)
		case tagValue:
			detail.Value = value
		}
	})
}

// addCutDetail adds the whole fields of a detail whose end is missing, if its
// type is known.
func (b *binary) addCutDetail(raw []byte) {
	rest := b.addDetail(raw)
	last := len(b.details) - 1
	if b.details[last].GetTypeUrl() == "" {
		b.details = b.details[:last]
		return
	}
	b.cut = true
	if tag, value := cutField(rest); tag == tagValue {
		unread := eachField(value, func(uint64, []byte) {})
		b.details[last].Value = value[:len(value)-len(unread)]
	}
}

// evident reports whether bytes of any origin are a status: there is a detail
// with a type URL, or a failing gRPC code with a printable message. Random
// bytes practically never are.
func (b binary) evident() bool {
	for _, detail := range b.details {
		host, name, found := strings.Cut(detail.GetTypeUrl(), "/")
		if found && printable(host) && protoreflect.FullName(name[strings.LastIndexByte(name, '/')+1:]).IsValid() {
			return true
		}
	}
	return b.whole() && len(b.details) == 0 && *b.code > 0 && isCode(*b.code) &&
		*b.message != "" && printable(*b.message)
}

// whole reports whether all bytes are of a status.
func (b binary) whole() bool { return b.rest == 0 && b.unknown == 0 }

// empty reports whether nothing could be read.
func (b binary) empty() bool { return *b.code == 0 && *b.message == "" && len(b.details) == 0 }

// found returns the piece that the bytes are, with what is wrong with them.
func (b binary) found(form string) piece {
	b.form = form
	switch {
	case b.cut:
		b.warn("the status is cut in detail %d, of which only the whole fields are shown", len(b.details))
	case b.rest > 0:
		b.warn("the status is cut or followed by other bytes: the last %d of %d bytes can't be read", b.rest, b.size)
	}
	if b.unknown > 0 {
		b.warn("the status has %d fields that google.rpc.Status does not have", b.unknown)
	}
	return b.piece
}

func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) && !unicode.IsSpace(r) || r == utf8.RuneError })
}

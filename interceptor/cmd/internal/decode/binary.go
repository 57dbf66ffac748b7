package decode

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/codetable/grpc-codetable/interceptor/internal/text"
)

// binary is a google.rpc.Status that was read from bytes. Unlike
// proto.Unmarshal, readStatus accepts wrong UTF-8, and keeps what stands before
// bytes that can't be read. A status in a log is often cut.
type binary struct {
	code     *int32
	message  string
	details  []*anypb.Any
	size     int
	rest     int  // bytes at the end that can't be read
	cut      bool // the last detail is not whole
	unknown  int  // fields that a status does not have
	warnings []string
}

// Field numbers of google.rpc.Status and google.protobuf.Any.
const (
	fieldCode    protowire.Number = 1
	fieldMessage protowire.Number = 2
	fieldDetails protowire.Number = 3
	fieldURL     protowire.Number = 1
	fieldValue   protowire.Number = 2
)

func readStatus(raw []byte) binary {
	b := binary{size: len(raw)}
	for rest := raw; len(rest) > 0; {
		number, kind, value, n := consume(rest)
		if n < 0 {
			b.rest = len(rest)
			b.addCutDetail(rest)
			break
		}
		switch {
		case number == fieldCode && kind == protowire.VarintType:
			v, _ := protowire.ConsumeVarint(value)
			b.code = new(int32(v))
		case number == fieldMessage && kind == protowire.BytesType:
			b.message = b.clean("the message", value)
		case number == fieldDetails && kind == protowire.BytesType:
			b.addDetail(value)
		default:
			b.unknown++
		}
		rest = rest[n:]
	}
	return b
}

// consume reads one field. The value of a field of bytes is its content.
func consume(b []byte) (number protowire.Number, kind protowire.Type, value []byte, n int) {
	number, kind, tag := protowire.ConsumeTag(b)
	if tag < 0 {
		return 0, 0, nil, tag
	}
	length := protowire.ConsumeFieldValue(number, kind, b[tag:])
	if length < 0 {
		return 0, 0, nil, length
	}
	value = b[tag : tag+length]
	if kind == protowire.BytesType {
		value, _ = protowire.ConsumeBytes(value)
	}
	return number, kind, value, tag + length
}

func (b *binary) clean(what string, value []byte) string {
	if !utf8.Valid(value) {
		b.warnings = append(b.warnings, what+" is not valid UTF-8: wrong bytes were replaced by U+FFFD")
	}
	return text.Clean(string(value))
}

func (b *binary) addDetail(raw []byte) {
	detail := &anypb.Any{}
	for rest := raw; len(rest) > 0; {
		number, kind, value, n := consume(rest)
		if n < 0 {
			b.warnings = append(b.warnings, fmt.Sprintf("detail %d is no google.protobuf.Any: %d bytes can't be read", len(b.details)+1, len(rest)))
			break
		}
		switch {
		case number == fieldURL && kind == protowire.BytesType:
			detail.TypeUrl = b.clean(fmt.Sprintf("the type URL of detail %d", len(b.details)+1), value)
		case number == fieldValue && kind == protowire.BytesType:
			detail.Value = value
		}
		rest = rest[n:]
	}
	b.details = append(b.details, detail)
}

// addCutDetail adds the whole fields of a detail whose end is missing, if its
// type is known.
func (b *binary) addCutDetail(raw []byte) {
	detail := fieldContent(raw, fieldDetails)
	_, _, url, n := consume(detail)
	if n < 0 {
		return
	}
	var value []byte
	for rest := fieldContent(detail[n:], fieldValue); len(rest) > 0; {
		_, _, _, length := consume(rest)
		if length < 0 {
			break
		}
		value, rest = append(value, rest[:length]...), rest[length:]
	}
	b.details = append(b.details, &anypb.Any{TypeUrl: text.Clean(string(url)), Value: value})
	b.cut = true
}

// fieldContent returns what there is of a field of bytes that is cut.
func fieldContent(b []byte, field protowire.Number) []byte {
	number, kind, tag := protowire.ConsumeTag(b)
	if tag < 0 || number != field || kind != protowire.BytesType {
		return nil
	}
	_, length := protowire.ConsumeVarint(b[tag:])
	if length < 0 {
		return nil
	}
	return b[tag+length:]
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
	return b.rest == 0 && b.unknown == 0 && len(b.details) == 0 && b.code != nil && *b.code > 0 && isCode(*b.code) &&
		b.message != "" && printable(b.message)
}

// empty reports whether nothing could be read.
func (b binary) empty() bool { return b.code == nil && b.message == "" && len(b.details) == 0 }

func (b binary) piece(form string) piece {
	code := b.code
	if code == nil {
		code = new(int32) // proto3 omits a zero
	}
	p := piece{kind: wholeStatus, form: form, code: code, message: &b.message, details: b.details, size: b.size, warnings: b.warnings}
	switch {
	case b.cut:
		p.warnings = append(p.warnings, fmt.Sprintf("the status is cut in detail %d, of which only the whole fields are shown", len(b.details)))
	case b.rest > 0:
		p.warnings = append(p.warnings, fmt.Sprintf("the status is cut or followed by other bytes: the last %d of %d bytes can't be read", b.rest, b.size))
	}
	if b.unknown > 0 {
		p.warnings = append(p.warnings, fmt.Sprintf("the status has %d fields that google.rpc.Status does not have", b.unknown))
	}
	return p
}

func isCode(code int32) bool { return code >= 0 && codes.Code(code) <= codes.Unauthenticated }

func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) && !unicode.IsSpace(r) || r == utf8.RuneError })
}

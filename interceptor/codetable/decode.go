package codetable

import (
	"strconv"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/codetable/grpc-codetable/interceptor/internal/errtree"
	"github.com/codetable/grpc-codetable/interceptor/internal/rpcdetail"
	"github.com/codetable/grpc-codetable/interceptor/internal/text"
)

// statusHolder is what grpc-go takes for an error with a status.
type statusHolder interface{ GRPCStatus() *status.Status }

// leaf returns the status of an error that wraps nothing, as those of grpc-go,
// to spare the common case the search of a tree.
func leaf(err error) (*status.Status, bool) {
	holder, ok := err.(statusHolder)
	if !ok {
		return nil, false
	}
	switch err.(type) { //nolint:errorlint // whether it wraps anything is the question
	case interface{ Unwrap() error }, interface{ Unwrap() []error }, interface{ As(any) bool }:
		return nil, false
	}
	return holder.GRPCStatus(), true
}

// find returns the number of the first error of this table in err's tree.
func (t *table) find(err error) (number int32, ok bool) {
	if st, ok := leaf(err); ok {
		return t.numberIn(st.Proto())
	}
	if e, ok := errtree.Find(err, t.owns); ok {
		return e.Number(), true
	}
	_, ok = errtree.Find(err, func(h statusHolder) bool {
		var found bool
		number, found = t.numberIn(h.GRPCStatus().Proto())
		return found
	})
	return number, ok
}

func (t *table) owns(e *Error) bool { return e.valid() && e.Domain() == t.domain }

func (t *table) numberIn(message *spb.Status) (int32, bool) {
	if message.GetCode() == int32(codes.OK) {
		return 0, false
	}
	for _, detail := range message.GetDetails() {
		if info, ok := scan(detail); ok && string(info.domain) == t.domain {
			if number, _, ok := t.identify(info); ok {
				return number, true
			}
		}
	}
	return 0, false
}

// decode makes an Error of the first ErrorInfo that a linked table knows. It
// returns nil if there is none, and where the status is OK.
func decode(from error, st *status.Status, wrapped bool) *Error {
	if st.Code() == codes.OK {
		return nil
	}
	message := st.Proto()
	for i, detail := range message.GetDetails() {
		info, ok := scan(detail)
		if !ok {
			continue
		}
		t := tableByDomain(info.domain)
		if t == nil {
			continue
		}
		if number, known, ok := t.identify(info); ok {
			if known == nil {
				known = t.unlisted(number)
			}
			e := &Error{
				entry:    known,
				cause:    from,
				received: message,
				info:     int32(i),
				wrapped:  wrapped,
			}
			e.status.Store(st)
			return e
		}
	}
	return nil
}

// errorInfo is what identity needs of a google.rpc.ErrorInfo, unparsed.
type errorInfo struct{ reason, domain, code []byte }

// identify trusts metadata.code, then the reason. The entry is nil for a number
// that the table does not list. It refuses a code that the table calls a
// success: a status that failed says so wrongly.
func (t *table) identify(info errorInfo) (number int32, known *entry, ok bool) {
	if n, err := strconv.ParseInt(string(info.code), 10, 32); err == nil && info.code[0] != '+' {
		e, listed := t.byNumber[int32(n)]
		return int32(n), e, !listed || e.code != codes.OK
	}
	if e, listed := t.byReason[string(info.reason)]; listed {
		return e.number, e, e.code != codes.OK
	}
	return 0, nil, false
}

// scan reads an ErrorInfo without unmarshalling it. It reports false for
// another message, and for bytes that are not a protobuf message.
func scan(detail *anypb.Any) (errorInfo, bool) {
	var info errorInfo
	if !isMessage(detail, rpcdetail.ErrorInfo) {
		return info, false
	}
	b := detail.GetValue()
	for len(b) > 0 {
		field, value, n := consume(b)
		if n < 0 {
			return info, false
		}
		b = b[n:]
		switch field {
		case infoReason:
			info.reason = value
		case infoDomain:
			info.domain = value
		case infoMetadata:
			key, val, ok := scanEntry(value)
			if !ok {
				return info, false
			}
			if string(key) == codeKey {
				info.code = val
			}
		}
	}
	return info, true
}

func scanEntry(b []byte) (key, value []byte, ok bool) {
	for len(b) > 0 {
		field, v, n := consume(b)
		if n < 0 {
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

// consume reads one field. Its value is nil, and its number 0, unless it is
// length-delimited, as all that we read are.
func consume(b []byte) (field protowire.Number, value []byte, n int) {
	// A tag and a length of one byte each are nearly all there is.
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

// parseMetadata reads the metadata of an ErrorInfo. Unlike proto.Unmarshal it
// keeps a value with invalid UTF-8, made valid.
func parseMetadata(info []byte) map[string]string {
	m := map[string]string{}
	for len(info) > 0 {
		field, value, n := consume(info)
		if n < 0 {
			break
		}
		info = info[n:]
		if field != infoMetadata {
			continue
		}
		if key, val, ok := scanEntry(value); ok {
			m[text.Clean(string(key))] = text.Clean(string(val))
		}
	}
	return m
}

// retryDelay is the delay of the first RetryInfo, otherwise if there is none.
func retryDelay(message *spb.Status, otherwise time.Duration) time.Duration {
	var retry errdetails.RetryInfo
	if !findDetail(message, rpcdetail.RetryInfo, &retry) {
		return otherwise
	}
	return max(retry.GetRetryDelay().AsDuration(), 0)
}

// localizedMessage is the text of the first LocalizedMessage, "" if there is
// none.
func localizedMessage(message *spb.Status) string {
	var localized errdetails.LocalizedMessage
	findDetail(message, rpcdetail.LocalizedMessage, &localized)
	return localized.GetMessage()
}

func findDetail(message *spb.Status, name protoreflect.FullName, into proto.Message) bool {
	for _, detail := range message.GetDetails() {
		if isMessage(detail, name) && proto.Unmarshal(detail.GetValue(), into) == nil {
			return true
		}
	}
	return false
}

func isMessage(detail *anypb.Any, name protoreflect.FullName) bool {
	url, n := detail.GetTypeUrl(), len(name)
	return strings.HasSuffix(url, string(name)) && (len(url) == n || url[len(url)-n-1] == '/')
}

// Package wire reads and writes google.rpc.Status: the codes of a table as
// ErrorInfo, and the other standard details. It has no knowledge of Go errors.
package wire

import (
	"math"
	"slices"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
)

// The details of google/rpc/error_details.proto with special treatment.
const (
	ErrorInfo        = protoreflect.FullName("google.rpc.ErrorInfo")
	RetryInfo        = protoreflect.FullName("google.rpc.RetryInfo")
	LocalizedMessage = protoreflect.FullName("google.rpc.LocalizedMessage")
	RequestInfo      = protoreflect.FullName("google.rpc.RequestInfo")
	Help             = protoreflect.FullName("google.rpc.Help")
	DebugInfo        = protoreflect.FullName("google.rpc.DebugInfo")
)

const (
	urlPrefix    = "type.googleapis.com/"
	errorInfoURL = urlPrefix + string(ErrorInfo)
	retryInfoURL = urlPrefix + string(RetryInfo)
)

// Detail is an error detail as it is sent. It is plain data, so that comparison
// by reflection treats equal details as equal.
type Detail struct {
	URL   string
	Value string
}

// Name returns the full name of the message, or "" if the type URL has no valid
// name.
func (d Detail) Name() protoreflect.FullName {
	name := protoreflect.FullName(d.URL[strings.LastIndexByte(d.URL, '/')+1:])
	if !name.IsValid() {
		return ""
	}
	return name
}

// LastOfEach keeps the last detail of each type.
func LastOfEach(list []Detail) []Detail {
	if len(list) < 2 {
		return list
	}
	last := make(map[protoreflect.FullName]int, len(list))
	for i, d := range list {
		last[d.Name()] = i
	}
	i := -1
	return slices.DeleteFunc(list, func(d Detail) bool { i++; return last[d.Name()] != i })
}

// Pack packs a detail of a known type. Its strings must be valid UTF-8:
// constants, strings of a descriptor, or unmarshalled strings. Then it can't
// fail.
func Pack(m proto.Message) *anypb.Any {
	packed := &anypb.Any{}
	if err := anypb.MarshalFrom(packed, m, proto.MarshalOptions{Deterministic: true}); err != nil {
		panic(err)
	}
	return packed
}

// Find unmarshals the first detail that has the type of into. If there is no
// readable one, it returns false and into is empty.
func Find(message *spb.Status, into proto.Message) bool {
	name := into.ProtoReflect().Descriptor().FullName()
	for _, detail := range message.GetDetails() {
		if Is(detail, name) && proto.Unmarshal(detail.GetValue(), into) == nil {
			return true
		}
	}
	proto.Reset(into) // a detail may have been read in part
	return false
}

// Is reports whether a detail is a message with that name.
func Is(detail *anypb.Any, name protoreflect.FullName) bool {
	url, n := detail.GetTypeUrl(), len(name)
	return strings.HasSuffix(url, string(name)) && (len(url) == n || url[len(url)-n-1] == '/')
}

// Has reports whether the status has a detail with that name.
func Has(message *spb.Status, name protoreflect.FullName) bool {
	for _, detail := range message.GetDetails() {
		if Is(detail, name) {
			return true
		}
	}
	return false
}

// RetryDelay returns the delay of the first RetryInfo. It is never negative.
func RetryDelay(message *spb.Status) (time.Duration, bool) {
	var retry errdetails.RetryInfo
	ok := Find(message, &retry)
	return max(retry.GetRetryDelay().AsDuration(), 0), ok
}

// PackRetryInfo makes a RetryInfo.
func PackRetryInfo(delay time.Duration) *anypb.Any {
	return Pack(&errdetails.RetryInfo{RetryDelay: durationpb.New(delay)})
}

// PackRequestInfo makes a RequestInfo.
func PackRequestInfo(id string) *anypb.Any { return Pack(&errdetails.RequestInfo{RequestId: id}) }

// PackLocalizedMessage makes a LocalizedMessage.
func PackLocalizedMessage(text, locale string) *anypb.Any {
	return Pack(&errdetails.LocalizedMessage{Locale: locale, Message: text})
}

// PackHelp makes a Help with one link.
func PackHelp(description, url string) *anypb.Any {
	return Pack(&errdetails.Help{Links: []*errdetails.Help_Link{{Description: description, Url: url}}})
}

// PushbackMillis returns a delay in the unit of the trailer of gRFC A6,
// milliseconds. It rounds up and stays within the 32 bits that implementations
// parse.
func PushbackMillis(delay time.Duration) int64 {
	ms := int64(delay / time.Millisecond)
	if delay%time.Millisecond > 0 {
		ms++
	}
	return min(max(ms, 0), math.MaxInt32)
}

// The following functions encode messages without proto.Marshal. Nearly every
// error contains these messages, and proto.Marshal costs several allocations
// for each.

func appendString(b []byte, field protowire.Number, s string) []byte {
	if s == "" {
		return b
	}
	return append(appendLength(b, field, len(s)), s...)
}

// appendLength writes the tag and the length of a field of bytes. In nearly all
// cases each is one byte.
func appendLength(b []byte, field protowire.Number, n int) []byte {
	if n < 1<<7 {
		return append(b, byte(field)<<3|byte(protowire.BytesType), byte(n)) //nolint:gosec // the fields here are below 16
	}
	return protowire.AppendVarint(append(b, byte(field)<<3|byte(protowire.BytesType)), uint64(n)) //nolint:gosec // as above
}

// appendRetryInfo writes a google.rpc.RetryInfo.
func appendRetryInfo(b []byte, delay time.Duration) []byte {
	var duration [24]byte
	d := duration[:0]
	if seconds := int64(delay / time.Second); seconds != 0 {
		d = protowire.AppendVarint(protowire.AppendTag(d, 1, protowire.VarintType), uint64(seconds)) //nolint:gosec // so protobuf encodes an int64
	}
	if nanos := int64(delay % time.Second); nanos != 0 {
		d = protowire.AppendVarint(protowire.AppendTag(d, 2, protowire.VarintType), uint64(nanos)) //nolint:gosec // as above
	}
	b = protowire.AppendTag(b, 1, protowire.BytesType)
	return protowire.AppendBytes(b, d)
}

// subjectURL returns the type URL of the detail that a table names, or "" if it
// names none.
func subjectURL(detail *codetablev1.Detail) string {
	switch detail.GetType() {
	case codetablev1.DetailType_DETAIL_TYPE_BAD_REQUEST:
		return urlPrefix + "google.rpc.BadRequest"
	case codetablev1.DetailType_DETAIL_TYPE_PRECONDITION_FAILURE:
		return urlPrefix + "google.rpc.PreconditionFailure"
	case codetablev1.DetailType_DETAIL_TYPE_QUOTA_FAILURE:
		return urlPrefix + "google.rpc.QuotaFailure"
	case codetablev1.DetailType_DETAIL_TYPE_RESOURCE_INFO:
		return urlPrefix + "google.rpc.ResourceInfo"
	default:
		return ""
	}
}

// appendSubject writes the detail that a table names. It contains only texts of
// the table, so no phone number or token can get in.
func appendSubject(b []byte, e *table.Entry) []byte {
	subject, text := e.Options.GetDetail().GetSubject(), e.Options.GetNotes()
	var scratch [256]byte
	v := scratch[:0] // the one violation
	switch e.Options.GetDetail().GetType() {
	case codetablev1.DetailType_DETAIL_TYPE_BAD_REQUEST:
		v = appendString(appendString(appendString(v, 1, subject), 2, text), 3, e.Reason)
	case codetablev1.DetailType_DETAIL_TYPE_PRECONDITION_FAILURE:
		v = appendString(appendString(appendString(v, 1, e.Reason), 2, subject), 3, text)
	case codetablev1.DetailType_DETAIL_TYPE_QUOTA_FAILURE:
		v = appendString(appendString(v, 1, subject), 2, text)
	case codetablev1.DetailType_DETAIL_TYPE_RESOURCE_INFO:
		return appendString(appendString(b, 1, subject), 4, text)
	default:
		return b
	}
	b = protowire.AppendTag(b, 1, protowire.BytesType)
	return protowire.AppendBytes(b, v)
}

package main

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

const (
	domain        = "jverification.jiguang.cn"
	defaultBudget = 4096
	// requestID has the length of an id that a server makes.
	requestID = "2QH7KZ3MVB5TXW4NRJ6YDCAEFG"
)

type vectorCase struct {
	name     string
	status   *spb.Status
	reading  *Reading
	send     *Send
	pushback string
	header   *int32 // the header grpc-status, if it contradicts the status
	raw      []byte // the status, if proto.Marshal can't encode it
}

// content is what a server sends for a code.
type content struct {
	spec     codetable.Spec
	message  string            // default: the notes of the table
	metadata map[string]string // without the number
	delay    *time.Duration    // of RetryInfo
	subject  bool              // the standard detail of the table
	language string            // of LocalizedMessage; "" if there is none
}

// contentOf returns what a server sends for a code without options.
func contentOf(code jverificationv1.ResponseCode) content {
	spec, _ := codetable.Lookup(code)
	c := content{spec: spec, subject: true}
	if delay := spec.Retry().Delay; delay > 0 {
		c.delay = &delay
	}
	return c
}

func (c content) status() *spb.Status {
	message := cmp.Or(c.message, c.spec.Notes(), "the response code is not listed")
	st := &spb.Status{Code: int32(c.spec.GRPCCode()), Message: message}
	metadata := code(c.spec.Number())
	maps.Copy(metadata, c.metadata)
	add(st, info(c.spec.Reason(), domain, metadata))
	if c.delay != nil {
		add(st, retryInfo(*c.delay))
	}
	if detail := subjectOf(c.spec); c.subject && detail != nil {
		add(st, detail)
	}
	if c.language != "" {
		text, _ := c.spec.UserMessage(c.language)
		add(st, localized(c.language, text))
	}
	return st
}

func (c content) reading() *Reading {
	r := reading(c.spec)
	if c.delay != nil {
		r.Retry.DelayMS = c.delay.Milliseconds()
	}
	maps.Copy(r.Metadata, c.metadata)
	return r
}

// pushback is the delay if the same request may be sent again.
func (c content) pushback() string {
	if c.spec.Retry().Action != codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST {
		return "-1"
	}
	const longest = 1<<31 - 1 // gRPC parses 32 bits
	return strconv.FormatInt(min(c.delay.Milliseconds(), longest), 10)
}

// subjectOf returns the detail that the table names for a code.
func subjectOf(spec codetable.Spec) proto.Message {
	kind, subject := spec.Detail()
	switch kind {
	case codetablev1.DetailType_DETAIL_TYPE_BAD_REQUEST:
		return &errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{
			{Field: subject, Description: spec.Notes(), Reason: spec.Reason()},
		}}
	case codetablev1.DetailType_DETAIL_TYPE_PRECONDITION_FAILURE:
		return &errdetails.PreconditionFailure{Violations: []*errdetails.PreconditionFailure_Violation{
			{Type: spec.Reason(), Subject: subject, Description: spec.Notes()},
		}}
	case codetablev1.DetailType_DETAIL_TYPE_QUOTA_FAILURE:
		return &errdetails.QuotaFailure{Violations: []*errdetails.QuotaFailure_Violation{
			{Subject: subject, Description: spec.Notes()},
		}}
	case codetablev1.DetailType_DETAIL_TYPE_RESOURCE_INFO:
		return &errdetails.ResourceInfo{ResourceType: subject, Description: spec.Notes()}
	default:
		return nil
	}
}

// failure returns a status with the code of TOKEN_EXPIRED_OR_NOT_EXIST and any
// details.
func failure(details ...proto.Message) *spb.Status {
	return statusOf(codes.FailedPrecondition, "failed", details...)
}

func statusOf(code codes.Code, message string, details ...proto.Message) *spb.Status {
	st := &spb.Status{Code: int32(code), Message: message}
	add(st, details...)
	return st
}

func info(reason, domain string, metadata map[string]string) *errdetails.ErrorInfo {
	return &errdetails.ErrorInfo{Reason: reason, Domain: domain, Metadata: metadata}
}

func retryInfo(delay time.Duration) *errdetails.RetryInfo {
	return &errdetails.RetryInfo{RetryDelay: durationpb.New(delay)}
}

func localized(locale, text string) *errdetails.LocalizedMessage {
	return &errdetails.LocalizedMessage{Locale: locale, Message: text}
}

func requestInfo(id string) *errdetails.RequestInfo {
	return &errdetails.RequestInfo{RequestId: id}
}

func code(number int32) map[string]string {
	return map[string]string{"code": strconv.Itoa(int(number))}
}

// raw returns a detail of google.rpc with any bytes.
func raw(name string, value ...[]byte) *anypb.Any {
	return &anypb.Any{TypeUrl: "type.googleapis.com/google.rpc." + name, Value: slices.Concat(value...)}
}

func marshal(m proto.Message) []byte {
	st := &spb.Status{}
	add(st, m)
	return st.GetDetails()[0].GetValue()
}

func add(st *spb.Status, details ...proto.Message) {
	for _, detail := range details {
		packed, ok := detail.(*anypb.Any)
		if !ok {
			packed = new(anypb.Any)
			if err := anypb.MarshalFrom(packed, detail, proto.MarshalOptions{Deterministic: true}); err != nil {
				panic(err) // the messages of this package are valid UTF-8
			}
		}
		st.Details = append(st.Details, packed)
	}
}

func bytesOf(st *spb.Status) []byte {
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(st)
	if err != nil {
		panic(err) // the messages of this package are valid UTF-8
	}
	return b
}

package codetable

import (
	"strconv"
	"sync"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/internal/rpcdetail"
)

// Field numbers of google.rpc.ErrorInfo, and of an entry of its metadata.
const (
	infoReason   protowire.Number = 1
	infoDomain   protowire.Number = 2
	infoMetadata protowire.Number = 3
	entryKey     protowire.Number = 1
	entryValue   protowire.Number = 2
)

// GRPCStatus returns what the wire may see: never nil, never OK, never the
// cause. ErrorInfo comes first, then RetryInfo, the detail that the table
// names, and those of [WithDetail]. The status of a decoded error is the one
// received. It is built once, except where the time left to a calendar window
// is part of it.
func (e *Error) GRPCStatus() *status.Status {
	if !e.valid() {
		return nilStatus()
	}
	if st := e.status.Load(); st != nil {
		return st
	}
	st := e.encode()
	if e.entry.windowed() && e.options().after == nil {
		return st
	}
	e.status.CompareAndSwap(nil, st)
	return e.status.Load()
}

// nilStatus is what a nil *Error, held by an error that is not nil, sends.
var nilStatus = sync.OnceValue(func() *status.Status {
	return status.New(codes.Internal, "an error without a code")
})

const maxScratch = 4 << 10

// scratch is the memory that a status is assembled in before status.FromProto
// copies it.
type scratch struct {
	status spb.Status
	info   anypb.Any
}

var scratches = sync.Pool{New: func() any {
	s := &scratch{}
	s.info.TypeUrl = rpcdetail.ErrorInfoURL
	return s
}}

func (e *Error) encode() *status.Status {
	e.entry.build.Do(e.entry.buildDetails)
	s := scratches.Get().(*scratch)
	s.info.Value = append(s.info.Value[:0], e.entry.info...)
	for _, p := range e.options().metadata {
		s.info.Value = appendEntry(s.info.Value, p.key, p.value)
	}
	s.status.Code = int32(e.entry.code)
	s.status.Message = e.Message()
	s.status.Details = append(s.status.Details[:0], &s.info)
	if retry := e.retryInfo(); retry != nil {
		s.status.Details = append(s.status.Details, retry)
	}
	if subject := e.entry.subject; subject != nil && !e.replaces(subject) {
		s.status.Details = append(s.status.Details, subject)
	}
	s.status.Details = append(s.status.Details, e.options().details...)
	st := status.FromProto(&s.status)
	s.release()
	return st
}

// release keeps no memory that belongs to one large error.
func (s *scratch) release() {
	if cap(s.info.Value) > maxScratch || cap(s.status.Details) > maxScratch {
		return
	}
	clear(s.status.Details)
	scratches.Put(s)
}

func (e *Error) replaces(detail *anypb.Any) bool {
	for _, d := range e.options().details {
		if sameType(d)(detail) {
			return true
		}
	}
	return false
}

func (e *Error) retryInfo() *anypb.Any {
	if e.options().after == nil && !e.entry.windowed() {
		return e.entry.retryInfo
	}
	if delay := e.Retry().Delay; delay > 0 || e.options().after != nil {
		return rpcdetail.Pack(&errdetails.RetryInfo{RetryDelay: durationpb.New(delay)})
	}
	return nil
}

// appendInfo writes the ErrorInfo by hand: it is in every error, and to marshal
// a message with a map costs twelve allocations.
func (e *entry) appendInfo(b []byte) []byte {
	b = appendString(b, infoReason, e.reason)
	b = appendString(b, infoDomain, e.table.domain)
	return appendEntry(b, codeKey, strconv.Itoa(int(e.number)))
}

func appendString(b []byte, field protowire.Number, s string) []byte {
	b = protowire.AppendTag(b, field, protowire.BytesType)
	return protowire.AppendString(b, s)
}

func appendEntry(b []byte, key, value string) []byte {
	const tags = 2
	size := tags + protowire.SizeBytes(len(key)) + protowire.SizeBytes(len(value))
	b = protowire.AppendTag(b, infoMetadata, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(size))
	b = appendString(b, entryKey, key)
	return appendString(b, entryValue, value)
}

func (e *entry) buildDetails() {
	e.info = e.appendInfo(nil)
	if delay := e.retry.Delay; delay > 0 {
		e.retryInfo = rpcdetail.Pack(&errdetails.RetryInfo{RetryDelay: durationpb.New(delay)})
	}
	if detail := e.detailMessage(); detail != nil {
		e.subject = rpcdetail.Pack(detail)
	}
}

// detailMessage builds the detail that the table names. It holds names of the
// table only: there is no way for a phone number or a token to get in.
func (e *entry) detailMessage() proto.Message {
	subject, description := e.options.GetDetail().GetSubject(), e.options.GetNotes()
	switch e.options.GetDetail().GetType() {
	case codetablev1.DetailType_DETAIL_TYPE_BAD_REQUEST:
		return &errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{{
			Field: subject, Description: description, Reason: e.reason,
		}}}
	case codetablev1.DetailType_DETAIL_TYPE_PRECONDITION_FAILURE:
		return &errdetails.PreconditionFailure{Violations: []*errdetails.PreconditionFailure_Violation{{
			Type: e.reason, Subject: subject, Description: description,
		}}}
	case codetablev1.DetailType_DETAIL_TYPE_QUOTA_FAILURE:
		return &errdetails.QuotaFailure{Violations: []*errdetails.QuotaFailure_Violation{{
			Subject: subject, Description: description,
		}}}
	case codetablev1.DetailType_DETAIL_TYPE_RESOURCE_INFO:
		return &errdetails.ResourceInfo{ResourceType: subject, Description: description}
	default:
		return nil
	}
}

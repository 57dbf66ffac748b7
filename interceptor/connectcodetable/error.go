package connectcodetable

import (
	"cmp"
	"errors"
	"math"
	"net/http"
	"strconv"

	"connectrpc.com/connect"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// typePrefix begins the type URL of a detail. Connect does not send it.
const typePrefix = "type.googleapis.com/"

// CodeOf is [codetable.CodeOf] for clients without an [Interceptor]: it also
// reads a *[connect.Error].
func CodeOf[E codetable.Enum](err error) (E, bool) { return codetable.CodeOf[E](withStatus(err)) }

// StatusOf returns the gRPC status of the first *[connect.Error] in err's tree,
// and false if there is none. Package codetable reads the error of this status:
//
//	st, _ := connectcodetable.StatusOf(err)
//	mask, ok := codetable.Masked(st.Err())
//
// It has all details byte for byte, also those of unknown types. If a received
// status contradicts itself, the details are left out.
func StatusOf(err error) (*status.Status, bool) {
	if e, ok := errors.AsType[*connect.Error](err); ok && e != nil {
		return statusOf(e), true
	}
	return nil, false
}

func statusOf(e *connect.Error) *status.Status {
	message := &spb.Status{Code: int32(e.Code()), Message: e.Message()}
	header := metaOf(e)
	code, err := strconv.ParseUint(header.Get("Grpc-Status"), 10, 32)
	switch {
	case err != nil || code == 0 || !connect.IsWireError(e): // over Connect the header means nothing
		for _, detail := range e.Details() {
			message.Details = append(message.Details, &anypb.Any{TypeUrl: typePrefix + detail.Type(), Value: detail.Bytes()})
		}
	case code != uint64(e.Code()): // e has the code in the details
		message.Code = int32(code) //nolint:gosec // ParseUint gave 32 bits, as grpc-go reads them
	default: // received over gRPC: Details has no type URLs
		var sent spb.Status
		if raw, err := connect.DecodeBinaryHeader(header.Get("Grpc-Status-Details-Bin")); err == nil && proto.Unmarshal(raw, &sent) == nil {
			message.Details = sent.GetDetails()
		}
	}
	return status.FromProto(message)
}

// metaOf returns the metadata of an error, which may be shared. Meta itself
// changes an error without metadata.
func metaOf(e *connect.Error) http.Header {
	unshared := *e
	return unshared.Meta()
}

// withStatus adds the status of an error of Connect.
func withStatus(err error) error {
	if st, ok := StatusOf(err); ok {
		return &statusError{err, st}
	}
	return err
}

// statusError is an error with a gRPC status.
type statusError struct {
	error
	status *status.Status
}

func (e *statusError) Unwrap() error              { return e.error }
func (e *statusError) GRPCStatus() *status.Status { return e.status }

// FromStatus returns the error that sends a status over Connect, with the bytes
// of all details. Use it with an [interceptor.Translator] where no interceptor
// is called, such as in a [connect.RequestGateFunc] or with a
// [connect.ErrorWriter]. A nil status, and one with the code OK, become
// Internal, because an error must not claim a success.
func FromStatus(st *status.Status) *connect.Error {
	code := cmp.Or(st.Code(), codes.Internal)
	e := connect.NewError(connect.Code(code), errors.New(st.Message()))
	for _, detail := range st.Proto().GetDetails() {
		if added, err := connect.NewErrorDetail(detail); err == nil { // always nil for an Any
			e.AddDetail(added)
		}
	}
	return e
}

// setRetryAfter sets the header Retry-After to the delay of RetryInfo, in whole
// seconds.
func setRetryAfter(header http.Header, st *status.Status) {
	header.Del("Retry-After")
	for _, detail := range st.Proto().GetDetails() {
		var info errdetails.RetryInfo
		if detail.MessageIs(&info) && detail.UnmarshalTo(&info) == nil {
			seconds := math.Ceil(max(info.GetRetryDelay().AsDuration(), 0).Seconds())
			header.Set("Retry-After", strconv.FormatInt(int64(seconds), 10))
			return
		}
	}
}

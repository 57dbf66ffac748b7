package peer

import (
	"errors"
	"slices"

	"connectrpc.com/connect"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/connectcodetable"
)

// The protocols of a client of connect-go. Its servers speak both.
var (
	overGRPC    = connect.WithGRPC()
	overConnect = connect.WithClientOptions()
)

// connectPeer is connect-go, alone or with the interceptor of codetable.
func connectPeer(name string, protocol connect.ClientOption, withCodetable bool) Peer {
	peer := Peer{
		Name:       name,
		Module:     "connectrpc.com/connect",
		NoBoundary: noBoundary,
		NoLanguage: noLanguage,
		NoRetry:    "no retry: it repeats no call, not even one that may be repeated",
		FailureOf:  connectFailure,
		WithDetail: withConnectDetail,
		Decode:     decodeConnect,
		Read:       readConnect,
	}
	peer.Start = func(service Service, options Options) (Client, func(), error) {
		return startConnect(service, options, nil, []connect.ClientOption{protocol})
	}
	if !withCodetable {
		return peer
	}
	table := codetablePeer()
	peer.Module = "github.com/codetable/grpc-codetable/interceptor/connectcodetable"
	peer.NoBoundary, peer.NoLanguage, peer.NoRetry = "", "", ""
	peer.Failure, peer.FailureOf, peer.WithCause, peer.WithDetail = table.Failure, table.FailureOf, table.WithCause, table.WithDetail
	peer.LeavesOut = table.LeavesOut
	peer.Decode = decodeConnectCodetable
	peer.Read = readConnectCodetable
	peer.Start = func(service Service, options Options) (Client, func(), error) {
		server := connect.WithInterceptors(connectcodetable.NewInterceptor(boundary(options)...))
		client := []connect.ClientOption{protocol, connect.WithInterceptors(connectcodetable.NewInterceptor())}
		if options.ServiceConfig != "" {
			retry := connect.WithInterceptors(connectcodetable.NewRetryInterceptor(maxAttempts))
			client = slices.Insert(client, 1, connect.ClientOption(retry))
		}
		return startConnect(service, options, []connect.HandlerOption{server}, client)
	}
	return peer
}

// maxAttempts is the number of calls at most, as in the service config of the clients of grpc-go.
const maxAttempts = 4

// connectFailure leaves out a detail that can't be encoded, as the documentation of AddDetail
// shows.
func connectFailure(facts *Facts) error {
	failure := connect.NewError(connect.Code(facts.GRPC), errors.New(facts.Text))
	for _, message := range facts.details() {
		if detail, err := connect.NewErrorDetail(protoadapt.MessageV2Of(message)); err == nil {
			failure.AddDetail(detail)
		}
	}
	return failure
}

func withConnectDetail(err error, detail *anypb.Any) error {
	failure, ok := errors.AsType[*connect.Error](err)
	if !ok {
		return err
	}
	if added, err := connect.NewErrorDetail(detail); err == nil {
		failure.AddDetail(added)
	}
	return failure
}

func decodeConnect(received error) (int32, bool) {
	failure, ok := errors.AsType[*connect.Error](received)
	if !ok {
		return 0, false
	}
	for _, detail := range failure.Details() {
		message, err := detail.Value()
		if err != nil {
			continue
		}
		if info, ok := message.(*errdetails.ErrorInfo); ok {
			return number(info.GetMetadata())
		}
	}
	return 0, false
}

func readConnect(err error) Facts {
	failure, ok := errors.AsType[*connect.Error](err)
	if !ok {
		return Facts{GRPC: codes.Unknown, Text: err.Error()}
	}
	facts := Facts{GRPC: codes.Code(failure.Code()), Text: failure.Message()}
	for _, detail := range failure.Details() {
		facts.add(&anypb.Any{TypeUrl: "type.googleapis.com/" + detail.Type(), Value: detail.Bytes()})
	}
	return facts
}

// decodeConnectCodetable reads the code that the interceptor of the client has decoded, or decodes
// an error that no interceptor had.
func decodeConnectCodetable(received error) (int32, bool) {
	codeOf := connectcodetable.CodeOf[Code]
	if _, ok := errors.AsType[*codetable.Error](received); ok {
		codeOf = codetable.CodeOf[Code]
	}
	code, ok := codeOf(received)
	return int32(code), ok
}

// readConnectCodetable reads a code, and the status of an error without one.
func readConnectCodetable(err error) Facts {
	if _, ok := codetable.FromError(err); ok {
		return readCodetable(err)
	}
	return readConnect(err)
}

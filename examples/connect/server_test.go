package connect_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/connectcodetable"
)

const service = "/grpc.testing.TestService/"

// numbers returns the 49 numbers of the table and 6 that it does not list.
func numbers() []string {
	list := []string{"-1", "1", "4999", "9999", "424242", "1073741824"}
	for code := range codetable.All[jverificationv1.ResponseCode]() {
		list = append(list, strconv.Itoa(int(code)))
	}
	return list
}

// failure returns the error of a number in a header.
func failure(number string) error {
	n, err := strconv.ParseInt(number, 10, 32)
	if err != nil {
		return status.Error(codes.InvalidArgument, "x-code is not a number")
	}
	code := jverificationv1.ResponseCode(n)
	spec, _ := codetable.Lookup(code)
	if spec.Retry().Window != codetablev1.CalendarWindow_CALENDAR_WINDOW_UNSPECIFIED { // instead of the time until it
		return codetable.NewError(code, codetable.WithRetryAfter(time.Hour))
	}
	return codetable.NewError(code)
}

// sent is what the interceptor sends of a number to a caller who reads Chinese.
func sent(t *testing.T, number string) interceptor.Event {
	t.Helper()
	ctx := metadata.NewIncomingContext(t.Context(), metadata.Pairs("accept-language", "zh-CN"))
	return interceptor.NewTranslator().Translate(ctx, failure(number))
}

// serve starts a server of connect-go, whose methods fail with the code in the
// header X-Code.
func serve(t *testing.T) *httptest.Server {
	t.Helper()
	option := connect.WithInterceptors(connectcodetable.NewInterceptor())
	mux := http.NewServeMux()
	mux.Handle(service+"UnaryCall", connect.NewUnaryHandler(service+"UnaryCall", func(_ context.Context, req *connect.Request[pb.SimpleRequest]) (*connect.Response[pb.SimpleResponse], error) {
		return connect.NewResponse(&pb.SimpleResponse{}), failure(req.Header().Get("X-Code"))
	}, option))
	mux.Handle(service+"StreamingOutputCall", connect.NewServerStreamHandler(service+"StreamingOutputCall", func(_ context.Context, req *connect.Request[pb.StreamingOutputCallRequest], _ *connect.ServerStream[pb.StreamingOutputCallResponse]) error {
		return failure(req.Header().Get("X-Code"))
	}, option))
	mux.Handle(service+"StreamingInputCall", connect.NewClientStreamHandler(service+"StreamingInputCall", func(_ context.Context, stream *connect.ClientStream[pb.StreamingInputCallRequest]) (*connect.Response[pb.StreamingInputCallResponse], error) {
		for stream.Receive() {
		}
		return connect.NewResponse(&pb.StreamingInputCallResponse{}), failure(stream.RequestHeader().Get("X-Code"))
	}, option))
	mux.Handle(service+"FullDuplexCall", connect.NewBidiStreamHandler(service+"FullDuplexCall", func(_ context.Context, stream *connect.BidiStream[pb.StreamingOutputCallRequest, pb.StreamingOutputCallResponse]) error {
		return failure(stream.RequestHeader().Get("X-Code"))
	}, option))
	server := httptest.NewUnstartedServer(mux)
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetHTTP1(true)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Start()
	t.Cleanup(server.Close)
	return server
}

// descriptorSet writes the descriptors of the service and of the details to a
// file.
func descriptorSet(t *testing.T) string {
	t.Helper()
	set := &descriptorpb.FileDescriptorSet{}
	seen := map[string]bool{}
	var add func(file protoreflect.FileDescriptor)
	add = func(file protoreflect.FileDescriptor) {
		if seen[file.Path()] {
			return
		}
		seen[file.Path()] = true
		for i := range file.Imports().Len() {
			add(file.Imports().Get(i).FileDescriptor)
		}
		set.File = append(set.File, protodesc.ToFileDescriptorProto(file))
	}
	add(pb.File_grpc_testing_test_proto)
	add(errdetails.File_google_rpc_error_details_proto)
	raw, err := proto.Marshal(set)
	path := filepath.Join(t.TempDir(), "set.binpb")
	if err == nil {
		err = os.WriteFile(path, raw, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

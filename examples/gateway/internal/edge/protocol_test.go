package edge_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"connectrpc.com/connect"
	statuspb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/connectcodetable"
)

// method is a unary method and how to have it answer with a code.
type method struct {
	procedure string
	route     string
	success   jverificationv1.ResponseCode
	request   func(token string) proto.Message
	response  func() response
	connect   func(context.Context, *http.Client, string, proto.Message, ...connect.ClientOption) (proto.Message, error)
}

type response interface {
	proto.Message
	GetId() int64
	GetCode() jverificationv1.ResponseCode
}

// viaConnect is what a generated Connect client does.
func viaConnect[Q, S any](procedure string) func(context.Context, *http.Client, string, proto.Message, ...connect.ClientOption) (proto.Message, error) {
	return func(ctx context.Context, client *http.Client, url string, req proto.Message, opts ...connect.ClientOption) (proto.Message, error) {
		request := connect.NewRequest(any(req).(*Q))
		request.Header().Set("Accept-Language", locale)
		resp, err := connect.NewClient[Q, S](client, url+procedure, opts...).CallUnary(ctx, request)
		if err != nil {
			return nil, err
		}
		return any(resp.Msg).(proto.Message), nil
	}
}

var methods = []method{
	{
		procedure: jverificationv1.VerificationService_VerifyNumber_FullMethodName,
		route:     "/v1/numbers:verify",
		success:   jverificationv1.ResponseCode_RESPONSE_CODE_VERIFY_CONSISTENT,
		request: func(token string) proto.Message {
			return &jverificationv1.VerifyNumberRequest{Phone: phone, Token: token, ExId: "mark"}
		},
		response: func() response { return &jverificationv1.VerifyNumberResponse{} },
		connect: viaConnect[jverificationv1.VerifyNumberRequest, jverificationv1.VerifyNumberResponse](
			jverificationv1.VerificationService_VerifyNumber_FullMethodName),
	},
	{
		procedure: jverificationv1.VerificationService_ExchangeLoginToken_FullMethodName,
		route:     "/v1/loginTokens:exchange",
		success:   jverificationv1.ResponseCode_RESPONSE_CODE_GET_PHONE_SUCCESS,
		request: func(token string) proto.Message {
			return &jverificationv1.ExchangeLoginTokenRequest{LoginToken: token, AssessRisk: true}
		},
		response: func() response { return &jverificationv1.ExchangeLoginTokenResponse{} },
		connect: viaConnect[jverificationv1.ExchangeLoginTokenRequest, jverificationv1.ExchangeLoginTokenResponse](
			jverificationv1.VerificationService_ExchangeLoginToken_FullMethodName),
	},
	{
		procedure: jverificationv1.VerificationService_QueryBusinessRisk_FullMethodName,
		route:     "/v1/numbers:queryBusinessRisk",
		success:   jverificationv1.ResponseCode_RESPONSE_CODE_SUCCESS,
		request: func(token string) proto.Message {
			return &jverificationv1.QueryBusinessRiskRequest{Phone: token}
		},
		response: func() response { return &jverificationv1.QueryBusinessRiskResponse{} },
		connect: viaConnect[jverificationv1.QueryBusinessRiskRequest, jverificationv1.QueryBusinessRiskResponse](
			jverificationv1.VerificationService_QueryBusinessRisk_FullMethodName),
	},
	{
		procedure: jverificationv1.VerificationService_CheckCaptcha_FullMethodName,
		route:     "/v1/captchas:check",
		success:   jverificationv1.ResponseCode_RESPONSE_CODE_SUCCESS,
		request: func(token string) proto.Message {
			return &jverificationv1.CheckCaptchaRequest{CaptchaContent: token}
		},
		response: func() response { return &jverificationv1.CheckCaptchaResponse{} },
		connect: viaConnect[jverificationv1.CheckCaptchaRequest, jverificationv1.CheckCaptchaResponse](
			jverificationv1.VerificationService_CheckCaptcha_FullMethodName),
	},
	{
		procedure: jverificationv1.VerificationService_EnableOneClickLogin_FullMethodName,
		route:     "/v1/apps:enableOneClickLogin",
		success:   jverificationv1.ResponseCode_RESPONSE_CODE_SIGN_ONCE_OPEN_SUCCESS,
		request: func(token string) proto.Message {
			return &jverificationv1.EnableOneClickLoginRequest{
				AppKey: token, Platform: jverificationv1.Platform_PLATFORM_IOS, PackageName: "com.example.app",
			}
		},
		response: func() response { return &jverificationv1.EnableOneClickLoginResponse{} },
		connect: viaConnect[jverificationv1.EnableOneClickLoginRequest, jverificationv1.EnableOneClickLoginResponse](
			jverificationv1.VerificationService_EnableOneClickLogin_FullMethodName),
	},
}

// protocol calls a method and returns its answer as a gRPC status, OK with a
// response.
type protocol struct {
	name  string
	http2 bool
	call  func(t *testing.T, s stack, w *wire, m method, req proto.Message) (proto.Message, *statuspb.Status)
}

var protocols = []protocol{
	{"gRPC", false, callNative},
	{"gRPC through the edge", true, callConnect(connect.WithGRPC())},
	{"gRPC-Web", false, callConnect(connect.WithGRPCWeb())},
	{"gRPC-Web over HTTP/2", true, callConnect(connect.WithGRPCWeb())},
	{"gRPC-Web with JSON", false, callConnect(connect.WithGRPCWeb(), connect.WithProtoJSON())},
	{"Connect", false, callConnect()},
	{"Connect over HTTP/2 with gzip", true, callConnect(connect.WithSendGzip())},
	{"Connect JSON", false, callConnectJSON},
	{"REST", false, callREST},
	{"REST over HTTP/2", true, callREST},
}

func callNative(t *testing.T, s stack, w *wire, m method, req proto.Message) (proto.Message, *statuspb.Status) {
	t.Helper()
	var header, trailer metadata.MD
	ctx := metadata.AppendToOutgoingContext(t.Context(), "accept-language", locale)
	resp := m.response()
	err := s.native.Invoke(ctx, m.procedure, req, resp, grpc.Header(&header), grpc.Trailer(&trailer))
	fmt.Fprintln(w.received, header, trailer, err)
	return resp, status.Convert(err).Proto()
}

func callConnect(opts ...connect.ClientOption) func(*testing.T, stack, *wire, method, proto.Message) (proto.Message, *statuspb.Status) {
	return func(t *testing.T, s stack, w *wire, m method, req proto.Message) (proto.Message, *statuspb.Status) {
		t.Helper()
		resp, err := m.connect(t.Context(), w.Client, s.url, req, opts...)
		return resp, connectStatus(t, err)
	}
}

// connectStatus wants the error to come from the server.
func connectStatus(t *testing.T, err error) *statuspb.Status {
	t.Helper()
	if err == nil {
		return nil
	}
	st, ok := connectcodetable.StatusOf(err)
	if !ok || !connect.IsWireError(err) {
		t.Fatalf("not an error of the server: %v", err)
	}
	return st.Proto()
}

// callConnectJSON is what a page does with fetch.
func callConnectJSON(t *testing.T, s stack, w *wire, m method, req proto.Message) (proto.Message, *statuspb.Status) {
	t.Helper()
	got := post(t, w.Client, s.url+m.procedure, jsonHeader(), strings.NewReader(protojson.Format(req)))
	if got.status == http.StatusOK {
		return unmarshal(t, m, got.body), nil
	}
	return nil, connectJSONStatus(t, got.body)
}

// connectJSONStatus reads the JSON of Connect.
func connectJSONStatus(t *testing.T, text []byte) *statuspb.Status {
	t.Helper()
	var body struct {
		Code    connect.Code
		Message string
		Details []struct{ Type, Value string }
	}
	if err := json.Unmarshal(text, &body); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	st := &statuspb.Status{Code: int32(body.Code), Message: body.Message}
	for _, detail := range body.Details {
		value, err := base64.RawStdEncoding.DecodeString(detail.Value)
		if err != nil {
			t.Fatal(err)
		}
		st.Details = append(st.Details, &anypb.Any{TypeUrl: "type.googleapis.com/" + detail.Type, Value: value})
	}
	return st
}

// httpStatus is the mapping that google.rpc.Code documents.
var httpStatus = map[codes.Code]int{
	codes.Canceled: 499, codes.Unknown: 500, codes.InvalidArgument: 400, codes.DeadlineExceeded: 504,
	codes.NotFound: 404, codes.AlreadyExists: 409, codes.PermissionDenied: 403, codes.Unauthenticated: 401,
	codes.ResourceExhausted: 429, codes.FailedPrecondition: 400, codes.Aborted: 409, codes.OutOfRange: 400,
	codes.Unimplemented: 501, codes.Internal: 500, codes.Unavailable: 503, codes.DataLoss: 500,
}

func callREST(t *testing.T, s stack, w *wire, m method, req proto.Message) (proto.Message, *statuspb.Status) {
	t.Helper()
	got := post(t, w.Client, s.url+m.route, jsonHeader(), strings.NewReader(protojson.Format(req)))
	if media := got.header.Get("Content-Type"); media != "application/json" {
		t.Errorf("content type %q", media)
	}
	if got.status == http.StatusOK {
		return unmarshal(t, m, got.body), nil
	}
	st := restStatus(t, got.body)
	want := httpStatus[codes.Code(st.GetCode())]
	if strings.HasPrefix(st.GetMessage(), "the message is larger than") {
		want = http.StatusRequestEntityTooLarge
	}
	if got.status != want {
		t.Errorf("HTTP status %d for %s, want %d", got.status, got.body, want)
	}
	return nil, st
}

// restStatus reads the JSON of google.rpc.Status as anybody's reader does.
func restStatus(t *testing.T, text []byte) *statuspb.Status {
	t.Helper()
	st := &statuspb.Status{}
	if err := protojson.Unmarshal(text, st); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return st
}

func unmarshal(t *testing.T, m method, text []byte) proto.Message {
	t.Helper()
	resp := m.response()
	if err := protojson.Unmarshal(text, resp); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return resp
}

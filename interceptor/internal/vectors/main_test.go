package main_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

const folder = "../../../proto/jiguang/jverification/v1/testdata/"

// The test reads the file into a map and not into the types of the command, as
// another language does.
type vector struct {
	Name     string         `json:"name"`
	Status   []byte         `json:"status"`
	GRPCCode int32          `json:"grpc_code"`
	Reading  map[string]any `json:"reading"`
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(folder + name)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func vectors(t *testing.T) (list []vector) {
	t.Helper()
	if err := json.Unmarshal(read(t, "vectors.json"), &list); err != nil || len(list) < 250 {
		t.Fatalf("%d vectors: %v", len(list), err)
	}
	return list
}

func TestFilesAreUpToDate(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{"vectors.json": {"run", "."}, "relays.json": {"run", ".", "-relays"}} {
		out, err := exec.CommandContext(t.Context(), "go", args...).Output()
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(out, read(t, name)) {
			t.Errorf("%s is not what the command writes: run make generate", name)
		}
	}
}

func TestNamesAreUnique(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, v := range vectors(t) {
		if seen[v.Name] {
			t.Errorf("two vectors are named %q", v.Name)
		}
		seen[v.Name] = true
	}
}

// Each vector arrives from an HTTP/2 server, so that the test includes what
// grpc-go does with headers that contradict each other.
func TestGoReadsEveryVector(t *testing.T) {
	t.Parallel()
	list := vectors(t)
	conn := serve(t, func(i int) (int32, []byte) { return list[i].GRPCCode, list[i].Status })
	for i, v := range list {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			err := conn.Invoke(t.Context(), "/vectors.Vectors/"+strconv.Itoa(i), &emptypb.Empty{}, &emptypb.Empty{})
			if want := codeOf(t, v); status.Code(err) != want {
				t.Errorf("the status is %v, want %v", status.Code(err), want)
			}
			if diff := cmp.Diff(v.Reading, readingOf(t, err, v.Reading)); diff != "" {
				t.Errorf("reading (-want +got):\n%s", diff)
			}
		})
	}
}

// serve answers the call of a method with the headers of the method's number.
func serve(t *testing.T, answer func(int) (grpcStatus int32, details []byte), opts ...grpc.DialOption) *grpc.ClientConn {
	t.Helper()
	return serveHeaders(t, func(i int) map[string]string {
		code, details := answer(i)
		return map[string]string{
			statusHeader: strconv.Itoa(int(code)), messageHeader: "for developers",
			detailsHeader: base64.RawStdEncoding.EncodeToString(details),
		}
	}, opts...)
}

func serveHeaders(t *testing.T, answer func(int) map[string]string, opts ...grpc.DialOption) *grpc.ClientConn {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	server := &http.Server{Protocols: protocols, ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i, err := strconv.Atoi(path.Base(r.URL.Path))
		if err != nil {
			t.Errorf("the path is %q", r.URL.Path)
			return
		}
		w.Header().Set("Content-Type", "application/grpc")
		for name, value := range answer(i) {
			w.Header().Set(name, value)
		}
	})}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return dial(t, listener.Addr(), opts...)
}

func dial(t *testing.T, addr net.Addr, opts ...grpc.DialOption) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(addr.String(), append(opts, grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// codeOf returns the code of the call. grpc-go makes Internal of a status that
// contradicts the header, and of OK without a response. It ignores a status that
// it can't parse.
func codeOf(t *testing.T, v vector) codes.Code {
	t.Helper()
	message := &spb.Status{}
	if err := proto.Unmarshal(v.Status, message); err == nil && message.GetCode() != v.GRPCCode {
		if v.Reading != nil {
			t.Error("the vector contradicts itself, but has a reading")
		}
		return codes.Internal
	}
	if v.GRPCCode == int32(codes.OK) {
		return codes.Internal
	}
	return codes.Code(v.GRPCCode)
}

// readingOf returns the reading of an error in the form of the file, with a
// sentence for each locale. It goes through JSON so that numbers can be
// compared.
func readingOf(t *testing.T, err error, want map[string]any) map[string]any {
	t.Helper()
	var asked map[string]any
	if want != nil {
		asked = want["user_message"].(map[string]any)
	}
	r := coded(err, asked)
	if r == nil {
		r = foreign(err, asked)
	}
	if r == nil {
		r = masked(err, asked)
	}
	if r == nil {
		return nil
	}
	r["request_id"] = codetable.RequestID(err)
	raw, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func coded(err error, asked map[string]any) map[string]any {
	e, ok := codetable.FromError(err)
	if code, has := codetable.CodeOf[jverificationv1.ResponseCode](err); !ok || !has || int32(code) != e.Number() {
		return nil
	}
	return map[string]any{
		"known": true, "code": e.Number(), "reason": e.Reason(), "domain": e.Domain(), "fault": e.Fault().String(),
		"retry": adviceOf(e.Retry()), "metadata": e.Metadata(), "masked": false,
		"user_message": each(asked, func(locale string) string { return e.UserMessage(locale) }),
	}
}

// foreign returns the first readable ErrorInfo. The Go library returns an error
// with such a detail unchanged.
func foreign(err error, asked map[string]any) map[string]any {
	var retry codetable.Retry
	var info *errdetails.ErrorInfo
	var sentence string
	for _, detail := range status.Convert(err).Details() {
		switch d := detail.(type) {
		case *errdetails.ErrorInfo:
			if info == nil {
				info = d
			}
		case *errdetails.RetryInfo:
			retry.Delay = d.GetRetryDelay().AsDuration()
		case *errdetails.LocalizedMessage:
			sentence = d.GetMessage()
		}
	}
	if info == nil {
		return nil
	}
	metadata := map[string]string{}
	maps.Copy(metadata, info.GetMetadata())
	var code any // in the domain of the table it is a success, which is refused
	if number, err := strconv.ParseInt(metadata["code"], 10, 32); err == nil && info.GetDomain() != domain {
		code = number
	}
	return map[string]any{
		"known": false, "code": code, "reason": info.GetReason(), "domain": info.GetDomain(), "fault": unspecified,
		"retry": adviceOf(retry), "metadata": metadata, "masked": false,
		"user_message": each(asked, func(string) string { return sentence }),
	}
}

func masked(err error, asked map[string]any) map[string]any {
	mask, ok := codetable.Masked(err)
	if !ok {
		return nil
	}
	return map[string]any{
		"known": false, "code": nil, "reason": "", "domain": "", "fault": unspecified,
		"retry": adviceOf(mask.Retry()), "metadata": map[string]string{}, "masked": true,
		"user_message": each(asked, func(string) string { return mask.UserMessage() }),
	}
}

const domain = "jverification.jiguang.cn"

var unspecified = codetablev1.Fault_FAULT_UNSPECIFIED.String()

func adviceOf(retry codetable.Retry) map[string]any {
	return map[string]any{"action": retry.Action.String(), "delay_ms": retry.Delay.Milliseconds(), "window": retry.Window.String()}
}

func each(asked map[string]any, say func(string) string) map[string]string {
	messages := map[string]string{}
	for locale := range asked {
		messages[locale] = say(locale)
	}
	return messages
}

func TestHelp(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "run", ".", "--help").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "vectors.json") {
		t.Errorf("%v: %s", err, out)
	}
}

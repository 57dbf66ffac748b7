package connectcodetable_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"strconv"
	"testing"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/connectcodetable"
	"github.com/codetable/grpc-codetable/interceptor/internal/vectortest"
)

// vector is one of the test vectors that every language checks.
type vector struct {
	Name     string           `json:"name"`
	Status   []byte           `json:"status"`
	GRPCCode int32            `json:"grpc_code"`
	Reading  *json.RawMessage `json:"reading"`
	Send     *vectortest.Send `json:"send"`
	Pushback string           `json:"pushback"`
}

const vectorsFile = "../../proto/jiguang/jverification/v1/testdata/vectors.json"

func readVectors(t *testing.T) []vector {
	t.Helper()
	raw, err := os.ReadFile(vectorsFile)
	if err != nil {
		t.Fatal(err)
	}
	var list []vector
	if err := json.Unmarshal(raw, &list); err != nil || len(list) < 80 {
		t.Fatalf("%d vectors, %v", len(list), err)
	}
	return list
}

// replay is a server that answers with the status of a vector, by each
// protocol.
func (v vector) replay(w http.ResponseWriter, r *http.Request) {
	contentType := r.Header.Get("Content-Type")
	w.Header().Set("Content-Type", contentType)
	fields := map[string]string{"Grpc-Status": strconv.Itoa(int(v.GRPCCode)), "Grpc-Status-Details-Bin": base64.RawStdEncoding.EncodeToString(v.Status)}
	switch contentType {
	case "application/grpc":
		for name, value := range fields {
			w.Header().Set(http.TrailerPrefix+name, value)
		}
	case "application/grpc-web+proto":
		for name, value := range fields {
			w.Header().Set(name, value)
		}
	default:
		_ = connect.NewErrorWriter().Write(w, r, connectcodetable.FromStatus(status.FromProto(v.message()))) // the test sees what is missing
	}
}

func (v vector) message() *spb.Status {
	message := &spb.Status{}
	_ = proto.Unmarshal(v.Status, message) // what can be read of wrong bytes
	return message
}

// The reading of each vector is the one of package codetable, over each
// protocol, with and without the interceptor. If the headers contradict the
// details, nothing is read.
func TestVectorsAreRead(t *testing.T) {
	t.Parallel()
	list := readVectors(t)
	for protocol, option := range protocols {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			client := httpClient(t)
			var current vector
			url := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { current.replay(w, r) }))
			for _, current = range list {
				contradicts := current.message().GetCode() != current.GRPCCode
				unreadable := proto.Unmarshal(current.Status, &spb.Status{}) != nil
				if current.GRPCCode == 0 || (contradicts || unreadable) && protocol == connect.ProtocolConnect {
					continue // not an error of the protocol
				}
				want := status.FromProto(current.message()).Err()
				if contradicts || current.Reading == nil {
					want = nil
				}
				checkReading(t, current.Name, want, kinds["unary"](t.Context(), client, url, option, decoding()))
				st, ok := connectcodetable.StatusOf(kinds["unary"](t.Context(), client, url, option))
				if !ok {
					t.Errorf("%s: no status", current.Name)
				}
				checkReading(t, current.Name, want, st.Err())
			}
		})
	}
}

func checkReading(t *testing.T, name string, want, got error) {
	t.Helper()
	wantError, _ := codetable.FromError(want)
	gotError, ok := codetable.FromError(got)
	if got == nil || ok != (wantError != nil) || ok && !gotError.Equal(wantError) {
		t.Errorf("%s: read %v, want %v", name, gotError, wantError)
	}
	wantMask, wantMasked := codetable.Masked(want)
	gotMask, masked := codetable.Masked(got)
	if masked != wantMasked || gotMask != wantMask || want != nil && codetable.RequestID(got) != codetable.RequestID(want) {
		t.Errorf("%s: read the mask %+v, want %+v", name, gotMask, wantMask)
	}
}

// A handler sends the status of each vector that says what the server is given.
func TestVectorsAreSent(t *testing.T) {
	t.Parallel()
	list := readVectors(t)
	for protocol, option := range protocols {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			client := httpClient(t)
			for _, v := range list {
				if v.Send == nil {
					continue
				}
				ctx := t.Context()
				if v.Send.AcceptLanguage != "" {
					ctx = withHeader(ctx, "Accept-Language", v.Send.AcceptLanguage)
				}
				err := kinds["unary"](ctx, client, serve(t, intercept(answering(v.Send.Err()), v.Send.Options()...)), option)
				got, _ := connectcodetable.StatusOf(err)
				ignored := protocmp.IgnoreFields(&errdetails.RequestInfo{}, "request_id")
				if diff := cmp.Diff(v.message(), got.Proto(), protocmp.Transform(), ignored); diff != "" {
					t.Errorf("%s (-want +sent):\n%s", v.Name, diff)
				}
				if protocol != connect.ProtocolConnect {
					checkAdvice(t, v.Name, protocol, err, v.Pushback, "")
				}
			}
		})
	}
}

// Details that are not a status are an error of Connect itself.
func TestUnreadableDetails(t *testing.T) {
	t.Parallel()
	client := httpClient(t)
	url := serve(t, http.HandlerFunc(vector{Status: []byte{0xff}, GRPCCode: 9}.replay))
	for _, protocol := range []string{connect.ProtocolGRPC, connect.ProtocolGRPCWeb} {
		err := kinds["unary"](t.Context(), client, url, protocols[protocol], decoding())
		if _, ok := codetable.FromError(err); ok || connect.CodeOf(err) != connect.CodeInternal {
			t.Errorf("%s: got %v", protocol, err)
		}
	}
}

// FuzzReceived answers with any code in the header and any details. A code is
// read if and only if package codetable reads it in details with the same code.
func FuzzReceived(f *testing.F) {
	raw, err := os.ReadFile(vectorsFile)
	if err != nil {
		f.Fatal(err)
	}
	var list []vector
	if err := json.Unmarshal(raw, &list); err != nil {
		f.Fatal(err)
	}
	for _, v := range list {
		f.Add(uint32(v.GRPCCode), v.Status)
	}
	f.Fuzz(func(t *testing.T, code uint32, details []byte) {
		v := vector{Name: "fuzz", Status: details, GRPCCode: int32(code)}
		var message spb.Status
		var want error
		if proto.Unmarshal(details, &message) == nil && message.GetCode() == v.GRPCCode && len(details) > 0 {
			want = status.FromProto(&message).Err()
		}
		for _, protocol := range []string{connect.ProtocolGRPC, connect.ProtocolGRPCWeb} {
			err := callUnary(t, inProcess{http.HandlerFunc(v.replay)}, protocols[protocol], decoding())
			if err == nil {
				t.Errorf("%s: %v is a success", protocol, v)
				continue
			}
			wantError, coded := codetable.FromError(want)
			if e, ok := codetable.FromError(err); ok != coded || ok && !e.Equal(wantError) {
				t.Errorf("%s: read %v, want %v", protocol, e, wantError)
			}
		}
	})
}

func callUnary(t *testing.T, client connect.HTTPClient, opts ...connect.ClientOption) error {
	t.Helper()
	_, err := connect.NewClient[input, output](client, "http://127.0.0.1"+unaryPath, opts...).CallUnary(t.Context(), connect.NewRequest(&input{}))
	return err
}

package connectcodetable_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"connectrpc.com/connect"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/connectcodetable"
)

func TestCodeOf(t *testing.T) {
	t.Parallel()
	coded := connectcodetable.FromStatus(status.Convert(codetable.NewError(qpsLimit)))
	tests := map[string]struct {
		err  error
		want bool
	}{
		"nil":                     {err: nil},
		"bare":                    {err: errSecret},
		"a nil error of Connect":  {err: (*connect.Error)(nil)},
		"without code":            {err: connect.NewError(connect.CodeNotFound, errSecret)},
		"of Connect":              {err: coded, want: true},
		"wrapped":                 {err: fmt.Errorf("call: %w", coded), want: true},
		"a code":                  {err: codetable.NewError(qpsLimit), want: true},
		"a status":                {err: status.Convert(codetable.NewError(qpsLimit)).Err(), want: true},
		"a code in an error":      {err: connect.NewError(connect.CodeNotFound, codetable.NewError(qpsLimit)), want: true},
		"a status beside Connect": {err: errors.Join(connect.NewError(connect.CodeNotFound, errSecret), codetable.NewError(qpsLimit)), want: true},
	}
	for name, test := range tests {
		code, ok := connectcodetable.CodeOf[responseCode](test.err)
		if ok != test.want || ok && code != qpsLimit {
			t.Errorf("%s: %v, %v", name, code, ok)
		}
		if spec, listed := codetable.Lookup(code); !ok && listed {
			t.Errorf("%s: the code %v of no error is listed", name, spec)
		}
	}
}

func TestStatusOf(t *testing.T) {
	t.Parallel()
	for _, err := range []error{nil, errSecret, (*connect.Error)(nil), status.Error(codes.NotFound, "")} {
		if st, ok := connectcodetable.StatusOf(err); ok || st != nil {
			t.Errorf("the status of %v is %v", err, st)
		}
	}
	// The metadata of an error that was not received says nothing of its status.
	own := ownError(connect.CodeNotFound, errors.New("no number"))
	own.Meta().Set("Grpc-Status", "9")
	if st, ok := connectcodetable.StatusOf(own); !ok || st.Code() != codes.NotFound || len(st.Proto().GetDetails()) != 1 {
		t.Errorf("got %v, %v", st, ok)
	}
}

// Over Connect the status of a call is in the body, whatever a proxy adds.
func TestStatusOfNeverIsASuccess(t *testing.T) {
	t.Parallel()
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Grpc-Status", "0")
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(`{"code":"not_found"}`))
	})
	err := callUnary(t, inProcess{handler}, decoding())
	if code := status.Code(err); code != codes.NotFound {
		t.Errorf("got %v, %v", code, err)
	}
}

func TestFromStatus(t *testing.T) {
	t.Parallel()
	for _, st := range []*status.Status{nil, status.New(codes.OK, "fine")} {
		if e := connectcodetable.FromStatus(st); e.Code() != connect.CodeInternal {
			t.Errorf("%v became %v", st, e)
		}
	}
}

// FuzzStatus sends a status from a handler to a client, over each protocol. The
// client gets what the translator decides, but for the prefixes of type URLs,
// which the Connect protocol does not send.
func FuzzStatus(f *testing.F) {
	for code, failure := range failures() {
		if raw, err := proto.Marshal(status.Convert(failure).Proto()); err == nil && failure != nil {
			f.Add(raw)
			f.Add(append(raw, byte(code))) // often malformed
		}
	}
	translator := interceptor.NewTranslator()
	f.Fuzz(func(t *testing.T, raw []byte) {
		var message spb.Status
		if proto.Unmarshal(raw, &message) != nil || message.GetCode() == 0 {
			return
		}
		failure := status.FromProto(&message).Err()
		want := translator.Translate(t.Context(), failure).Status
		for protocol, option := range protocols {
			got, ok := connectcodetable.StatusOf(callUnary(t, inProcess{intercept(answering(failure))}, option))
			expected := want.Proto()
			expected.ProtoReflect().SetUnknown(nil) // connect-go has fields of its own for a status
			if protocol == connect.ProtocolConnect {
				expected = overConnect(expected)
			}
			if !ok || !proto.Equal(expected, got.Proto()) {
				t.Errorf("%s: got %v, want %v", protocol, got.Proto(), expected)
			}
			there, _ := connectcodetable.StatusOf(connectcodetable.FromStatus(want))
			if !proto.Equal(overConnect(want.Proto()), overConnect(there.Proto())) {
				t.Errorf("the conversion changed %v into %v", want, there)
			}
		}
	})
}

// overConnect is what the Connect protocol keeps of a status.
func overConnect(message *spb.Status) *spb.Status {
	kept := &spb.Status{Code: message.GetCode(), Message: message.GetMessage()}
	if kept.GetCode() > int32(codes.Unauthenticated) {
		kept.Code = int32(codes.Unknown)
	}
	for _, detail := range message.GetDetails() {
		url := detail.GetTypeUrl()
		kept.Details = append(kept.Details, &anypb.Any{TypeUrl: "type.googleapis.com/" + url[strings.LastIndexByte(url, '/')+1:], Value: detail.GetValue()})
	}
	return kept
}

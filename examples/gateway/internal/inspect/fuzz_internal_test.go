package inspect

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// FuzzAnswer reads any status of a server. Its JSON comes back, and a failed
// call has no code of a response.
func FuzzAnswer(f *testing.F) {
	for _, err := range []error{
		codetable.NewError(jverificationv1.ResponseCode_RESPONSE_CODE_QPS_LIMIT), status.Error(codes.Code(99), "a\nb"), codetable.NewError(jverificationv1.ResponseCode(-7)),
	} {
		raw, marshalErr := proto.Marshal(status.Convert(err).Proto())
		if marshalErr != nil {
			f.Fatal(marshalErr)
		}
		f.Add(raw, "-1")
	}
	f.Fuzz(func(t *testing.T, raw []byte, pushback string) {
		message := &spb.Status{}
		if proto.Unmarshal(raw, message) != nil || message.GetCode() == 0 || !utf8.ValidString(pushback) {
			return
		}
		a := &Answer{}
		a.read(nil, status.FromProto(message).Err(), nil, metadata.Pairs(pushbackKey, pushback))
		text, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		var again Answer
		if err := json.Unmarshal(text, &again); err != nil {
			t.Fatal(err)
		}
		if second, err := json.Marshal(&again); err != nil || string(second) != string(text) {
			t.Errorf("%s became %s, %v", text, second, err)
		}
		if a.Code != nil || a.GRPCCode == 0 || a.Pushback != pushback || len(a.Details) != len(message.GetDetails()) {
			t.Errorf("%v was read as %s", message, text)
		}
		if e, ok := codetable.FromError(status.FromProto(message).Err()); ok && *a.Reading.Code != e.Number() {
			t.Errorf("%v was read as %s", message, text)
		}
	})
}

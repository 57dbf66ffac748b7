package decode_test

import (
	"encoding/json"
	"os"
	"strings"
	"sync"
	"testing"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoregistry"

	_ "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1" // the tables of the vectors
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/decode"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// vector is a status and how it must be read, in the file that every language
// checks.
type vector struct {
	Name     string `json:"name"`
	Status   []byte `json:"status"`
	GRPCCode int32  `json:"grpc_code"`
	Pushback string `json:"pushback"`
	Reading  *struct {
		Known  bool   `json:"known"`
		Code   *int32 `json:"code"`
		Reason string `json:"reason"`
		Domain string `json:"domain"`
		Fault  string `json:"fault"`
		Masked bool   `json:"masked"`
		ID     string `json:"request_id"`
	} `json:"reading"`
}

func vectors(tb testing.TB) (list []vector) {
	tb.Helper()
	raw, err := os.ReadFile("../../../../proto/jiguang/jverification/v1/testdata/vectors.json")
	if err == nil {
		err = json.Unmarshal(raw, &list)
	}
	if err != nil || len(list) < 49 {
		tb.Fatalf("%d vectors: %v", len(list), err)
	}
	return list
}

var linkedTables = sync.OnceValues(func() (*decode.Tables, error) {
	resolver, err := codetable.NewResolver(protoregistry.GlobalFiles)
	return decode.NewTables(resolver, protoregistry.GlobalFiles), err
})

func linked(tb testing.TB) *decode.Tables {
	tb.Helper()
	tables, err := linkedTables()
	if err != nil {
		tb.Fatal(err)
	}
	return tables
}

// Every vector, among them all failing codes of the table, is read in each form as
// the file demands.
func TestVectorsInEveryForm(t *testing.T) {
	t.Parallel()
	tables := linked(t)
	for _, v := range vectors(t) {
		if v.Pushback != "" && !strings.HasPrefix(v.Name, "code ") {
			continue // the options of a server do not change how a status is read
		}
		message := &spb.Status{}
		if proto.Unmarshal(v.Status, message) != nil || message.GetCode() != v.GRPCCode {
			continue // the header decides; most of the forms have none
		}
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			for form, encode := range encoders {
				input := encode(message)
				found := decode.Find(input, tables.Types)
				if len(found.Found) != 1 {
					t.Errorf("%s: %d statuses, want 1, in %.300q; %q", form, len(found.Found), input, found.Tried)
					continue
				}
				checkReading(t, form, v, decode.Describe(found.Found[0], tables, "en"))
			}
		})
	}
}

func checkReading(t *testing.T, form string, v vector, r *decode.Report) {
	t.Helper()
	if r.GRPCNumber == nil || *r.GRPCNumber != v.GRPCCode {
		t.Errorf("%s: the gRPC code is %v, want %d", form, r.GRPCNumber, v.GRPCCode)
	}
	want := v.Reading
	if want == nil {
		if r.Code != nil && !r.Code.Refused {
			t.Errorf("%s: the code is %s, want none", form, marshal(r.Code))
		}
		return
	}
	if want.Masked && want.ID == "" && strings.HasPrefix(form, "Go message") {
		return // the text has no malformed details
	}
	if r.Masked != want.Masked || r.RequestID != want.ID {
		t.Errorf("%s: masked is %t and the request id %q, want %+v", form, r.Masked, r.RequestID, want)
	}
	c := r.Code
	if want.Domain == "" { // masked, or an empty ErrorInfo
		if c != nil {
			t.Errorf("%s: the code is %s, want none", form, marshal(c))
		}
		return
	}
	if c == nil || c.Domain != want.Domain || want.Known == (c.Refused || !c.TableKnown) {
		t.Fatalf("%s: the code is %s, want %+v", form, marshal(c), want)
	}
	if number := c.Number; want.Known && want.Code != nil && *want.Code != minInt32 && (number == nil || *number != *want.Code) {
		t.Errorf("%s: the number is %v, want %d", form, number, *want.Code)
	}
	if want.Known && (c.Reason != want.Reason || "FAULT_"+c.Fault != want.Fault && c.Fault != "") {
		t.Errorf("%s: the code is %s, want %+v", form, marshal(c), want)
	}
}

// minInt32 is the number of a reason that the table does not list, if no number
// was sent.
const minInt32 = -1 << 31

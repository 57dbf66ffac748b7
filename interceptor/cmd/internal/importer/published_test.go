package importer_test

import (
	"encoding/csv"
	"strconv"
	"strings"
	"testing"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/importer"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

func reference(tb testing.TB) result {
	tb.Helper()
	o := importer.Options{Name: "response_code_reference.md", Format: "md", Domain: "jverification.example"}
	return run(tb, o, read(tb, "response_code_reference.md"), "")
}

// The published table of the first upstream gives the 49 numbers of the enum
// that was written by hand.
func TestReferenceHasAllNumbers(t *testing.T) {
	t.Parallel()
	r := reference(t)
	want := jverificationv1.ResponseCode(0).Descriptor().Values()
	if want.Len() != 49 || r.enum.Values().Len() != want.Len() || r.Codes != want.Len() {
		t.Fatalf("%d values and %d codes, want 49", r.enum.Values().Len(), r.Codes)
	}
	for i := range want.Len() {
		if n := want.Get(i).Number(); r.enum.Values().ByNumber(n) == nil {
			t.Errorf("no value for %d", n)
		}
	}
	if len(r.Skipped) != 1 || !strings.Contains(r.Skipped[0].Text, "Was this document helpful?") || r.Skipped[0].Line != 56 {
		t.Errorf("skipped %v, want the last line", r.Skipped)
	}
}

// The proposed names agree with those that people chose, except for four.
func TestReferenceNames(t *testing.T) {
	t.Parallel()
	r := reference(t)
	differ := map[int32]string{}
	want := jverificationv1.ResponseCode(0).Descriptor().Values()
	for i := range want.Len() {
		if got := r.enum.Values().ByNumber(want.Get(i).Number()); got.Name() != want.Get(i).Name() {
			differ[int32(got.Number())] = strings.TrimPrefix(string(got.Name()), "RESPONSE_CODE_")
		}
	}
	expected := map[int32]string{
		9005: "VERIFY_INTERVAL_LESS_THAN_MINIMUM_LIMIT",                   // a person chose VERIFY_INTERVAL_BELOW_MINIMUM
		9006: "FREQUENCY_OF_VERIFYING_SINGLE_NUMBER_BEYOND_MAXIMUM_LIMIT", // NUMBER_FREQUENCY_BEYOND_LIMIT
		9011: "AUTH_FAILED_9011",                                          // VERIFY_AUTH_FAILED
		9200: "SUCCESS_9200",                                              // SIGN_ONCE_OPEN_SUCCESS
	}
	if len(differ) != len(expected) {
		t.Errorf("%d of 49 names agree, want 45: %v", 49-len(differ), differ)
	}
	for number, name := range expected {
		if differ[number] != name {
			t.Errorf("%d is called %q, want %q", number, differ[number], name)
		}
	}
	for _, number := range []string{"0", "1802"} {
		if want := "is also proposed for " + number; !strings.Contains(r.file, want) {
			t.Errorf("no TODO says that a name %s", want)
		}
	}
}

// The texts are those of the table, and only texts that say nothing but success
// are successes. All that people decided for a failure is a TODO, which fails
// closed.
func TestReferenceFailsClosed(t *testing.T) {
	t.Parallel()
	r := reference(t)
	want := jverificationv1.ResponseCode(0).Descriptor().Values()
	for i := range want.Len() {
		number := int32(want.Get(i).Number())
		code := r.code(t, number)
		success := number == 0 || number == 9200
		if got := code.GetGrpcCode() == codetablev1.GrpcCode_GRPC_CODE_OK; got != success {
			t.Errorf("%d: success %v, want %v", number, got, success)
		}
		if success {
			continue
		}
		if code.GetFault() != codetablev1.Fault_FAULT_OPERATOR || code.GetRetry().GetAction() == codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST {
			t.Errorf("%d does not fail closed: %v", number, code)
		}
	}
	if err := codetable.CheckDescriptor(r.enum); err != nil {
		t.Errorf("check reports more than the TODOs: %v", err)
	}
	// Three for each of the 47 failures, two successes to confirm, the names of
	// 9011 and 9200, the package and the Go package.
	if todos := strings.Count(r.file, "// TODO(codetable): "); todos != 3*47+2+2+2 || r.Todos != todos {
		t.Errorf("%d TODOs in the file, %d in the summary, want %d", todos, r.Todos, 3*47+2+2+2)
	}
}

// The table of the first upstream, with what people decided, gives the same
// options but for the details and the user messages, which it lacks.
func TestStatedColumnsAreTakenAsStated(t *testing.T) {
	t.Parallel()
	const source = `number,description,notes,name,grpc_code,fault,retry_action,resolution
1801,invalid parameters,Invalid or illegal parameters,INVALID_PARAMETERS,INVALID_ARGUMENT,CALLER,NEVER,Correct the request
1805,insufficient balance,Insufficient balance,RESPONSE_CODE_INSUFFICIENT_BALANCE,GRPC_CODE_FAILED_PRECONDITION,FAULT_OPERATOR,RETRY_ACTION_OPERATOR_ACTION,
2000,internal error,Internal server error,internalError,Internal,upstream,same request,
`
	r := run(t, importer.Options{Format: "csv", Domain: "jverification.example"}, source, "")
	for number, want := range map[int32]*codetablev1.Code{
		1801: {
			GrpcCode: codetablev1.GrpcCode_GRPC_CODE_INVALID_ARGUMENT.Enum(), Fault: codetablev1.Fault_FAULT_CALLER,
			Retry: &codetablev1.Retry{Action: codetablev1.RetryAction_RETRY_ACTION_NEVER}, Resolution: "Correct the request",
		},
		1805: {
			GrpcCode: codetablev1.GrpcCode_GRPC_CODE_FAILED_PRECONDITION.Enum(), Fault: codetablev1.Fault_FAULT_OPERATOR,
			Retry: &codetablev1.Retry{Action: codetablev1.RetryAction_RETRY_ACTION_OPERATOR_ACTION},
		},
		2000: {
			GrpcCode: codetablev1.GrpcCode_GRPC_CODE_INTERNAL.Enum(), Fault: codetablev1.Fault_FAULT_UPSTREAM,
			Retry: &codetablev1.Retry{Action: codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST},
		},
	} {
		got := r.code(t, number)
		if got.GetGrpcCode() != want.GetGrpcCode() || got.GetFault() != want.GetFault() ||
			got.GetRetry().GetAction() != want.GetRetry().GetAction() || got.GetResolution() != want.GetResolution() {
			t.Errorf("%d: %v, want %v", number, got, want)
		}
	}
	want := []string{"RESPONSE_CODE_UNSPECIFIED", "RESPONSE_CODE_INVALID_PARAMETERS", "RESPONSE_CODE_INSUFFICIENT_BALANCE", "RESPONSE_CODE_INTERNAL_ERROR"}
	if got := strings.Join(r.names(), " "); got != strings.Join(want, " ") {
		t.Errorf("names %s, want %s", got, want)
	}
	if r.Todos != 2 { // the package and the Go package
		t.Errorf("%d TODOs, want 2:\n%s", r.Todos, r.file)
	}
}

// The errors of the Agent2Agent protocol: 13 negative numbers with names and
// gRPC codes.
func TestA2A(t *testing.T) {
	t.Parallel()
	source := read(t, "a2a.csv")
	r := run(t, importer.Options{Name: "a2a.csv", Format: "csv", Domain: "a2a.example", Enum: "A2AError", Package: "a2a.v1", GoPackage: "example.com/a2a/v1"}, source, "")
	rows, err := csv.NewReader(strings.NewReader(source)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if r.Codes != 13 || r.enum.Values().Len() != 14 {
		t.Fatalf("%d codes, %d values, want 13 and 14", r.Codes, r.enum.Values().Len())
	}
	if first := r.enum.Values().Get(0); first.Name() != "A2A_ERROR_UNSPECIFIED" || first.Number() != 0 {
		t.Errorf("the first value is %s", first.Name())
	}
	for i, row := range rows[1:] {
		value := r.enum.Values().Get(i + 1)
		code := r.code(t, int32(value.Number()))
		if strconv.Itoa(int(value.Number())) != row[0] || string(value.Name()) != "A2A_ERROR_"+row[1] || code.GetGrpcCode().String() != "GRPC_CODE_"+row[2] {
			t.Errorf("row %v gives %s = %d with %v", row, value.Name(), value.Number(), code.GetGrpcCode())
		}
	}
	if r.Todos != 3*13 { // fault, retry and notes
		t.Errorf("%d TODOs, want 39", r.Todos)
	}
	if err := codetable.CheckDescriptor(r.enum); err != nil {
		t.Errorf("check: %v", err)
	}
}

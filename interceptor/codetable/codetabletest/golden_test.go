package codetabletest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable/codetabletest"
	"github.com/codetable/grpc-codetable/interceptor/internal/enumtest"
)

// recorder is a testing.TB that records failures. Golden calls none of its
// other methods.
type recorder struct {
	testing.TB
	errors []string
}

func (*recorder) Helper()      {}
func (*recorder) Name() string { return "TestTable/sub test" }

func (r *recorder) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

// failure returns the one failure of the test, or "" if the test passed.
func (r *recorder) failure(t *testing.T) string {
	t.Helper()
	if len(r.errors) > 1 {
		t.Errorf("%d failures, want at most one:\n%q", len(r.errors), r.errors)
	}
	return strings.Join(r.errors, "\n")
}

// golden runs Golden for the enum of a file.
func golden(t *testing.T, file enumtest.File, path string) string {
	t.Helper()
	r := &recorder{}
	enumtest.With(file.Build(t), func() { codetabletest.Golden[enumtest.Code](r, path) })
	return r.failure(t)
}

func testFile() enumtest.File {
	return enumtest.File{
		Table: &codetablev1.Table{Domain: "codes.example.com"},
		Values: []enumtest.Value{
			{Name: "TEST_CODE_BUSY", Number: 1, Code: &codetablev1.Code{
				GrpcCode: new(codetablev1.GrpcCode_GRPC_CODE_ABORTED), Notes: "busy", Fault: codetablev1.Fault_FAULT_OPERATOR,
			}},
		},
	}
}

const accept = "If all these changes are intended, accept them: run\n\tCODETABLE_UPDATE=1 go test -run '^TestTable$/^sub test$'\nin the folder of this test, and commit the file."

func TestGoldenWritesAMissingFileAndFails(t *testing.T) {
	t.Setenv("CODETABLE_UPDATE", "")
	path := filepath.Join(t.TempDir(), "new folder", "table.json")
	if got, want := golden(t, testFile(), path), "codetabletest: "+path+" was missing, and is written: review and commit it"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	raw, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(raw), "\n      \"reason\": \"BUSY\",\n") {
		t.Errorf("wrote %s: %v", raw, err)
	}
	if got := golden(t, testFile(), path); got != "" {
		t.Errorf("the second run fails:\n%s", got)
	}
}

func TestGoldenNamesEachChange(t *testing.T) {
	t.Setenv("CODETABLE_UPDATE", "")
	path := filepath.Join(t.TempDir(), "table.json")
	golden(t, testFile(), path)
	changed := testFile()
	changed.Table.TimeZone = "Asia/Shanghai"
	changed.Values[0].Code.Fault = codetablev1.Fault_FAULT_CALLER
	changed.Values[0].Code.Notes = "too many calls"
	changed.Values = append(changed.Values, enumtest.Value{Name: "TEST_CODE_FULL", Number: 2})
	want := "codetabletest: the table codes.example.com differs from " + path + `:
breaking: code 1 BUSY: fault "OPERATOR" -> "CALLER"; breaks the operator: a public boundary no longer masks it
behaviour: the table: time_zone (none) -> "Asia/Shanghai"; concerns callers that wait for a calendar window
behaviour: code 2 FULL: it is added; concerns callers with the older table, which does not list it
text: code 1 BUSY: notes "busy" -> "too many calls"; concerns developers, who read them as the message of the status
` + accept
	if got := golden(t, changed, path); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}

	t.Setenv("CODETABLE_UPDATE", "1")
	if got := golden(t, changed, path); got != "" {
		t.Errorf("with CODETABLE_UPDATE=1 it fails:\n%s", got)
	}
	t.Setenv("CODETABLE_UPDATE", "0")
	if got := golden(t, changed, path); got != "" {
		t.Errorf("after the update it fails:\n%s", got)
	}
	if got := golden(t, testFile(), path); !strings.Contains(got, "breaking: code 2 FULL: it is removed") {
		t.Errorf("the way back: %s", got)
	}
	if after, _ := os.ReadFile(path); string(after) == string(before) {
		t.Error("the file was not written")
	}
}

func TestGoldenWritesAMissingFileWithTheVariable(t *testing.T) {
	t.Setenv("CODETABLE_UPDATE", "1")
	path := filepath.Join(t.TempDir(), "table.json")
	if got := golden(t, testFile(), path); got != "" {
		t.Errorf("it fails:\n%s", got)
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}

func TestGoldenReportsFilesItCannotUse(t *testing.T) {
	t.Setenv("CODETABLE_UPDATE", "")
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("no JSON"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := golden(t, testFile(), file); !strings.HasPrefix(got, "codetabletest: "+file+": read the document of a table: invalid character") || !strings.HasSuffix(got, accept) {
		t.Errorf("no JSON: %s", got)
	}
	if got := golden(t, testFile(), dir); !strings.HasPrefix(got, "codetabletest: read "+dir) {
		t.Errorf("a folder: %s", got)
	}
	t.Setenv("CODETABLE_UPDATE", "1")
	if got := golden(t, testFile(), filepath.Join(file, "x")); !strings.HasPrefix(got, "codetabletest: mkdir ") {
		t.Errorf("a file for a folder: %s", got)
	}
	if got := golden(t, testFile(), dir); !strings.HasPrefix(got, "codetabletest: open "+dir) {
		t.Errorf("a folder to write: %s", got)
	}
}

// A linked table includes the methods that declare its codes.
func TestGoldenOfLinkedTable(t *testing.T) {
	t.Setenv("CODETABLE_UPDATE", "1")
	path := filepath.Join(t.TempDir(), "table.json")
	codetabletest.Golden[jverificationv1.ResponseCode](t, path)
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"jiguang.jverification.v1.VerificationService.VerifyNumber": [`, `"domain": "jverification.jiguang.cn"`, `"reason": "BAD_SERVER"`, "服务暂时不可用"} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("the file does not hold %s", want)
		}
	}
	// The second run changes nothing.
	t.Setenv("CODETABLE_UPDATE", "")
	codetabletest.Golden[jverificationv1.ResponseCode](t, path)
}

package report_test

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/report"
)

// A text or a path of the input can't end a line, start a command of GitHub
// Actions or control the terminal. buf_test.go of package plugin compares the
// formats with those of buf.
func TestWriteHostileTexts(t *testing.T) {
	t.Parallel()
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{Name: new("a.proto")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	findings := []report.Finding{report.New("a,b:c\x1b[0m\n::error.proto", file, "RULE", "100%\n::error::\x1b[31m<red>\xff")}
	want := map[string]string{
		report.Text:          `a,b:c\x1b[0m\n::error.proto:1:1:100%\n::error::\x1b[31m<red>\xff` + "\n",
		report.JSON:          `{"path":"a,b:c\\x1b[0m\\n::error.proto","start_line":1,"start_column":1,"end_line":1,"end_column":1,"type":"RULE","message":"100%\\n::error::\\x1b[31m\u003cred\u003e\\xff"}` + "\n",
		report.GitHubActions: `::error file=a%2Cb%3Ac\x1b[0m\n%3A%3Aerror.proto,line=1,col=1,endLine=1,endColumn=1::100%25\n::error::\x1b[31m<red>\xff` + "\n",
		report.JUnit: `<testsuites>
  <testsuite name="a,b:c\x1b[0m\n::error" tests="1" failures="1" errors="0">
    <testcase name="RULE_1_1">
      <failure message="a,b:c\x1b[0m\n::error.proto:1:1:100%\n::error::\x1b[31m&lt;red&gt;\xff" type="RULE"></failure>
    </testcase>
  </testsuite>
</testsuites>
`,
	}
	for format, text := range want {
		var b strings.Builder
		if err := report.Write(&b, format, findings); err != nil || b.String() != text {
			t.Errorf("%s: error %v\ngot  %swant %s", format, err, &b, text)
		}
	}
}

func TestSort(t *testing.T) {
	t.Parallel()
	sorted := []report.Finding{
		{Path: "a", StartLine: 2, StartColumn: 1, Rule: "A"},
		{Path: "a", StartLine: 10, StartColumn: 1, Rule: "A"},
		{Path: "a", StartLine: 10, StartColumn: 3, Rule: "A"},
		{Path: "a", StartLine: 10, StartColumn: 3, Rule: "B", Message: "a"},
		{Path: "a", StartLine: 10, StartColumn: 3, Rule: "B", Message: "b"},
		{Path: "b", StartLine: 1, StartColumn: 1, Rule: "A"},
	}
	list := []report.Finding{sorted[5], sorted[4], sorted[2], sorted[3], sorted[1], sorted[0]}
	report.Sort(list)
	for i := range sorted {
		if list[i] != sorted[i] {
			t.Fatalf("sorted: %v", list)
		}
	}
}

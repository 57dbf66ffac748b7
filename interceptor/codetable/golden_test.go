package codetable_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

var update = flag.Bool("update", false, "write the golden file of the resolved table")

// The breaking-change check of buf does not look into options, so this file
// guards them.
func TestGoldenTable(t *testing.T) {
	t.Parallel()
	const path = tableData + "response_code.golden"
	got := dumpTable(t)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("the resolved table changed (-golden +now):\n%s\n"+
			"Numbers, reasons, the domain and the extension numbers are wire contract: a released one never changes.\n"+
			"If the change is meant, run: go test ./interceptor/codetable -run TestGoldenTable -update", diff)
	}
}

func dumpTable(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	for _, x := range []protoreflect.ExtensionType{codetablev1.E_Table, codetablev1.E_Code} {
		d := x.TypeDescriptor()
		fmt.Fprintf(&b, "extend %s: %s = %d\n", d.ContainingMessage().FullName(), d.FullName(), d.Number())
	}
	desc := success.Descriptor()
	table := proto.GetExtension(desc.Options(), codetablev1.E_Table).(*codetablev1.Table)
	other, _ := codetable.Lookup(unlisted)
	fmt.Fprintf(&b, "enum %s: domain=%s time_zone=%s help_url=%s\n", desc.FullName(), other.Domain(), table.GetTimeZone(), other.HelpURL())
	dumpCode(&b, "*", other)
	for code, spec := range codetable.All[responseCode]() {
		dumpCode(&b, fmt.Sprint(int32(code)), spec)
	}
	return b.String()
}

func dumpCode(b *strings.Builder, number string, spec codetable.Spec) {
	detail, subject := spec.Detail()
	fmt.Fprintf(b, "%s %s: grpc_code=%v fault=%s retry=%s after=%s detail=%s subject=%s\n", number, spec.Reason(), spec.GRPCCode(),
		short(spec.Fault().String(), "FAULT_"), short(spec.Retry().Action.String(), "RETRY_ACTION_"), after(spec.Retry()), detailMessages[detail], subject)
	texts := map[string]string{"description": spec.Description(), "notes": spec.Notes()}
	for _, locale := range spec.Locales() {
		texts["user message "+locale], _ = spec.UserMessage(locale)
	}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		if texts[name] != "" {
			fmt.Fprintf(b, "  %s: %s\n", name, texts[name])
		}
	}
}

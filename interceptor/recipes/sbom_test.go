package recipes_test

import (
	"debug/buildinfo"
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestBillsOfMaterials compares the bill of materials of a program, as a release writes
// it, with what the program itself says of its modules.
func TestBillsOfMaterials(t *testing.T) {
	t.Parallel()
	tool := filepath.Join(findTools(t, "CYCLONEDX_GOMOD"), "cyclonedx-gomod")
	commands, err := buildCommands()
	if err != nil {
		t.Fatal(err)
	}
	f := newFolder(t)
	program := filepath.Join(commands, "codetable")
	f.mustRun("'" + repository(t) + "'/.github/sbom.sh '" + tool + "' '" + f.dir + "' '" + program + "' 2>&1")

	info, err := buildinfo.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"std": info.GoVersion}
	for _, dependency := range info.Deps {
		if dependency.Replace == nil {
			want[dependency.Path] = dependency.Version
		}
	}
	got := components(t, filepath.Join(f.dir, "codetable.cdx.json"))
	delete(got, "../..") // until a release, this folder replaces the library
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the modules in the program (-) and in its bill of materials (+) differ:\n%s", diff)
	}
	for file, name := range map[string]string{
		"go-grpc-codetable": "google.golang.org/grpc", "go-cmd": "buf.build/go/protovalidate",
		"go-connectcodetable": "connectrpc.com/connect", "go-telemetry": "go.opentelemetry.io/otel",
	} {
		if listed := components(t, filepath.Join(f.dir, file+".cdx.json")); listed[name] == "" {
			t.Errorf("%s.cdx.json does not list %s, but %v", file, name, listed)
		}
	}
}

// components are the names and versions that a bill of materials lists.
func components(t *testing.T, path string) map[string]string {
	t.Helper()
	var bill struct {
		Format     string `json:"bomFormat"`
		Components []struct{ Name, Version string }
	}
	if err := json.Unmarshal([]byte(readFile(t, path)), &bill); err != nil || bill.Format != "CycloneDX" {
		t.Fatalf("%s is no bill of materials: %v", path, err)
	}
	listed := map[string]string{}
	for _, component := range bill.Components {
		listed[component.Name] = component.Version
	}
	return listed
}

// TestProgramsAreReproducible builds the command codetable from two copies of the last
// commit, with the flags of a release.
func TestProgramsAreReproducible(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	f.mustRun("for copy in one another/two; do mkdir -p $copy; git -C '" + repository(t) + "' archive HEAD | tar -x -C $copy\n" +
		"(cd $copy/interceptor/cmd && go build -trimpath -buildvcs=false -ldflags='-s -w' -o '" + f.dir + "'/$copy.exe ./codetable); done\n" +
		"cmp one.exe another/two.exe")
}

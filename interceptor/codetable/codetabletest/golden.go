package codetabletest

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
	"github.com/codetable/grpc-codetable/interceptor/internal/tablediff"
)

// updateVariable is the environment variable that makes Golden write the file.
const updateVariable = "CODETABLE_UPDATE"

// Golden fails the test if the table of E differs from the golden file at path.
// The file holds the options of the table, each code as the JSON of its
// [codetable.Spec], and the codes of the table that methods declare. Tools that
// compare .proto files do not compare these options. Golden knows the methods
// that the test links: import the packages of their services.
//
// The file is JSON, for review, and is committed. If it is missing, Golden
// writes it and fails. If the table differs, Golden reports each change on a
// line: its class (breaking, behaviour or text) and who is affected. With the
// environment variable CODETABLE_UPDATE=1 Golden writes the file, which accepts
// the changes.
func Golden[E codetable.Enum](tb testing.TB, path string) {
	tb.Helper()
	var zero E
	now := tablediff.Describe(table.Linked, zero.Descriptor())
	raw, err := os.ReadFile(path) //nolint:gosec // the test names the file
	switch {
	case os.Getenv(updateVariable) == "1":
		write(tb, path, now)
	case errors.Is(err, fs.ErrNotExist):
		if write(tb, path, now) {
			tb.Errorf("codetabletest: %s was missing, and is written: review and commit it", path)
		}
	case err != nil:
		tb.Errorf("codetabletest: %v", err)
	default:
		compare(tb, path, raw, now)
	}
}

func write(tb testing.TB, path string, now *tablediff.Document) bool {
	tb.Helper()
	err := os.MkdirAll(filepath.Dir(path), 0o755) //nolint:gosec // a folder of the repository is readable by all
	if err == nil {
		err = os.WriteFile(path, now.Encode(), 0o644) //nolint:gosec // as above
	}
	if err != nil {
		tb.Errorf("codetabletest: %v", err)
	}
	return err == nil
}

func compare(tb testing.TB, path string, raw []byte, now *tablediff.Document) {
	tb.Helper()
	before, err := tablediff.Decode(raw)
	if err != nil {
		tb.Errorf("codetabletest: %s: %v\n%s", path, err, howToAccept(tb.Name()))
		return
	}
	changes := tablediff.Compare(before, now)
	if len(changes) == 0 {
		return
	}
	lines := make([]string, len(changes))
	for i, change := range changes {
		lines[i] = change.String()
	}
	tb.Errorf("codetabletest: the table %s differs from %s:\n%s\n%s", now.Domain, path, strings.Join(lines, "\n"), howToAccept(tb.Name()))
}

func howToAccept(test string) string {
	return "If all these changes are intended, accept them: run\n\t" + updateVariable + "=1 go test -run '^" +
		strings.ReplaceAll(test, "/", "$/^") + "$'\nin the folder of this test, and commit the file."
}

package source_test

import (
	"strings"
	"testing"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/source"
)

// The script diff_git.txtar of package cli tests commits.
func TestOpenWithoutGit(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := source.Open(t.Context(), "git#ref=main,subdir=proto", strings.NewReader(""))
	if want := "git#ref=main,subdir=proto: git is not installed: install it, or name a folder or an image"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %q", err, want)
	}
}

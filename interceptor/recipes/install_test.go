package recipes_test

import (
	"os"
	"strings"
	"testing"
)

// TestInstall installs the commands with an empty module cache. It downloads
// all their dependencies, so it runs in CI, and elsewhere if CODETABLE_INSTALL=1.
func TestInstall(t *testing.T) {
	t.Parallel()
	if os.Getenv("CI") != "true" && os.Getenv("CODETABLE_INSTALL") != "1" {
		t.Skip("SKIPPED: the commands were not installed with an empty module cache: set CODETABLE_INSTALL=1, which needs the network")
	}
	f := newFolder(t)
	f.env = append(f.env,
		"GOMODCACHE="+t.TempDir(),
		"GOPROXY="+goEnv(t, "GOPROXY"),
		"GOFLAGS=-modcacherw", // so that the test can remove the cache
	)
	const nested = module + "/interceptor/cmd"
	// The replace directives stand for the versions, which are not published.
	f.mustRun("go mod init example.com/tools\n" +
		"go mod edit -require=" + module + "@v0.0.0 -replace=" + module + "='" + repository(t) + "'\n" +
		"go mod edit -require=" + nested + "@v0.0.0 -replace=" + nested + "='" + repository(t) + "/interceptor/cmd'\n" +
		"go install -mod=mod " + nested + "/codetable " + nested + "/buf-plugin-codetable")
	for command, want := range map[string]string{
		"codetable list":                  "TOKEN_INVALID",
		"codetable --version":             "codetable ",
		"buf-plugin-codetable --protocol": "1\n",
	} {
		if out := f.mustRun("'" + f.bin + "'/" + command); !strings.Contains(out, want) {
			t.Errorf("%s prints no %q:\n%s", command, want, out)
		}
	}
}

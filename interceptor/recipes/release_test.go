package recipes_test

import (
	"os"
	"strings"
	"testing"
)

// released is the version that the manifests have.
const released = "v0.1.0"

// TestRelease tags the Go modules as release.yml does, in a copy of the last commit,
// and installs them from there as a user does, with an empty module cache.
func TestRelease(t *testing.T) {
	t.Parallel()
	if os.Getenv("CI") != "true" && os.Getenv("CODETABLE_INSTALL") != "1" {
		t.Skip("SKIPPED: the modules were not tagged and installed with an empty module cache: set CODETABLE_INSTALL=1, which needs the network")
	}
	f := newCheckout(t)
	f.mustRun("cd checkout && .github/release.sh check " + released)
	if notes := f.mustRun("cd checkout && .github/release.sh notes " + released); !strings.Contains(notes, "### Added") || strings.Contains(notes, "\n## ") {
		t.Errorf("the notes are not the entry of the changelog:\n%s", notes)
	}
	f.mustRun("cd checkout && .github/release.sh modules " + released)
	tags := "interceptor/cmd/" + released + "\ninterceptor/connectcodetable/" + released +
		"\ninterceptor/telemetry/" + released + "\n" + released + "\n"
	if got := f.mustRun("git -C origin tag"); got != tags {
		t.Errorf("got the tags %q, want %q", got, tags)
	}
	again := "interceptor/cmd is already published\ninterceptor/connectcodetable is already published\ninterceptor/telemetry is already published\n"
	if got := f.mustRun("cd checkout && .github/release.sh modules " + released + " 2>/dev/null"); got != again {
		t.Errorf("the second run prints %q, want %q", got, again)
	}
	if branch := f.mustRun("git -C origin log --oneline main"); strings.Count(branch, "\n") != 1 {
		t.Errorf("the release changed the branch main:\n%s", branch)
	}
	f.installCommands()
	f.useConnect()
}

// newCheckout returns a folder with the folders origin, a copy of the last commit
// of this repository with a tag, and checkout, its clone. Go and git find origin
// under the address of the repository. The module cache is empty.
func newCheckout(t *testing.T) *folder {
	t.Helper()
	f := newFolder(t)
	f.env = append(f.env,
		"GOMODCACHE="+t.TempDir(),
		// The test can remove the cache, and builds do not depend on its path.
		"GOFLAGS="+os.Getenv("GOFLAGS")+" -modcacherw -trimpath",
		"GOPRIVATE="+module, // go asks git for the module, not a proxy
		"GIT_CONFIG_GLOBAL="+f.dir+"/gitconfig",
		"GIT_CONFIG_NOSYSTEM=1",
	)
	f.write("gitconfig", "[user]\nname = test\nemail = test@example.com\n"+
		"[init]\ndefaultBranch = main\n[advice]\ndetachedHead = false\n"+
		"[url \"file://"+f.dir+"/origin\"]\ninsteadOf = https://"+module+"\n")
	f.mustRun("mkdir origin && git -C '" + repository(t) + "' archive HEAD | tar -x -C origin\n" +
		"cd origin && sed 's/^## .Unreleased.$/## [" + strings.TrimPrefix(released, "v") + "] - 2026-01-01/' CHANGELOG.md >changes && mv changes CHANGELOG.md\n" +
		"git init -q && git add -A && git commit -qm 'Release' && git tag " + released + "\n" +
		"git clone -q --branch " + released + " https://" + module + " ../checkout")
	return f
}

// useConnect builds a module that requires the module for connect-go.
func (m *folder) useConnect() {
	m.t.Helper()
	m.write("user/main.go", `package main

import (
	"fmt"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/connectcodetable"
	"google.golang.org/grpc/status"
)

func main() {
	err := codetable.NewError(jverificationv1.ResponseCode_RESPONSE_CODE_TOKEN_INVALID)
	fmt.Println(connectcodetable.CodeOf[jverificationv1.ResponseCode](connectcodetable.FromStatus(status.Convert(err))))
}
`)
	m.mustRun("cd user && go mod init example.com/user && go get " + module + "/interceptor/connectcodetable@" + released + " && go mod tidy")
	if got, want := m.mustRun("cd user && go run ."), "RESPONSE_CODE_TOKEN_INVALID true\n"; got != want {
		m.t.Errorf("the user of connectcodetable prints %q, want %q", got, want)
	}
	if requires := m.mustRun("cat user/go.mod"); strings.Count(requires, " "+released+"\n") != 2 {
		m.t.Errorf("go.mod does not require both modules at %s:\n%s", released, requires)
	}
}

// installCommands installs the commands and starts each.
func (m *folder) installCommands() {
	m.t.Helper()
	const nested = module + "/interceptor/cmd"
	m.mustRun("go install " + nested + "/codetable@" + released + " " + nested + "/buf-plugin-codetable@" + released)
	for command, want := range map[string]string{
		"codetable list":                  "TOKEN_INVALID",
		"codetable --version":             "codetable " + released,
		"buf-plugin-codetable --protocol": "1\n",
	} {
		if out := m.mustRun("'" + m.bin + "'/" + command); !strings.Contains(out, want) {
			m.t.Errorf("%s prints no %q:\n%s", command, want, out)
		}
	}
}

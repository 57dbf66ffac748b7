package recipes_test

import (
	"strings"
	"testing"
)

const released = "v0.1.0"

// TestRelease tags the Go modules as release.yml does, in a copy of the last commit,
// and installs them from there as a user does, with an empty module cache.
func TestRelease(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	f.env = append(f.env,
		"GOMODCACHE="+t.TempDir(),
		// The test can remove the cache, and builds do not depend on its path.
		"GOFLAGS=-modcacherw -trimpath",
		"GOPRIVATE="+module,   // go asks git for the module, not a proxy
		"GIT_CONFIG_GLOBAL="+f.dir+"/gitconfig",
		"GIT_CONFIG_NOSYSTEM=1",
	)
	f.write("gitconfig", "[user]\nname = test\nemail = test@example.com\n"+
		"[init]\ndefaultBranch = main\n[advice]\ndetachedHead = false\n"+
		"[url \"file://"+f.dir+"/origin\"]\ninsteadOf = https://"+module+"\n")
	f.mustRun("mkdir origin && git -C '" + repository(t) + "' archive HEAD | tar -x -C origin\n" +
		"cd origin && git init -q && git add -A && git commit -qm 'Release' && git tag " + released + "\n" +
		"git clone -q --branch " + released + " https://" + module + " ../checkout")

	f.mustRun("cd checkout && .github/release.sh modules " + released)
	tags := f.mustRun("git -C origin tag")
	if want := "interceptor/cmd/" + released + "\n"; !strings.Contains(tags, want) {
		t.Fatalf("got the tags %q, want %q", tags, want)
	}
	if out := f.mustRun("cd checkout && .github/release.sh modules " + released); !strings.Contains(out, "interceptor/cmd is already published") {
		t.Errorf("the second run does not skip what is published:\n%s", out)
	}
	if branch := f.mustRun("git -C origin log --oneline main"); strings.Count(branch, "\n") != 1 {
		t.Errorf("the release changed the branch main:\n%s", branch)
	}
	t.Run("commands", f.installCommands)
}

func (m *folder) installCommands(t *testing.T) {
	const nested = module + "/interceptor/cmd"
	m.mustRun("go install " + nested + "/codetable@" + released + " " + nested + "/buf-plugin-codetable@" + released)
	for command, want := range map[string]string{
		"codetable list":                  "TOKEN_INVALID",
		"codetable --version":             "codetable " + released,
		"buf-plugin-codetable --protocol": "1\n",
	} {
		if out := m.mustRun("'" + m.bin + "'/" + command); !strings.Contains(out, want) {
			t.Errorf("%s prints no %q:\n%s", command, want, out)
		}
	}
}

package recipes_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// registries stand for the clients of npm, Maven and cargo: each prints what it is
// asked to publish. The registries have the packages in $PUBLISHED, or none if a
// client fails.
const registries = `#!/bin/sh
client=$(basename "$0")
case "$client $*" in
"npm view "*) case " $PUBLISHED " in *" $2 "*) echo 0.1.0 ;; esac ;;
"mvn "*" dependency:get "*) case " $PUBLISHED " in *" maven "*) ;; *) exit 1 ;; esac ;;
"cargo info "*) case " $PUBLISHED " in *" $2 "*) ;; *) exit 101 ;; esac ;;
*) echo "$client $*" ;;
esac
`

// TestReleaseScript runs the steps of a release with registries that have none,
// some or all of the packages.
func TestReleaseScript(t *testing.T) {
	t.Parallel()
	npm, crates := "npm publish FOLDER/npm/codetable-", "cargo publish --locked --manifest-path interceptor/rust/Cargo.toml "
	maven := "mvn -B -ntp -f interceptor/java/pom.xml -P release -Dgpg.signer=bc deploy\n"
	for name, test := range map[string]struct{ step, published, want string }{
		"npm, none": {"npm v0.1.0 FOLDER", "", npm + "proto-0.1.0.tgz\n" + npm + "jverification-0.1.0.tgz\n" + npm + "core-0.1.0.tgz\n"},
		"npm, some": {
			"npm v0.1.0 FOLDER", "@codetable/proto@0.1.0 @codetable/jverification@0.1.0",
			"@codetable/proto is already published\n@codetable/jverification is already published\n" + npm + "core-0.1.0.tgz\n",
		},
		"maven, none":  {"maven v0.1.0", "", maven},
		"maven, all":   {"maven v0.1.0", "maven", "io.github.codetable is already published\n"},
		"crates, none": {"crates v0.1.0", "", crates + "-p codetable-proto -p codetable-jverification -p codetable\n"},
		"crates, some": {
			"crates v0.1.0", "codetable-proto@0.1.0",
			"codetable-proto is already published\n" + crates + "-p codetable-jverification -p codetable\n",
		},
		"crates, all": {
			"crates v0.1.0", "codetable-proto@0.1.0 codetable-jverification@0.1.0 codetable@0.1.0",
			"codetable-proto is already published\ncodetable-jverification is already published\ncodetable is already published\n",
		},
		"another version": {
			"npm v0.2.0 FOLDER", "@codetable/proto@0.1.0",
			npm + "proto-0.2.0.tgz\n" + npm + "jverification-0.2.0.tgz\n" + npm + "core-0.2.0.tgz\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := withRegistries(t)
			f.env = append(f.env, "GITHUB_ACTIONS=true", "PUBLISHED="+test.published)
			folder := filepath.Join(f.dir, "packages")
			got := f.mustRun("'" + repository(t) + "'/.github/release.sh " + strings.ReplaceAll(test.step, "FOLDER", folder))
			if got = strings.ReplaceAll(got, folder, "FOLDER"); got != test.want {
				t.Errorf("got\n%swant\n%s", got, test.want)
			}
		})
	}
}

// TestReleaseScriptRefuses has wrong arguments, and a tag without an entry in the
// changelog.
func TestReleaseScriptRefuses(t *testing.T) {
	t.Parallel()
	for _, arguments := range []string{"", "npm v0.1.0", "maven", "maven 0.1.0", "maven v0.1", "publish v0.1.0", "notes v99.0.0"} {
		f := withRegistries(t)
		if out, err := f.run("'" + repository(t) + "'/.github/release.sh " + arguments); err == nil {
			t.Errorf("release.sh %s succeeds:\n%s", arguments, out)
		}
	}
}

func withRegistries(t *testing.T) *folder {
	t.Helper()
	f := newFolder(t)
	for _, client := range []string{"npm", "mvn", "cargo"} {
		if err := os.WriteFile(filepath.Join(f.bin, client), []byte(registries), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

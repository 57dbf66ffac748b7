// Package compat_test makes the calls of testdata/peer between this version of
// the library and older ones, in both directions.
package compat_test

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// firstEdition is the last commit before the second edition, which changed what
// masked errors and sentences contain. Programs with this version exist.
const firstEdition = "066840ce619bc94294a95872aa836f4b6bc5b24c"

// Each release is tested as the first edition is.
func TestOlderReleases(t *testing.T) {
	t.Parallel()
	for _, release := range append([]string{firstEdition}, releases(t, ".")...) {
		t.Run(release, func(t *testing.T) {
			t.Parallel()
			need(t, release)
			c := newComparison(release)
			older := compareBothWays(t, c, buildOld(t, filepath.Join("..", ".."), release))
			c.report(t)
			if release == firstEdition {
				checkTranscripts(t, older)
			}
		})
	}
}

// releases returns the tags of releases of the library. The tags of its nested
// modules have a prefix.
func releases(t *testing.T, repo string) []string {
	t.Helper()
	if err := exec.CommandContext(t.Context(), "git", "-C", repo, "rev-parse").Run(); err != nil {
		t.Skipf("SKIPPED: nothing was compared with older releases: this is not a clone of the repository: %v", err)
	}
	return strings.Fields(sh(t, repo, "git tag --list 'v[0-9]*.[0-9]*.[0-9]*'"))
}

// need skips the test, also in CI, if the history has no such commit and the
// origin does not give it: a clone may be shallow, an archive has no history, and
// not every server gives single commits. TestTranscripts needs no history.
func need(t *testing.T, commit string) {
	t.Helper()
	if exec.CommandContext(t.Context(), "git", "cat-file", "-e", commit+"^{commit}").Run() == nil {
		return
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	fetch := exec.CommandContext(ctx, "git", "fetch", "--quiet", "--depth=1", "origin", commit)
	fetch.Env = append(os.Environ(), "GIT_TERMINAL_PROMPT=0")
	if out, err := fetch.CombinedOutput(); err != nil {
		t.Skipf("SKIPPED: nothing was compared with the library of %s: this clone does not have the commit, and git fetch: %v\n%s", commit, err, out)
	}
}

// exchanges are the calls of both clients to both servers.
type exchanges struct{ olderServer, newerServer calls }

// compareBothWays returns the calls of the older client.
func compareBothWays(t *testing.T, c *comparison, older string) exchanges {
	t.Helper()
	byOlder := exchanges{exchange(t, older, older), exchange(t, older, today(t))}
	byToday := exchanges{exchange(t, today(t), older), exchange(t, today(t), today(t))}
	c.compare("sent", byOlder.olderServer, byOlder.newerServer, sentParts)
	c.compare("sent", byToday.olderServer, byToday.newerServer, sentParts)
	c.compare("read", byOlder.olderServer, byToday.olderServer, readParts)
	c.compare("read", byOlder.newerServer, byToday.newerServer, readParts)
	for _, all := range []calls{byOlder.olderServer, byOlder.newerServer, byToday.olderServer, byToday.newerServer} {
		checkCodes(t, all)
	}
	return byOlder
}

// checkCodes checks that each code comes back over each kind of RPC from a server
// that hides nothing. A success is no error.
func checkCodes(t *testing.T, all calls) {
	t.Helper()
	listed := 0
	for k, c := range all {
		if k.mode != "internal" || k.number < 0 {
			continue
		}
		spec, ok := codetable.Lookup(jverificationv1.ResponseCode(k.number))
		if ok {
			listed++
		}
		number, failed := strconv.Itoa(int(k.number)), spec.GRPCCode() != codes.OK
		if c.Read["failed"] != strconv.FormatBool(failed) || failed && (c.Read["code"] != number || c.Read["number"] != number) {
			t.Errorf("%v: read %v", k, c.Read)
		}
	}
	if want := 49 * 5; listed < want {
		t.Errorf("%d calls had a code of the table, want %d or more", listed, want)
	}
}

// A tag makes a release. This test makes one of the files of this folder, which
// must not differ from itself.
func TestTagIsARelease(t *testing.T) {
	t.Parallel()
	releases(t, ".")
	repo := t.TempDir()
	sh(t, filepath.Join("..", ".."), "git ls-files -z --cached --others --exclude-standard go.mod go.sum gen/go interceptor | xargs -0 tar -c | tar -x -C '"+repo+"'")
	sh(t, repo, `git init -q && git add -A && git -c user.name=test -c user.email=test@example.com commit -qm Release
git tag v9.8.7 && git tag interceptor/cmd/v9.8.7 && git tag vague`)
	list := releases(t, repo)
	if !slices.Equal(list, []string{"v9.8.7"}) {
		t.Fatalf("the releases are %q", list)
	}
	c := newComparison(list[0])
	compareBothWays(t, c, buildOld(t, repo, list[0]))
	c.report(t)
}

// The transcripts of the first edition: the bytes that its server sent with what
// its client read of them, and what its client read of the bytes of this release.
const (
	oldBytes = "testdata/sent-by-first-edition.jsonl"
	newBytes = "testdata/read-by-first-edition.jsonl"
)

// TestTranscripts needs no history of the repository.
func TestTranscripts(t *testing.T) {
	t.Parallel()
	replayed := exchange(t, today(t), today(t), oldBytes)
	now := exchange(t, today(t), today(t))
	old, read := transcript(t, oldBytes), transcript(t, newBytes)
	for k, c := range read {
		if !bytes.Equal(c.Status, now[k].Status) || !slices.Equal(c.Pushback, now[k].Pushback) {
			t.Errorf("%v: the server sends other bytes than those that the first edition read: write the transcripts anew", k)
		}
	}
	c := newComparison(firstEdition)
	unary := maps.Clone(replayed)
	maps.DeleteFunc(unary, func(k key, _ call) bool { return k.kind != "unary" })
	c.compare("sent", unary, now, sentParts)
	c.compare("read", old, replayed, readParts)
	c.compare("read", read, now, readParts)
	c.report(t)
	checkCodes(t, replayed)
}

func transcript(t *testing.T, path string) calls {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	all := decode(t, raw)
	if len(all) < 2*51 {
		t.Fatalf("%s has %d calls", path, len(all))
	}
	return all
}

// checkTranscripts compares the transcripts with the calls of the first edition.
func checkTranscripts(t *testing.T, older exchanges) {
	t.Helper()
	for path, all := range map[string]calls{oldBytes: older.olderServer, newBytes: older.newerServer} {
		var b bytes.Buffer
		encoder := json.NewEncoder(&b)
		encoder.SetEscapeHTML(false)
		for _, k := range slices.SortedFunc(maps.Keys(all), compareKeys) {
			c := all[k]
			c.Sent = nil // follows from the status
			if k.kind != "unary" {
				continue
			}
			if err := encoder.Encode(c); err != nil {
				t.Fatal(err)
			}
		}
		if os.Getenv("CODETABLE_UPDATE") == "1" {
			if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		} else if raw, err := os.ReadFile(path); err != nil || !bytes.Equal(raw, b.Bytes()) {
			t.Errorf("%s is not what the first edition sends and reads: CODETABLE_UPDATE=1 go test ./interceptor/compat writes it: %v", path, err)
		}
	}
}

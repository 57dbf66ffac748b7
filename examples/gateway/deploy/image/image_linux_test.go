// Package image_test builds the image of the gateway with make image, and runs what is in it.
package image_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/programtest"
)

// uid is the user of the image, for which no account exists.
const uid = 65532

// maxSize is in bytes. The size of an image decides how fast a new replica starts.
const maxSize = 40 << 20

// TestImage builds the last commit twice, in two clones.
func TestImage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := build(t, filepath.Join(dir, "first"))
	second := build(t, filepath.Join(dir, "another", "folder"))
	if first.digest != second.digest {
		t.Errorf("the images of two folders are %s and %s, want one digest", first.digest, second.digest)
	}
	first.check(t)
	root := first.unpack(t)
	t.Run("run", func(t *testing.T) {
		t.Parallel()
		testRun(t, root)
	})
	t.Run("serve", func(t *testing.T) {
		t.Parallel()
		testServe(t, root)
	})
}

// image is a folder in the OCI layout with one image.
type image struct {
	folder, digest string
	manifest       struct {
		Config descriptor
		Layers []descriptor
	}
}

type descriptor struct {
	Digest string
	Size   int
}

// build clones the last commit into a folder, and builds the image there.
func build(t *testing.T, folder string) *image {
	t.Helper()
	buildah := programtest.Program{Name: "buildah"}.Find(t)
	storage := []string{buildah, "--root", folder + ".storage", "--runroot", folder + ".run", "--storage-driver", "vfs"}
	i := &image{folder: folder + ".layout"}
	run(t, "git", "clone", "--quiet", repository(t), folder)
	run(t, "make", "--silent", "-C", folder, "image", "IMAGE=gateway:test", "BUILDAH="+strings.Join(storage, " "))
	run(t, storage[0], append(storage[1:], "push", "--quiet", "gateway:test", "oci:"+i.folder+":test")...)
	var index struct{ Manifests []descriptor }
	i.decode(t, "index.json", &index)
	if len(index.Manifests) != 1 {
		t.Fatalf("the layout has %d manifests, want 1", len(index.Manifests))
	}
	i.digest = index.Manifests[0].Digest
	i.decode(t, blob(i.digest), &i.manifest)
	return i
}

// commit returns the last commit. COMMIT, which make test sets, is the same: go test repeats
// no test whose variables and files are the same as before, and the Makefile and the clone
// are not among these files.
func commit(t *testing.T) string {
	t.Helper()
	if commit := os.Getenv("COMMIT"); commit != "" {
		return commit
	}
	return strings.TrimSpace(run(t, "git", "rev-parse", "HEAD"))
}

// repository is the folder of the clone that has this test.
func repository(t *testing.T) string {
	t.Helper()
	return strings.TrimSpace(run(t, "git", "rev-parse", "--show-toplevel"))
}

func run(t *testing.T, program string, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), program, args...)
	command.Env = append(os.Environ(), "MAKEFLAGS=") // those of the make that runs the tests
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", command, err, out, &stderr)
	}
	return string(out)
}

func (i *image) decode(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(i.folder, name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}

// blob is where the layout keeps what has a digest.
func blob(digest string) string {
	return filepath.Join("blobs", strings.ReplaceAll(digest, ":", "/"))
}

// config is what the runtime reads.
type config struct {
	User            string
	Entrypoint, Cmd []string
	ExposedPorts    map[string]struct{}
	Labels          map[string]string
}

func (i *image) check(t *testing.T) {
	t.Helper()
	var got struct {
		Created, OS string
		Config      config
	}
	i.decode(t, blob(i.manifest.Config.Digest), &got)
	want := config{
		User:       "65532:65532",
		Entrypoint: []string{"/gateway"}, Cmd: []string{"-config", "/etc/gateway/gateway.yaml"},
		ExposedPorts: map[string]struct{}{"8090/tcp": {}, "8091/tcp": {}, "8092/tcp": {}},
		Labels: map[string]string{
			"org.opencontainers.image.title":       "jverification-gateway",
			"org.opencontainers.image.description": "JiGuang JVerification over gRPC, gRPC-Web, Connect and REST",
			"org.opencontainers.image.source":      "https://github.com/codetable/grpc-codetable",
			"org.opencontainers.image.licenses":    "Apache-2.0",
			"org.opencontainers.image.revision":    commit(t),
		},
	}
	if diff := cmp.Diff(want, got.Config); diff != "" {
		t.Errorf("configuration (-want +got):\n%s", diff)
	}
	if got.OS != "linux" {
		t.Errorf("os = %q, want linux", got.OS)
	}
	size := i.manifest.Config.Size
	for _, layer := range i.manifest.Layers {
		size += layer.Size
	}
	t.Logf("%s: %d bytes to pull", i.digest, size)
	if size > maxSize {
		t.Errorf("size = %d bytes, want at most %d", size, maxSize)
	}
}

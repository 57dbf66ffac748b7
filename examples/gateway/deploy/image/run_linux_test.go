package image_test

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// unpack extracts the layers, and returns the folder that is / in a container.
func (i *image) unpack(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	modes := map[string]os.FileMode{}
	for _, layer := range i.manifest.Layers {
		file, err := os.Open(filepath.Join(i.folder, blob(layer.Digest)))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		unzipped, err := gzip.NewReader(file)
		if err != nil {
			t.Fatal(err)
		}
		extract(t, tar.NewReader(unzipped), root, modes)
	}
	// Nobody but root may change them, not even the user of the image.
	if diff := cmp.Diff(map[string]os.FileMode{"LICENSE": 0o444, "gateway": 0o555}, modes); diff != "" {
		t.Errorf("files of root (-want +got):\n%s", diff)
	}
	if err := os.Chmod(root, 0o755); err != nil {
		t.Fatal(err)
	}
	return root
}

func extract(t *testing.T, archive *tar.Reader, root string, modes map[string]os.FileMode) {
	t.Helper()
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if header.Typeflag != tar.TypeReg || header.Uid != 0 || header.Gid != 0 {
			t.Errorf("the image has %s of type %q and owner %d:%d, want a file of root", header.Name, header.Typeflag, header.Uid, header.Gid)
			continue
		}
		content, err := io.ReadAll(archive)
		if err != nil {
			t.Fatal(err)
		}
		mode := header.FileInfo().Mode()
		if err := os.WriteFile(filepath.Join(root, filepath.Base(header.Name)), content, mode); err != nil {
			t.Fatal(err)
		}
		modes[header.Name] = mode
	}
}

// inside runs the entry point with nothing but the files of the image, as the user of
// the image. Without root it has the files and the user of this machine.
func inside(t *testing.T, root string, args ...string) *exec.Cmd {
	t.Helper()
	command := exec.CommandContext(t.Context(), filepath.Join(root, "gateway"), args...)
	command.Env, command.Dir = []string{}, root
	if os.Geteuid() == 0 {
		command.Path, command.Dir = "/gateway", "/"
		command.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	}
	return command
}

func testRun(t *testing.T, root string) {
	for want, args := range map[string][]string{
		"vcs.revision=" + commit(t): {"-version"},
		"vcs.modified=false":        {"-version"},
		"ok":                        {"-check-config", "-simulate"},
	} {
		if out, err := inside(t, root, args...).CombinedOutput(); err != nil || !strings.Contains(string(out), want) {
			t.Errorf("gateway %s: error %v, and said %q, want %q", strings.Join(args, " "), err, out, want)
		}
	}
	// The default command wants the file that a deployment mounts.
	if out, err := inside(t, root, "-config", "/etc/gateway/gateway.yaml").CombinedOutput(); err == nil || !strings.Contains(string(out), "no such file") {
		t.Errorf("without its file the gateway ended with %v, and said %q", err, out)
	}
}

var metricsURL = regexp.MustCompile(`metrics are listening.*(http://[\d.:]+)/metrics`)

func testServe(t *testing.T, root string) {
	gateway := inside(t, root, "-simulate", "-addr", "127.0.0.1:0")
	log, err := gateway.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := gateway.Start(); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	for lines := bufio.NewScanner(io.TeeReader(log, &said)); lines.Scan(); {
		if url := metricsURL.FindStringSubmatch(lines.Text()); url != nil {
			for _, path := range []string{"/metrics", "/healthz"} {
				get(t, url[1]+path)
			}
			if err := gateway.Process.Signal(syscall.SIGTERM); err != nil {
				t.Error(err)
			}
		}
	}
	if err := gateway.Wait(); err != nil || !strings.Contains(said.String(), "shutting down") {
		t.Errorf("after SIGTERM the gateway ended with %v:\n%s", err, &said)
	}
}

func get(t *testing.T, url string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Error(err)
		return
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("GET %s: %s, want 200", url, response.Status)
	}
}

package kubernetes_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// tool returns the path that a variable of the Makefile has.
func tool(t *testing.T, variable string) string {
	t.Helper()
	path := os.Getenv(variable)
	if path == "" {
		complain := t.Skipf
		if os.Getenv("CI") == "true" {
			complain = t.Fatalf
		}
		complain("SKIPPED: %s is not set: run make lint-deploy, and then make test", variable)
	}
	return path
}

// kubeconform returns what kubeconform says of a manifest, and its error.
func kubeconform(t *testing.T, manifest string) (string, error) {
	t.Helper()
	location := filepath.Join(tool(t, "SCHEMAS"), "{{.ResourceKind}}{{.KindSuffix}}.json")
	command := exec.CommandContext(t.Context(), tool(t, "KUBECONFORM"), "-strict", "-schema-location", location)
	command.Stdin = strings.NewReader(manifest)
	out, err := command.CombinedOutput()
	return string(out), err
}

// TestRefused makes one mistake in each manifest. make lint-deploy finds that they have
// none.
func TestRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ file, old, mistake, want string }{
		{"namespace.yaml", "labels:", "lables:", "'lables' not allowed"},
		{"deployment.yaml", "readOnlyRootFilesystem", "readOnlyRootFileSystem", "'readOnlyRootFileSystem' not allowed"},
		{"deployment.yaml", "maxSurge: 1", "maxSurge: [1]", "got array, want integer"},
		{"deployment.yaml", "replicas: 3", "replicas: 3\n  replicas: 4", `"replicas" already set`},
		{"services.yaml", "clusterIP:", "clusterIp:", "'clusterIp' not allowed"},
		{"poddisruptionbudget.yaml", "unhealthyPodEvictionPolicy", "unhealthyPodEviction", "'unhealthyPodEviction' not allowed"},
		{"networkpolicy.yaml", "except:", "excepts:", "'excepts' not allowed"},
		{"networkpolicy.yaml", "networking.k8s.io/v1", "networking.k8s.io/v1alpha9", "could not find schema for NetworkPolicy"},
		{"monitoring/servicemonitor.yaml", "interval:", "intervall:", "'intervall' not allowed"},
		{"monitoring/servicemonitor.yaml", "interval: 15s", "interval: 15", "got number, want string"},
		{"monitoring/alerts.yaml", "expr:", "expression:", "'expression' not allowed"},
		{"monitoring/recording.yaml", "groups:", "group:", "'group' not allowed"},
	} {
		t.Run(test.file+" "+test.mistake, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(test.file)
			if err != nil {
				t.Fatal(err)
			}
			if said, err := kubeconform(t, string(text)); err != nil {
				t.Fatalf("kubeconform refuses the manifest: %v\n%s", err, said)
			}
			wrong := strings.Replace(string(text), test.old, test.mistake, 1)
			if wrong == string(text) {
				t.Fatalf("%s has no %q", test.file, test.old)
			}
			if said, err := kubeconform(t, wrong); err == nil || !strings.Contains(said, test.want) {
				t.Errorf("kubeconform ends with %v and says %q, want %q", err, said, test.want)
			}
		})
	}
}

// overlay writes the kustomization of the README, with the manifests of this folder, and
// returns its folder.
func overlay(t *testing.T) string {
	t.Helper()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, found := strings.Cut(string(readme), "```yaml\nresources:")
	text, _, closed := strings.Cut(text, "```")
	if !found || !closed {
		t.Fatal("the README has no kustomization")
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	relative, err := filepath.Rel(dir, here) // kustomize refuses absolute paths
	if err != nil {
		t.Fatal(err)
	}
	release := regexp.MustCompile(`github\.com/\S+//examples/gateway/deploy/kubernetes\?ref=v\S+`)
	kustomization := release.ReplaceAllLiteralString("resources:"+text, filepath.ToSlash(relative))
	for name, content := range map[string]string{"kustomization.yaml": kustomization, "gateway.yaml": "app-key: of-the-overlay\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestOverlay(t *testing.T) {
	t.Parallel()
	rendered, err := exec.CommandContext(t.Context(), tool(t, "KUSTOMIZE"), "build", overlay(t)).CombinedOutput()
	if err != nil {
		t.Fatalf("kustomize: %v\n%s", err, rendered)
	}
	if said, err := kubeconform(t, string(rendered)); err != nil {
		t.Errorf("kubeconform: %v\n%s", err, said)
	}
	configMap := regexp.MustCompile(`(?m)^  name: (jverification-gateway-[a-z0-9]{10})$`).FindStringSubmatch(string(rendered))
	if configMap == nil {
		t.Fatalf("the ConfigMap has no hash in its name:\n%s", rendered)
	}
	for _, want := range []string{
		"gateway.yaml: |\n    app-key: of-the-overlay\nkind: ConfigMap", // and nothing else
		"\n          name: " + configMap[1] + "\n",                      // of the volume
		"image: registry.example.com/jverification-gateway:v0.1.0\n",
	} {
		if !strings.Contains(string(rendered), want) {
			t.Errorf("the rendered manifests lack %q:\n%s", want, rendered)
		}
	}
}

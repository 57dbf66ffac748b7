package kubernetes_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// kubeconform returns what kubeconform says of a manifest, and its error.
func kubeconform(t *testing.T, manifest string) (string, error) {
	t.Helper()
	program, schemas := os.Getenv("KUBECONFORM"), os.Getenv("SCHEMAS")
	if program == "" || schemas == "" {
		const remedy = "KUBECONFORM and SCHEMAS are not set: run make lint-deploy, and then make test"
		if os.Getenv("CI") == "true" {
			t.Fatal(remedy)
		}
		t.Skip("SKIPPED: " + remedy)
	}
	command := exec.CommandContext(t.Context(), program, "-strict", "-schema-location", filepath.Join(schemas, "{{.ResourceKind}}{{.KindSuffix}}.json"))
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

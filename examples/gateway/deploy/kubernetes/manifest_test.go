// Package kubernetes_test checks the manifests against each other and against the gateway.
package kubernetes_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"go.yaml.in/yaml/v3"
)

// labels select what has all of them.
type labels map[string]string

func (l labels) match(of labels) bool {
	for key, value := range l {
		if of[key] != value {
			return false
		}
	}
	return len(l) > 0
}

// manifest has what the tests read of a resource, of any kind.
type manifest struct {
	Kind     string
	Metadata struct {
		Name   string
		Labels labels
	}
	Spec struct {
		Replicas       int
		Selector       yaml.Node // of pods: labels in a Service, and matchLabels elsewhere
		PodSelector    selector  `yaml:"podSelector"`
		Template       template
		Ports          []port
		ClusterIP      string `yaml:"clusterIP"`
		JobLabel       string `yaml:"jobLabel"`
		MaxUnavailable int    `yaml:"maxUnavailable"`
		Endpoints      []struct{ Port, Path string }
		Ingress        []rule
		Egress         []rule
	}
}

type selector struct {
	MatchLabels labels `yaml:"matchLabels"`
}

type port struct {
	Name          string
	Port          string
	TargetPort    string `yaml:"targetPort"`
	ContainerPort int    `yaml:"containerPort"`
}

type rule struct{ Ports []port }

type template struct {
	Metadata struct{ Labels labels }
	Spec     struct {
		AutomountServiceAccountToken *bool    `yaml:"automountServiceAccountToken"`
		GracePeriod                  int      `yaml:"terminationGracePeriodSeconds"`
		SecurityContext              security `yaml:"securityContext"`
		Spread                       []struct {
			LabelSelector selector `yaml:"labelSelector"`
		} `yaml:"topologySpreadConstraints"`
		Containers []container
		Volumes    []struct {
			Name      string
			ConfigMap struct{ Name string } `yaml:"configMap"`
			Secret    struct {
				SecretName string `yaml:"secretName"`
			}
		}
	}
}

type security struct {
	RunAsNonRoot             bool  `yaml:"runAsNonRoot"`
	RunAsUser                int   `yaml:"runAsUser"`
	AllowPrivilegeEscalation *bool `yaml:"allowPrivilegeEscalation"`
	ReadOnlyRootFilesystem   bool  `yaml:"readOnlyRootFilesystem"`
	Capabilities             struct{ Add, Drop []string }
	SeccompProfile           struct{ Type string } `yaml:"seccompProfile"`
}

type container struct {
	Args      []string
	Ports     []port
	Env       []struct{ Name, Value string }
	Resources struct{ Requests, Limits map[string]string }

	SecurityContext security `yaml:"securityContext"`
	StartupProbe    probe    `yaml:"startupProbe"`
	LivenessProbe   probe    `yaml:"livenessProbe"`
	ReadinessProbe  probe    `yaml:"readinessProbe"`
	VolumeMounts    []struct {
		Name      string
		MountPath string `yaml:"mountPath"`
	} `yaml:"volumeMounts"`
}

type probe struct {
	HTTPGet struct{ Path, Port string } `yaml:"httpGet"`
}

// read returns the resources of this folder and its subfolders, by kind and name.
func read(t *testing.T) map[string]manifest {
	t.Helper()
	all := map[string]manifest{}
	paths, _ := filepath.Glob("*.yaml")
	more, _ := filepath.Glob(filepath.Join("*", "*.yaml"))
	for _, path := range append(paths, more...) {
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		for decoder := yaml.NewDecoder(file); ; {
			var m manifest
			err := decoder.Decode(&m)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			if m.Kind != "" && m.Kind != "Kustomization" {
				all[m.Kind+"/"+m.Metadata.Name] = m
			}
		}
	}
	return all
}

// decode reads a file of this repository.
func decode(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

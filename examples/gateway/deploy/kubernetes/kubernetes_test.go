package kubernetes_test

import (
	"net"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	name = "jverification-gateway"
	// exportTime is what the gateway gives the last traces, after its grace.
	exportTime = 5 * time.Second
)

// settings are those of gateway.yaml that concern the manifests.
type settings struct {
	Addr         string
	WebAddr      string        `yaml:"web-addr"`
	MetricsAddr  string        `yaml:"metrics-addr"`
	AllowedHosts []string      `yaml:"allowed-hosts"`
	DrainDelay   time.Duration `yaml:"drain-delay"`
	Grace        time.Duration
	MasterSecret string `yaml:"master-secret-file"`
	RedisURL     string `yaml:"redis-url-file"`
}

// readAll returns the manifests, the gateway's settings, and its pods.
func readAll(t *testing.T) (map[string]manifest, settings, template, container) {
	t.Helper()
	all := read(t)
	pods := all["Deployment/"+name].Spec.Template
	if len(pods.Spec.Containers) != 1 {
		t.Fatalf("the Deployment has %d containers, want 1", len(pods.Spec.Containers))
	}
	var set settings
	decode(t, "gateway.yaml", &set)
	return all, set, pods, pods.Spec.Containers[0]
}

func TestSelectors(t *testing.T) {
	t.Parallel()
	all, _, pods, _ := readAll(t)
	of := pods.Metadata.Labels
	spread := pods.Spec.Spread
	selectors := map[string]labels{"NetworkPolicy": all["NetworkPolicy/"+name].Spec.PodSelector.MatchLabels}
	for i := range spread {
		selectors["topologySpreadConstraints "+strconv.Itoa(i)] = spread[i].LabelSelector.MatchLabels
	}
	for _, key := range []string{"Deployment/" + name, "PodDisruptionBudget/" + name, "ServiceMonitor/" + name} {
		var s selector
		node := all[key].Spec.Selector
		if err := node.Decode(&s); err != nil {
			t.Fatalf("%s: %v", key, err)
		}
		selectors[key] = s.MatchLabels
	}
	for _, service := range []string{name, name + "-headless"} {
		var s labels
		node := all["Service/"+service].Spec.Selector
		if err := node.Decode(&s); err != nil {
			t.Fatalf("%s: %v", service, err)
		}
		selectors["Service/"+service] = s
		// The ServiceMonitor selects services.
		if got := all["Service/"+service].Metadata.Labels; !cmp.Equal(got, of) {
			t.Errorf("Service %s has the labels %v, want %v", service, got, of)
		}
	}
	for where, s := range selectors {
		if !s.match(of) {
			t.Errorf("%s selects %v, which the pods' labels %v do not match", where, s, of)
		}
	}
	if _, ok := of[all["ServiceMonitor/"+name].Spec.JobLabel]; !ok {
		t.Error("jobLabel of the ServiceMonitor is no label of the services")
	}
}

// TestPorts follows each port from the gateway's settings to those who use it.
func TestPorts(t *testing.T) {
	t.Parallel()
	all, set, _, gateway := readAll(t)
	want := map[string]string{"grpc": set.Addr, "web": set.WebAddr, "metrics": set.MetricsAddr}
	listening := map[string]string{}
	for _, p := range gateway.Ports {
		listening[p.Name] = net.JoinHostPort("0.0.0.0", strconv.Itoa(p.ContainerPort))
	}
	if diff := cmp.Diff(want, listening); diff != "" {
		t.Errorf("ports of the container (-gateway.yaml +Deployment):\n%s", diff)
	}
	image := readContainerfile(t)
	for _, addr := range want {
		if _, port, _ := net.SplitHostPort(addr); !slices.Contains(strings.Fields(image["EXPOSE"]), port) {
			t.Errorf("the image exposes %s, and the gateway listens on %s", image["EXPOSE"], addr)
		}
	}
	for _, service := range []string{name, name + "-headless"} {
		for _, p := range all["Service/"+service].Spec.Ports {
			if want[p.TargetPort] != "0.0.0.0:"+p.Port || p.Name != p.TargetPort {
				t.Errorf("Service %s has the port %+v, want one of %v", service, p, want)
			}
		}
	}
}

func TestPolicy(t *testing.T) {
	t.Parallel()
	policy := read(t)["NetworkPolicy/"+name].Spec
	// Callers, and Prometheus.
	if diff := cmp.Diff([][]string{{"grpc", "web"}, {"metrics"}}, ports(policy.Ingress)); diff != "" {
		t.Errorf("ports that others reach (-want +got):\n%s", diff)
	}
	// DNS over UDP and TCP, the upstream, Redis, and OTLP.
	if diff := cmp.Diff([][]string{{"53", "53"}, {"443"}, {"6379"}, {"4317"}}, ports(policy.Egress)); diff != "" {
		t.Errorf("ports that the gateway reaches (-want +got):\n%s", diff)
	}
}

func ports(rules []rule) (ports [][]string) {
	for _, rule := range rules {
		var of []string
		for _, p := range rule.Ports {
			of = append(of, p.Port)
		}
		ports = append(ports, of)
	}
	return ports
}

// TestScrape wants each pod to be scraped once, whether it is ready or not.
func TestScrape(t *testing.T) {
	t.Parallel()
	all := read(t)
	monitored := all["ServiceMonitor/"+name].Spec.Endpoints
	if len(monitored) != 1 || monitored[0].Path != "/metrics" {
		t.Fatalf("the ServiceMonitor scrapes %v, want /metrics once", monitored)
	}
	var services []string
	for key, m := range all {
		if m.Kind == "Service" && slices.ContainsFunc(m.Spec.Ports, func(p port) bool { return p.Name == monitored[0].Port }) {
			services = append(services, key)
		}
	}
	if diff := cmp.Diff([]string{"Service/" + name + "-headless"}, services); diff != "" {
		t.Errorf("services with the scraped port (-want +got):\n%s", diff)
	}
	if ip := all["Service/"+name+"-headless"].Spec.ClusterIP; ip != "None" {
		t.Errorf("clusterIP of the headless service = %q, want None", ip)
	}
}

// TestGrace wants the end of the process before Kubernetes kills it.
func TestGrace(t *testing.T) {
	t.Parallel()
	_, set, pods, _ := readAll(t)
	period := time.Duration(pods.Spec.GracePeriod) * time.Second
	if needed := set.DrainDelay + set.Grace + exportTime; set.DrainDelay <= 0 || period <= needed {
		t.Errorf("the pod is killed after %s, and its end may take %s", period, needed)
	}
}

func TestDisruption(t *testing.T) {
	t.Parallel()
	all, _, _, _ := readAll(t)
	if n, most := all["Deployment/"+name].Spec.Replicas, all["PodDisruptionBudget/"+name].Spec.MaxUnavailable; most < 1 || n <= most {
		t.Errorf("%d of %d replicas may be disrupted: want at least one, and not all", most, n)
	}
}

// TestRestricted has the fields that the Pod Security Standard "restricted" demands.
func TestRestricted(t *testing.T) {
	t.Parallel()
	all, _, pods, gateway := readAll(t)
	if level := all["Namespace/jverification"].Metadata.Labels["pod-security.kubernetes.io/enforce"]; level != "restricted" {
		t.Errorf("the namespace enforces %q", level)
	}
	pod, own := pods.Spec.SecurityContext, gateway.SecurityContext
	if user := strconv.Itoa(pod.RunAsUser); !pod.RunAsNonRoot || user+":"+user != readContainerfile(t)["USER"] {
		t.Errorf("the pod runs as %s, want the user of the image", user)
	}
	if pod.SeccompProfile.Type != "RuntimeDefault" || !own.ReadOnlyRootFilesystem ||
		own.AllowPrivilegeEscalation == nil || *own.AllowPrivilegeEscalation ||
		!slices.Equal(own.Capabilities.Drop, []string{"ALL"}) || len(own.Capabilities.Add) > 0 {
		t.Errorf("the security contexts are not restricted:\n%+v\n%+v", pod, own)
	}
	if token := pods.Spec.AutomountServiceAccountToken; token == nil || *token {
		t.Error("the pod has a token for the API of the cluster")
	}
}

// TestMemory wants the garbage collector to know of the limit before it is reached.
func TestMemory(t *testing.T) {
	t.Parallel()
	_, _, _, gateway := readAll(t)
	var soft string
	for _, variable := range gateway.Env {
		if variable.Name == "GOMEMLIMIT" {
			soft = variable.Value
		}
	}
	limit, memory := mebibytes(t, soft), mebibytes(t, gateway.Resources.Limits["memory"])
	if limit > memory*9/10 || limit < memory*8/10 || mebibytes(t, gateway.Resources.Requests["memory"]) > memory {
		t.Errorf("GOMEMLIMIT = %d MiB, want 80 to 90 %% of the limit, %d MiB", limit, memory)
	}
	if gateway.Resources.Limits["cpu"] == "" || gateway.Resources.Requests["cpu"] == "" {
		t.Error("the CPU has no limit, from which Go takes GOMAXPROCS, or no request")
	}
}

func mebibytes(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSuffix(text, "B"), "Mi"))
	if err != nil {
		t.Fatalf("%q is no size such as 256Mi: %v", text, err)
	}
	return n
}

// TestMounts wants the files where the image and gateway.yaml say that they are.
func TestMounts(t *testing.T) {
	t.Parallel()
	_, set, pods, gateway := readAll(t)
	mounts := map[string]string{}
	for _, volume := range pods.Spec.Volumes {
		for _, mount := range gateway.VolumeMounts {
			if mount.Name == volume.Name {
				mounts[mount.MountPath] = "ConfigMap " + volume.ConfigMap.Name
				if volume.Secret.SecretName != "" {
					mounts[mount.MountPath] = "Secret " + volume.Secret.SecretName
				}
			}
		}
	}
	var kustomization struct {
		ConfigMaps []struct {
			Name  string
			Files []string
		} `yaml:"configMapGenerator"`
	}
	decode(t, "kustomization.yaml", &kustomization)
	if len(kustomization.ConfigMaps) != 1 || !slices.Equal(kustomization.ConfigMaps[0].Files, []string{"gateway.yaml"}) {
		t.Fatalf("the generated ConfigMaps are %v, want one of gateway.yaml", kustomization.ConfigMaps)
	}
	// The command of the image reads the file, as the Deployment sets no other one.
	file := regexp.MustCompile(`"-config", "(.*)"`).FindStringSubmatch(readContainerfile(t)["CMD"])
	if len(file) == 0 || path.Base(file[1]) != "gateway.yaml" || mounts[path.Dir(file[1])] != "ConfigMap "+kustomization.ConfigMaps[0].Name || gateway.Args != nil {
		t.Errorf("the image reads %q, and %v is mounted", file, mounts)
	}
	for _, secret := range []string{set.MasterSecret, set.RedisURL} {
		if mounts[path.Dir(secret)] != "Secret "+name {
			t.Errorf("gateway.yaml reads %s, and %v is mounted", secret, mounts)
		}
		// The command that makes the Secret is in the comment of this file.
		text, err := os.ReadFile("kustomization.yaml")
		if err != nil || !strings.Contains(string(text), "--from-file="+path.Base(secret)) {
			t.Errorf("the documented command makes no file %s (error %v)", path.Base(secret), err)
		}
	}
}

// readContainerfile returns the arguments of the instructions that occur once.
func readContainerfile(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("../Containerfile")
	if err != nil {
		t.Fatal(err)
	}
	instructions := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if instruction, args, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			instructions[instruction] = args
		}
	}
	return instructions
}

// TestRules wants the resources of the operator to have the rules that promtool tests.
func TestRules(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"alerts.yaml", "recording.yaml"} {
		var want any
		decode(t, "../prometheus/"+name, &want)
		var resource struct{ Spec any }
		decode(t, "monitoring/"+name, &resource)
		if diff := cmp.Diff(want, resource.Spec); diff != "" || want == nil {
			t.Errorf("monitoring/%s (-prometheus +monitoring): run make generate\n%s", name, diff)
		}
	}
}

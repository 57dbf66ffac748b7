package report

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// MachineKeys are the lines of the raw file that describe the machine.
var MachineKeys = []string{"cpu", "cores", "memory", "kernel", "go", "load-before", "date"}

// machine returns the lines of MachineKeys but cpu, which go test writes. What
// is in /proc is unknown on a system without it.
func machine() map[string]string {
	return map[string]string{
		"cores":       strconv.Itoa(runtime.NumCPU()),
		"memory":      memory(),
		"kernel":      runtime.GOOS + " " + kernel(),
		"go":          runtime.Version() + " " + runtime.GOARCH,
		"load-before": proc("loadavg"),
		"date":        time.Now().UTC().Format(time.DateOnly),
	}
}

// kernel is the version without the name of the build.
func kernel() string {
	version, _, _ := strings.Cut(proc("sys/kernel/osrelease"), "-")
	return version
}

// proc returns the first word of a file in /proc.
func proc(name string) string {
	content, err := os.ReadFile("/proc/" + name) //nolint:gosec // the names are those of this file and of record.go
	if words := strings.Fields(string(content)); err == nil && len(words) > 0 {
		return words[0]
	}
	return "unknown"
}

// memory is the total memory in GiB. The file begins with MemTotal: and the
// size in KiB.
func memory() string {
	content, err := os.ReadFile("/proc/meminfo")
	words := strings.Fields(string(content))
	if err != nil || len(words) < 2 {
		return "unknown"
	}
	kib, err := strconv.ParseFloat(words[1], 64)
	if err != nil {
		return "unknown"
	}
	return fmt.Sprintf("%.1f GiB", kib/(1<<20))
}

// Versions returns the version of each module in go.mod of the current folder.
// That of the library itself is "this repository".
func Versions(modules []string) (map[string]string, error) {
	out, err := exec.Command("go", append([]string{"list", "-m", "-f", "{{.Path}} {{if .Replace}}this repository{{else}}{{.Version}}{{end}}"}, modules...)...).Output() //nolint:gosec // the modules are those of the peers
	if err != nil {
		return nil, fmt.Errorf("list the versions of the peers: %w", err)
	}
	versions := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, version, _ := strings.Cut(strings.TrimSpace(line), " ")
		versions[path] = version
	}
	return versions, nil
}

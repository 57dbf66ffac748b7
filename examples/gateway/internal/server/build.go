package server

import (
	"cmp"
	"runtime/debug"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
)

const unknown = "unknown"

// version names the build as the Go command recorded it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "gateway of an unknown version"
	}
	words := []string{"gateway", info.Main.Version, info.GoVersion}
	for _, setting := range info.Settings {
		switch setting.Key {
		case "vcs.revision", "vcs.time", "vcs.modified":
			words = append(words, setting.Key+"="+setting.Value)
		}
	}
	return strings.Join(words, " ")
}

// newBuildInfo is a gauge of 1, to be joined with other metrics. What the Go command
// did not record, such as the revision where no repository was at hand, is "unknown".
func newBuildInfo() prometheus.Collector {
	labels := prometheus.Labels{"version": unknown, "revision": unknown, "goversion": unknown}
	if info, ok := debug.ReadBuildInfo(); ok {
		labels["version"], labels["goversion"] = cmp.Or(info.Main.Version, unknown), cmp.Or(info.GoVersion, unknown)
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" {
				labels["revision"] = setting.Value
			}
		}
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "gateway_build_info", Help: "1, with the version, the revision and the version of Go of this build.", ConstLabels: labels,
	})
	build.Set(1)
	return build
}

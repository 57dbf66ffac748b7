package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// BenchmarkColdStart measures a whole run of the command, from the start of the
// process to its end, on a binary that is in the page cache.
func BenchmarkColdStart(b *testing.B) {
	binary := filepath.Join(b.TempDir(), "codetable")
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	build := exec.CommandContext(b.Context(), "go", "build", "-o", binary, ".")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		b.Fatal(err)
	}
	for name, args := range map[string][]string{
		"explain": {"explain", "9003"},
		"list":    {"list"},
		"version": {"--version"},
	} {
		b.Run(name, func(b *testing.B) {
			var cpu time.Duration
			for b.Loop() {
				command := exec.CommandContext(b.Context(), binary, args...)
				if err := command.Run(); err != nil {
					b.Fatal(err)
				}
				cpu += command.ProcessState.UserTime() + command.ProcessState.SystemTime()
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(b.N), "ms/op")
			b.ReportMetric(float64(cpu.Microseconds())/1000/float64(b.N), "cpu-ms/op")
		})
	}
}

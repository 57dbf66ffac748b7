package report

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The rounds of a measurement. Each growth is a process of its own, and the
// large tables take seconds.
const (
	peerRounds   = 10
	growthRounds = 5
	benchTime    = "200ms" // for each benchmark in a round
)

// idle is the greatest load of a machine on which a measurement means anything.
const idle = 0.5

// A recorder measures in the folder of this module.
type recorder struct {
	binary   string // the compiled benchmarks
	raw      io.Writer
	progress io.Writer
	begin    time.Time
}

// Record compiles the benchmarks of the current folder, runs them, and writes
// the raw file. It tells its progress. It returns an error if a benchmark fails,
// and when ctx ends.
func Record(ctx context.Context, peers []Peer, raw, progress io.Writer) error {
	folder, err := os.MkdirTemp("", "bench-peers")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	r := recorder{filepath.Join(folder, "bench.test"), raw, progress, time.Now()}
	if err := r.describe(peers); err != nil {
		return err
	}
	r.tell("compile the benchmarks")
	compile := exec.CommandContext(ctx, "go", "test", "-c", "-o", r.binary, ".") //nolint:gosec // no input from outside
	compile.Stderr = progress
	if err := compile.Run(); err != nil {
		return fmt.Errorf("compile the benchmarks: %w", err)
	}
	for round := range peerRounds {
		r.tell(fmt.Sprintf("round %d of %d: libraries", round+1, peerRounds))
		reverse := fmt.Sprintf("-reverse=%t", round%2 == 1)
		if err := r.run(ctx, "^Benchmark(Encode|Decode|Call)$", reverse); err != nil {
			return err
		}
		if round >= growthRounds {
			continue
		}
		for _, size := range Sizes {
			r.tell(fmt.Sprintf("round %d of %d: tables %d, codes of each %d", round+1, growthRounds, size.Tables, size.Codes))
			if err := r.run(ctx, fmt.Sprintf("^BenchmarkGrowth$/^tables=%d$/^codes=%d$", size.Tables, size.Codes)); err != nil {
				return err
			}
		}
	}
	r.tell("done")
	return nil
}

// describe writes the machine and the versions of the peers.
func (r recorder) describe(peers []Peer) error {
	if load, err := strconv.ParseFloat(proc("loadavg"), 64); err == nil && load > idle {
		r.tell(fmt.Sprintf("this machine has a load of %g: measure on an idle one, or the ratios are noise", load))
	}
	config, err := Versions(Modules(peers))
	if err != nil {
		return err
	}
	maps.Copy(config, machine())
	for _, key := range slices.Sorted(maps.Keys(config)) {
		if _, err := fmt.Fprintf(r.raw, "%s: %s\n", key, config[key]); err != nil {
			return err
		}
	}
	return nil
}

// Modules returns the modules of the peers, each once.
func Modules(peers []Peer) []string {
	modules := make([]string, 0, len(peers))
	for _, p := range peers {
		modules = append(modules, p.Module)
	}
	slices.Sort(modules)
	return slices.Compact(modules)
}

// run runs the benchmarks of a pattern in a process of their own. The raw file
// gets the lines of the benchmark format only.
func (r recorder) run(ctx context.Context, pattern string, arguments ...string) error {
	arguments = append([]string{"-test.run=^$", "-test.bench=" + pattern, "-test.benchtime=" + benchTime}, arguments...)
	cmd := exec.CommandContext(ctx, r.binary, arguments...) //nolint:gosec // the binary was built above
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("run the benchmarks %s: %w\n%s", pattern, err, out)
	}
	for line := range strings.Lines(string(out)) {
		if strings.HasPrefix(line, "Benchmark") || strings.HasPrefix(line, "cpu: ") {
			if _, err := io.WriteString(r.raw, line); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r recorder) tell(step string) {
	_, _ = fmt.Fprintf(r.progress, "%4.0f s  %s\n", time.Since(r.begin).Seconds(), step)
}

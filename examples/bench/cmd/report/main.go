// Command report measures codetable and its peers. It writes testdata/raw.txt,
// RESULTS.md and results.svg in the current folder, which is that of this
// module. With -render it measures nothing and writes the last two again.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"

	"github.com/codetable/grpc-codetable/examples/bench/internal/peer"
	"github.com/codetable/grpc-codetable/examples/bench/internal/report"
)

// limit ends a measurement on a machine that is too slow for it.
const limit = 20 * time.Minute

func main() {
	render := flag.Bool("render", false, "write RESULTS.md and results.svg from testdata/raw.txt, without a measurement")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *render); err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
		os.Exit(1) //nolint:gocritic // the process ends, and with it the signals
	}
}

// run writes all files at the end, so that a measurement that fails changes
// nothing.
func run(ctx context.Context, render bool) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	peers := report.PeersOf(peer.All())
	var raw bytes.Buffer
	if render {
		content, err := os.ReadFile(report.RawFile)
		if err != nil {
			return err
		}
		raw.Write(content)
	} else if err := report.Record(ctx, peers, &raw, os.Stderr); err != nil {
		return err
	}
	files, err := report.Render(raw.Bytes(), peers)
	if err != nil {
		return err
	}
	for name, content := range files {
		if err := os.WriteFile(name, content, 0o644); err != nil { //nolint:gosec // everybody may read the report
			return err
		}
	}
	return nil
}

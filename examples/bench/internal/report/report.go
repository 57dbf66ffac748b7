package report

import (
	"bytes"

	"github.com/codetable/grpc-codetable/examples/bench/internal/peer"
)

// The files of a report, in the folder of this module.
const (
	RawFile     = "testdata/raw.txt"
	ResultsFile = "RESULTS.md"
	ChartFile   = "results.svg"
)

// PeersOf returns the rows of the peers, and that of a handler that keeps the
// status of the base.
func PeersOf(all []peer.Peer) []Peer {
	var peers []Peer
	for _, p := range all {
		peers = append(peers, Peer{p.Name, p.Module, p.LeavesOut})
		if p.Name == Base {
			peers = append(peers, Peer{Kept, p.Module, "all that differs from call to call"})
		}
	}
	return peers
}

// Read returns the results of the content of a raw file.
func Read(raw []byte, peers []Peer) (*Results, error) {
	parsed, err := ParseRaw(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	return NewResults(parsed, peers), nil
}

// Render returns the content of each file of a report.
func Render(raw []byte, peers []Peer) (map[string][]byte, error) {
	results, err := Read(raw, peers)
	if err != nil {
		return nil, err
	}
	chart, err := results.Chart()
	if err != nil {
		return nil, err
	}
	return map[string][]byte{RawFile: raw, ResultsFile: []byte(results.Markdown()), ChartFile: []byte(chart)}, nil
}

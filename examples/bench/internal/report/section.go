package report

import (
	"fmt"
	"regexp"
	"strings"
)

// The peers that the report names itself.
const (
	Codetable = "codetable"
	Base      = "status.WithDetails"            // its row is 1 in each ratio
	Kept      = "status.WithDetails, made once" // a variable of the package keeps it
)

// The units that the benchmarks of this module report beside those of go test.
const (
	StatusBytes   = "status-B" // bytes of the serialized google.rpc.Status
	WireBytes     = "wire-B"   // bytes of the frames with which a server answers a failing call
	HeapBytes     = "heap-B"   // bytes that stay in use
	ProcessorTime = "cpu-ns/op"
)

// A Size is a number of tables with a number of codes each.
type Size struct{ Tables, Codes int }

// Sizes are those of the growth. The first one is the base of the others.
var Sizes = []Size{{1, 49}, {1, 500}, {1, 5_000}, {1, 50_000}, {10, 49}, {100, 49}, {100, 500}}

// String returns the name in benchmarks.
func (s Size) String() string { return fmt.Sprintf("tables=%d/codes=%d", s.Tables, s.Codes) }

// A Peer is a row of a table.
type Peer struct{ Name, Module, LeavesOut string }

// in reports whether a table has the row. A handler can keep only the error of
// a failure that is always the same.
func (p Peer) in(s section) bool { return p.Name != Kept || strings.HasSuffix(s.id, "-static") }

var notInSlug = regexp.MustCompile(`[^a-z0-9]+`)

// Slug returns the name of a peer in the names of benchmarks and figures.
func Slug(peer string) string { return notInSlug.ReplaceAllString(strings.ToLower(peer), "-") }

// A section is one table of the report. Its rows are peers, or sizes.
type section struct {
	id, title, text string
	columns         []column
}

// A column is one figure of each row. A figure that is not exact is a ratio.
type column struct {
	id, title string
	benchmark string // of a row: %s is its part of the name
	unit      string
	exact     bool
}

func (c column) of(row string) string { return fmt.Sprintf(c.benchmark, row) }

// peerSections compare the peers. The first column decides the order.
var peerSections = []section{
	{
		"encode-static", "Encode a failure that the table describes whole",
		"From the code to the status that a server sends.", encodeColumns("static"),
	},
	{
		"encode-metadata", "Encode a failure with an id of the call",
		"The same with one entry of metadata that no library can know in advance.", encodeColumns("metadata"),
	},
	{
		"decode", "Decode a failure",
		"From the error that grpc-go or connect-go returns to the number of the code, with what the interceptor of the client does.",
		[]column{
			{"time", "time", "Decode/peer=%s", "sec/op", false},
			{"memory", "memory", "Decode/peer=%s", "B/op", false},
			{"allocations", "allocations", "Decode/peer=%s", "allocs/op", true},
		},
	},
	{"call-ok", "A whole call that succeeds", "Client and server, with what each peer puts before and behind them.", callColumns("ok")},
	{
		"call-static", "A whole call that fails as the table describes",
		"From the call to the number of the code.", append(callColumns("static"), wire("static")),
	},
	{
		"call-metadata", "A whole call that fails with an id of the call",
		"The same with one entry of metadata.", append(callColumns("metadata"), wire("metadata")),
	},
}

func encodeColumns(kind string) []column {
	benchmark := "Encode/error=" + kind + "/peer=%s"
	return []column{
		{"time", "time", benchmark, "sec/op", false},
		{"memory", "memory", benchmark, "B/op", false},
		{"allocations", "allocations", benchmark, "allocs/op", true},
		{"bytes", "bytes of the status", benchmark, StatusBytes, true},
	}
}

func callColumns(ends string) []column {
	benchmark := "Call/ends=" + ends + "/peer=%s"
	return []column{
		{"time", "time", benchmark, "sec/op", false},
		{"processor", "processor time", benchmark, "cpu-sec/op", false},
		{"memory", "memory", benchmark, "B/op", false},
		{"allocations", "allocations", benchmark, "allocs/op", false},
	}
}

func wire(ends string) column {
	return column{"bytes", "bytes on the wire", "Call/ends=" + ends + "/peer=%s", WireBytes, true}
}

// growth compares the sizes.
var growth = section{
	"growth", "Growth",
	"Each figure is that of the first row, multiplied.",
	[]column{
		growthColumn("linked", "start", "sec/op", "linked: first use"),
		growthColumn("linked", "start", HeapBytes, "memory"),
		growthColumn("linked", "encode", "sec/op", "encode"),
		growthColumn("linked", "decode", "sec/op", "decode"),
		growthColumn("Resolver", "start", "sec/op", "Resolver: start"),
		growthColumn("Resolver", "start", HeapBytes, "memory"),
		growthColumn("Resolver", "decode", "sec/op", "decode"),
	},
}

func growthColumn(by, what, unit, title string) column {
	id := strings.ToLower(by) + "-" + what
	if unit == HeapBytes {
		id = strings.ToLower(by) + "-memory"
	}
	return column{id, title, "Growth/%s/by=" + by + "/what=" + what, unit, false}
}

package soak

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/codetable/grpc-codetable/examples/soak/internal/plan"
)

const (
	// maxGrowth is the growth of the live heap that a run may have, in bytes. It
	// is what the samples of a run without a leak differ by.
	maxGrowth = 512 << 10
	// budget is the default detail budget of the servers, in bytes.
	budget = 4096
	// maxStacks is how much of the stacks of goroutines is described, in bytes.
	maxStacks = 4096
)

// Report is the result of a run.
type Report struct {
	Seed    uint64  `json:"seed"`
	Seconds float64 `json:"seconds"`
	// Calls counts the calls of each kind, and Routes those of each route.
	Calls  map[string]int64 `json:"calls"`
	Routes map[string]int64 `json:"routes"`
	// Disturbed counts the calls that the client could leave or the network
	// could reset, Early those of them that ended by it, and Resets the connections
	// that were reset.
	Disturbed int64 `json:"disturbed"`
	Early     int64 `json:"ended_early"`
	Resets    int64 `json:"resets"`
	Codes     Codes `json:"codes"`
	Heap      Heap  `json:"heap"`
	// Searched counts the bytes in which secret texts were looked for, and
	// Headers the blocks of headers and trailers in them.
	Searched int64 `json:"searched_bytes"`
	Headers  int64 `json:"header_blocks"`
	// Checks are the figures that decide the result.
	Checks []Check `json:"checks"`
	// Examples describe the first faults.
	Examples []string `json:"examples,omitempty"`
	OK       bool     `json:"ok"`
}

// Check is a figure that must not be above its limit.
type Check struct {
	Name   string `json:"name"`
	Figure int64  `json:"figure"`
	Limit  int64  `json:"limit"`
	OK     bool   `json:"ok"`
}

// report makes the report of a run that has ended. left describes goroutines that
// are left.
func (r *run) report(left string) Report {
	r.mu.Lock()
	defer r.mu.Unlock()
	received := &r.system.Received
	rep := Report{
		Seed: r.seed, Seconds: time.Since(r.started).Seconds(), Calls: map[string]int64{}, Routes: map[string]int64{},
		Disturbed: r.disturbed, Early: r.early, Resets: r.system.Resets.Load(), Codes: r.codes, Heap: r.heap.result(),
		Searched: received.Bytes.Load(), Headers: received.Headers.Load(), Examples: append(r.examples, received.Examples()...),
	}
	for route := range plan.Route(plan.Routes) {
		for kind := range plan.Kind(plan.Kinds) {
			rep.Calls[kind.String()] += r.ended[route][kind]
			rep.Routes[route.String()] += r.ended[route][kind]
		}
	}
	rep.Codes.Seen = len(r.seen)
	for _, spec := range plan.Specs() {
		if spec.GRPCCode() != codes.OK {
			rep.Codes.Listed++
		}
	}
	if left != "" {
		rep.Examples = append(rep.Examples, left[:min(len(left), maxStacks)])
	}
	rep.check(r, left)
	return rep
}

// check fills in the checks.
func (rep *Report) check(r *run, left string) {
	received := &r.system.Received
	add := func(name string, figure, limit int64) {
		rep.Checks = append(rep.Checks, Check{name, figure, limit, figure <= limit})
	}
	add("lost codes", r.codes.Lost, 0)
	add("wrong codes", r.faults.WrongCodes, 0)
	add("failures read as success", r.faults.Successes, 0)
	add("wrong statuses", r.faults.WrongStatuses, 0)
	add("leaks of secret texts", received.Leaks.Load(), 0)
	add("connections that could not be searched", received.Unread.Load(), 0)
	add("largest status, bytes", received.Largest.Load(), budget)
	add("panics that escaped", r.panics.Load()+r.system.Panics.Load(), 0)
	add("growth of the heap, bytes", rep.Heap.Growth, maxGrowth)
	add("goroutines at the end", int64(goroutinesIn(left)), 0)
	rep.OK = true
	for _, c := range rep.Checks {
		rep.OK = rep.OK && c.OK
	}
}

// print writes the report as JSON or as tables.
func (rep Report) print(w io.Writer, asJSON bool) error {
	if asJSON {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		return encoder.Encode(rep)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	total := int64(0)
	for kind := range plan.Kind(plan.Kinds) {
		fmt.Fprintf(t, "%v\t%d calls\n", kind, rep.Calls[kind.String()])
		total += rep.Calls[kind.String()]
	}
	for route := range plan.Route(plan.Routes) {
		fmt.Fprintf(t, "route %v\t%d calls\n", route, rep.Routes[route.String()])
	}
	fmt.Fprintf(t, "all\t%d calls in %.0f s with seed %d, %d of them disturbed, of which %d ended early\n", total, rep.Seconds, rep.Seed, rep.Disturbed, rep.Early)
	fmt.Fprintf(t, "resets\t%d connections\n", rep.Resets)
	c := rep.Codes
	fmt.Fprintf(t, "codes\t%d sent = %d received + %d masked + %d explained + %d lost; %d of %d codes received\n",
		c.Sent, c.Received, c.Masked, c.Explained, c.Lost, c.Seen, c.Listed)
	fmt.Fprintf(t, "searched\t%d bytes with %d blocks of headers and trailers\n", rep.Searched, rep.Headers)
	h := rep.Heap
	fmt.Fprintf(t, "heap\t%.2f MiB at the start, %.2f in the middle, %.2f at the end; %.3f bytes for each call, of %d samples\n",
		mib(h.Start), mib(h.Middle), mib(h.End), h.PerCall, h.Samples)
	fmt.Fprintf(t, "\ncheck\tfigure\tlimit\t\n")
	for _, check := range rep.Checks {
		verdict := "ok"
		if !check.OK {
			verdict = "FAILED"
		}
		fmt.Fprintf(t, "%s\t%d\t%d\t%s\n", check.Name, check.Figure, check.Limit, verdict)
	}
	for _, example := range rep.Examples {
		fmt.Fprintf(t, "\n%s\n", example)
	}
	return t.Flush()
}

func mib(bytes int64) float64 { return float64(bytes) / (1 << 20) }

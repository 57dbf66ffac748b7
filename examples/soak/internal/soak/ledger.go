package soak

import (
	"fmt"
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/codetable/grpc-codetable/examples/soak/internal/plan"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// Codes are the books of the codes. Sent is Received + Masked + Explained + Lost.
type Codes struct {
	// Sent counts the codes that handlers returned.
	Sent int64 `json:"sent"`
	// Received counts the codes that clients got, and Masked those that a public
	// boundary hid, as it must.
	Received int64 `json:"received"`
	Masked   int64 `json:"masked"`
	// Explained counts the codes of calls that the client left or the network
	// reset, and that ended with such a status.
	Explained int64 `json:"explained"`
	// Lost counts the codes of calls that ended with another status.
	Lost int64 `json:"lost"`
	// Seen is how many of the Listed failing codes clients received.
	Seen   int `json:"seen"`
	Listed int `json:"listed"`
}

// Faults counts calls that ended as no call may end.
type Faults struct {
	// WrongCodes counts calls with a code that the server did not send, and
	// codes that no server sent.
	WrongCodes int64 `json:"wrong_codes"`
	// Successes counts failures that were read as a success.
	Successes int64 `json:"failures_read_as_success"`
	// WrongStatuses counts calls whose end nothing explains, and for which no
	// server sent a code.
	WrongStatuses int64 `json:"wrong_statuses"`
}

// ledger compares what servers sent with what clients got. It holds the calls in
// flight only.
type ledger struct {
	mu               sync.Mutex
	open             map[uint64]int64 // codes that were sent for each call in flight
	ended            [plan.Routes][plan.Kinds]int64
	disturbed, early int64
	codes            Codes
	faults           Faults
	seen             map[identity]bool
	examples         []string
}

// identity names a code.
type identity struct {
	domain string
	number int32
}

func newLedger() *ledger { return &ledger{open: map[uint64]int64{}, seen: map[identity]bool{}} }

// begin opens a call.
func (l *ledger) begin(id uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open[id] = 0
}

// sent notes that a server sends the code of a call. A call that has ended was
// left by its client, or its fault is counted already.
func (l *ledger) sent(id uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.codes.Sent++
	if _, ok := l.open[id]; ok {
		l.open[id]++
	} else {
		l.codes.Explained++
	}
}

// end closes a call with what the client got.
func (l *ledger) end(p plan.Plan, err error) {
	want := p.Want()
	e, coded := codetable.FromError(err)
	met, excused := want.Met(err), p.Excused(err)
	l.mu.Lock()
	defer l.mu.Unlock()
	sent := l.open[p.ID]
	delete(l.open, p.ID)
	l.ended[p.Route][p.Kind]++
	if p.Disturbed() {
		l.disturbed++
	}
	switch {
	case !met && coded, met && want.Coded && sent == 0:
		l.codes.Lost += sent
		l.fault(&l.faults.WrongCodes, 1, p, err)
	case met && want.Coded:
		l.codes.Received++
		l.codes.Explained += sent - 1 // gRPC repeats a call that a reset ended
		if e.Spec().Listed() {
			l.seen[identity{want.Domain, want.Number}] = true
		}
	case met && sent > 0:
		l.codes.Masked++
		l.codes.Explained += sent - 1
	case met:
	case excused:
		l.early++
		l.codes.Explained += sent
	case status.Code(err) == codes.OK:
		l.codes.Lost += sent
		l.fault(&l.faults.Successes, 1, p, err)
	case sent > 0:
		l.fault(&l.codes.Lost, sent, p, err)
	default:
		l.fault(&l.faults.WrongStatuses, 1, p, err)
	}
}

// maxExamples is how many faults are described, so that a run with many of them
// needs no more memory.
const maxExamples = 10

// fault counts a fault, and describes the first ones.
func (l *ledger) fault(figure *int64, count int64, p plan.Plan, err error) {
	*figure += count
	if len(l.examples) < maxExamples {
		l.examples = append(l.examples, fmt.Sprintf("call %d (%v, %v, %s%s): want %+v, got %v", p.ID, p.Kind, p.Route, p.Failure.Name, p.Reply.Name, p.Want(), err))
	}
}

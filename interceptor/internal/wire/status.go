package wire

import (
	"cmp"
	"strconv"
	"sync"
	"time"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/codetable/grpc-codetable/interceptor/internal/table"
	"github.com/codetable/grpc-codetable/interceptor/internal/text"
)

// Parts is the content of an error that was made or received. It is plain data,
// so that comparison by reflection treats equal errors as equal.
type Parts struct {
	Code     *table.Code
	Number   int32
	Numbered bool // false if only an unknown reason was received
	Reason   string
	Message  string
	Metadata []Pair        // sorted by key, without the number
	After    time.Duration // negative: use the delay of the table
	Details  []Detail      // details that an option added
}

// Of returns the parts of a number with the entry e.
func Of(e *table.Entry, number int32) Parts {
	return Parts{Code: e.Code, Number: number, Numbered: true, Reason: e.Reason, Message: e.Message, After: -1}
}

// Decode returns the parts of the first ErrorInfo that names a code of a table
// of the set, with the message and the delay of the status. It returns false if
// there is no such ErrorInfo or if the status is OK.
func Decode(set *table.Set, message *spb.Status) (Parts, bool) {
	named, info, _, ok := decodeInfo(set, message)
	if !ok {
		return Parts{}, false
	}
	p := Parts{
		Code:     named.Entry.Code,
		Number:   named.Number,
		Numbered: named.Numbered || named.Entry.Listed,
		Reason:   named.Entry.Reason,
		Message:  message.GetMessage(),
		Metadata: info.pairs(),
		After:    -1,
	}
	if !named.Entry.Listed && len(info.reason) > 0 {
		p.Reason = text.Cut(string(info.reason), MaxReason)
	}
	if after, ok := RetryDelay(message); ok {
		p.After = after
	}
	return p, true
}

// Timed reports whether the status depends on the time at which it is made.
func (p *Parts) Timed() bool { return p.After < 0 && p.Code.Entry().Windowed() }

// Delay returns how long to wait before the call is repeated, or 0 if no delay
// is defined.
func (p *Parts) Delay() time.Duration {
	if p.After >= 0 {
		return p.After
	}
	return p.Code.Entry().Delay()
}

// scratch is the memory in which a status is built before status.FromProto
// copies it.
type scratch struct {
	status  spb.Status
	details [3]anypb.Any
	values  []byte
}

// maxScratch bounds the memory that a large error leaves in the pool.
const maxScratch = 4 << 10

// scratches halves the cost of an error with metadata.
var scratches = sync.Pool{New: func() any { return &scratch{} }}

// Status builds the status: ErrorInfo, RetryInfo, the detail of the table, the
// details of the options.
func (p *Parts) Status() *status.Status {
	e := p.Code.Entry()
	s := scratches.Get().(*scratch)
	s.status.Code, s.status.Message, s.status.Details = int32(e.GRPCCode), cmp.Or(p.Message, e.Message), s.status.Details[:0]
	s.values = s.values[:0]
	var digits [len("-2147483648")]byte
	s.values = appendInfo(s.values, p.Reason, e.Table.Domain, strconv.AppendInt(digits[:0], int64(p.Number), 10), p.Metadata)
	s.add(errorInfoURL, 0)
	if delay := p.Delay(); delay > 0 || p.After == 0 {
		start := len(s.values)
		s.values = appendRetryInfo(s.values, delay)
		s.add(retryInfoURL, start)
	}
	if url := subjectURL(e.Options.GetDetail()); url != "" && !p.replaces(url) {
		start := len(s.values)
		s.values = appendSubject(s.values, e)
		s.add(url, start)
	}
	for _, d := range p.Details {
		s.status.Details = append(s.status.Details, &anypb.Any{TypeUrl: d.URL, Value: []byte(d.Value)})
	}
	st := status.FromProto(&s.status)
	if cap(s.values) <= maxScratch && len(p.Details) <= maxScratch {
		clear(s.status.Details)
		scratches.Put(s)
	}
	return st
}

// add adds the bytes of values that begin at start as the next of the first
// three details.
func (s *scratch) add(url string, start int) {
	detail := &s.details[len(s.status.Details)]
	detail.TypeUrl, detail.Value = url, s.values[start:]
	s.status.Details = append(s.status.Details, detail)
}

func (p *Parts) replaces(url string) bool {
	for _, d := range p.Details {
		if d.Name() == (Detail{URL: url}).Name() {
			return true
		}
	}
	return false
}

package importer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
)

// entry is a code of the source, with what is proposed for it.
type entry struct {
	line        int
	number      int32
	name        string // without the prefix of the enum
	description string
	notes       string
	resolution  string
	grpcCode    codetablev1.GrpcCode
	fault       codetablev1.Fault
	retry       codetablev1.RetryAction
	messages    []message
	todos       []string
	statesCode  bool // the gRPC code is not a proposal
}

type message struct{ language, text string }

func (e *entry) success() bool { return e.grpcCode == codetablev1.GrpcCode_GRPC_CODE_OK }

func (e *entry) todo(format string, args ...any) {
	e.todos = append(e.todos, fmt.Sprintf(format, args...))
}

// texts returns the texts of the source.
func (e *entry) texts() string {
	return cmp.Or(strings.Trim(e.description+"; "+e.notes, "; "), e.name)
}

// unspecified is the zero value of a table without a code 0. It is a failure.
func unspecified() *entry {
	return &entry{
		name:     "UNSPECIFIED",
		grpcCode: codetablev1.GrpcCode_GRPC_CODE_UNKNOWN,
		notes:    "no code",
		fault:    codetablev1.Fault_FAULT_UPSTREAM,
		retry:    codetablev1.RetryAction_RETRY_ACTION_NEVER,
	}
}

// cells gives the cells of a row by their role, and takes notes on the row.
type cells struct {
	summary *Summary
	sheet   *sheet
	row     row
}

func (c cells) of(r role) string { return c.sheet.cell(c.row, r) }

func (c cells) note(format string, args ...any) { c.summary.note(c.row.line, format, args...) }

// entries returns the codes of the tables in their order.
func entries(tables []*sheet, prefix string, s *Summary) []*entry {
	namer := newNamer(tables, prefix)
	list, byNumber := []*entry{}, map[int32]*entry{}
	for _, t := range tables {
		s.Rows += len(t.before) + len(t.rows)
		for _, row := range t.before {
			s.skip(row.line, "it is before the header: "+showRow(row))
		}
		for _, row := range t.rows {
			c := cells{s, t, row}
			n, err := number(c.of(roleCode))
			if err != nil {
				s.skip(row.line, err.Error()+": "+showRow(row))
				continue
			}
			if t.header != nil && len(row.cells) > len(t.header) {
				c.note("it has %d cells, the header %d: quote or escape a delimiter in a cell: %s", len(row.cells), len(t.header), showRow(row))
			}
			e := newEntry(c, n, namer)
			if first := byNumber[n]; first != nil {
				repeated(first, e, s)
				continue
			}
			byNumber[n] = e
			list = append(list, e)
		}
	}
	s.Codes = len(list)
	return list
}

// repeated reports a number that the source has twice. The first row counts.
func repeated(first, second *entry, s *Summary) {
	what := second.texts()
	if first.texts() == what {
		s.skip(second.line, fmt.Sprintf("it repeats %d of line %d", first.number, first.line))
		return
	}
	s.skip(second.line, fmt.Sprintf("%d is also on line %d, which counts: %s", first.number, first.line, show(what)))
	first.todo("number: line %d of the source gives %d another meaning: %s", second.line, first.number, show(what))
}

func newEntry(c cells, n int32, namer *namer) *entry {
	e := &entry{
		line:        c.row.line,
		number:      n,
		description: c.of(roleDescription),
		notes:       c.of(roleNotes),
		resolution:  c.of(roleResolution),
	}
	namer.name(e, c)
	e.setCode(c)
	for i, r := range c.sheet.roles {
		tag, sentence := strings.CutPrefix(string(r), messagesPrefix)
		switch cell := c.row.cell(i); {
		case cell == "":
		case e.success() && (sentence || r == roleFault || r == roleRetry):
			c.note("%d is a success, which takes no %s: %s", n, r, show(cell))
		case sentence:
			e.messages = append(e.messages, message{tag, cell})
		}
	}
	slices.SortFunc(e.messages, func(a, b message) int { return cmp.Compare(a.language, b.language) })
	if e.success() {
		return e
	}
	e.setFault(c)
	e.setRetry(c)
	if e.description == "" && e.notes == "" {
		e.todo("notes: the source has no text; this one is the name")
	}
	return e
}

// setCode sets the gRPC code: the one that the source states, or else a
// proposal by the HTTP status or the words. OK is proposed only if all texts
// say nothing but success.
func (e *entry) setCode(c cells) {
	status, stated := httpStatus(c.of(roleHTTP)), c.of(roleGRPC)
	code, ok := grpcCode(stated)
	switch {
	case stated == "":
	case !ok:
		c.note("%s is not a gRPC code", show(stated))
	case code == codetablev1.GrpcCode_GRPC_CODE_OK && status >= 300:
		c.note("it states %s and HTTP status %d; the code stays a failure", show(stated), status)
	default:
		e.grpcCode, e.statesCode = code, true
		return
	}
	code, known := ofHTTP[status]
	switch {
	case known:
		e.grpcCode = code
		e.todo("grpc_code: it is a guess by HTTP status %d", status)
	case stated == "" && status < 300 && saysSuccess(e.description, e.notes):
		e.grpcCode = codetablev1.GrpcCode_GRPC_CODE_OK
		e.todo("grpc_code: confirm that this code is a success")
	default:
		e.grpcCode = ofWords(e.description, e.notes, e.name)
		if e.grpcCode == codetablev1.GrpcCode_GRPC_CODE_UNKNOWN {
			e.todo("grpc_code: nothing in the source names the gRPC status; if it is a success, set GRPC_CODE_OK and remove notes, fault and retry")
			return
		}
		e.todo("grpc_code: it is a guess by the words")
	}
}

// setFault sets the fault that the source states. Otherwise the operator is at
// fault, so that a public boundary hides the code.
func (e *entry) setFault(c cells) {
	cell := c.of(roleFault)
	fault, ok := named[codetablev1.Fault](cell)
	if ok {
		e.fault = fault
		return
	}
	if cell != "" {
		c.note("fault %s: want CALLER, END_USER, OPERATOR or UPSTREAM", show(cell))
	}
	e.fault = codetablev1.Fault_FAULT_OPERATOR
	e.todo("fault: decide who must act; OPERATOR hides the code from the public")
}

// setRetry sets the retry advice that the source states. Otherwise it forbids
// the retry.
func (e *entry) setRetry(c cells) {
	cell := c.of(roleRetry)
	e.retry = codetablev1.RetryAction_RETRY_ACTION_NEVER
	action, ok := named[codetablev1.RetryAction](cell)
	switch {
	case ok && action == codetablev1.RetryAction_RETRY_ACTION_NEXT_WINDOW:
		e.todo("retry: the source says %s; add window: CALENDAR_WINDOW_DAY or CALENDAR_WINDOW_HOUR, and time_zone in the option of the enum", action)
	case ok:
		e.retry = action
		return
	case noRule().MatchString(heading(cell)):
		return
	case cell != "":
		c.note("retry %s: it does not say what to repeat", show(cell))
		e.todo("retry: the source says %s; decide what may be repeated", show(cell))
	default:
		e.todo("retry: decide whether and when to repeat the call")
	}
	// NEVER contradicts UNAVAILABLE, which means that waiting may help.
	if e.grpcCode == codetablev1.GrpcCode_GRPC_CODE_UNAVAILABLE {
		e.retry = codetablev1.RetryAction_RETRY_ACTION_OPERATOR_ACTION
	}
}

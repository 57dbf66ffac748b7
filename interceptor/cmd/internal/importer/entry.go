package importer

import (
	"fmt"
	"slices"
	"strconv"
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
	// These tell what the source has from what was derived.
	hasDescription, hasNotes, statesCode bool
}

type message struct{ language, text string }

func (e *entry) success() bool { return e.grpcCode == codetablev1.GrpcCode_GRPC_CODE_OK }

func (e *entry) todo(format string, args ...any) {
	e.todos = append(e.todos, fmt.Sprintf(format, args...))
}

// cells gives the cells of a row by their role.
type cells struct {
	sheet *sheet
	row   row
}

func (c cells) of(r role) string { return c.row.cell(c.sheet.column(r)) }

// entries returns the codes of the tables in their order.
func entries(tables []*sheet, prefix string, s *Summary) []*entry {
	namer := newNamer(texts(tables))
	list, byNumber := []*entry{}, map[int32]*entry{}
	for _, t := range tables {
		s.Rows += len(t.rows)
		for _, row := range t.rows {
			c := cells{t, row}
			n, err := number(c.of(roleCode))
			if err != nil {
				s.skip(row.line, err.Error()+": "+showRow(row))
				continue
			}
			reportExtra(c, s)
			e := newEntry(c, n, namer, prefix, s)
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

func texts(tables []*sheet) (list []string) {
	for _, t := range tables {
		for _, row := range t.rows {
			for _, r := range []role{roleName, roleDescription, roleNotes} {
				list = append(list, cells{t, row}.of(r))
			}
		}
	}
	return list
}

// reportExtra reports cells without a column.
func reportExtra(c cells, s *Summary) {
	for i := len(c.sheet.roles); i < len(c.row.cells); i++ {
		if cell := c.row.cells[i]; cell != "" {
			s.note(c.row.line, "the header has no column for "+show(cell))
		}
	}
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

// texts returns the texts of the source.
func (e *entry) texts() string {
	switch {
	case e.hasDescription && e.hasNotes:
		return e.description + "; " + e.notes
	case e.hasDescription:
		return e.description
	case e.hasNotes:
		return e.notes
	default:
		return e.name
	}
}

func newEntry(c cells, n int32, namer *namer, prefix string, s *Summary) *entry {
	e := &entry{
		line:        c.row.line,
		number:      n,
		description: c.of(roleDescription),
		notes:       c.of(roleNotes),
		resolution:  c.of(roleResolution),
		fault:       codetablev1.Fault_FAULT_OPERATOR,
		retry:       codetablev1.RetryAction_RETRY_ACTION_NEVER,
	}
	e.hasDescription, e.hasNotes = e.description != "", e.notes != ""
	e.setName(c, namer, prefix)
	e.setCode(c, s)
	if e.success() {
		e.reportOfFailures(c, s)
		return e
	}
	e.setFault(c, s)
	e.setRetry(c, s)
	for i, r := range c.sheet.roles {
		if tag, ok := strings.CutPrefix(string(r), messagesPrefix); ok && c.row.cell(i) != "" {
			e.messages = append(e.messages, message{tag, c.row.cell(i)})
		}
	}
	slices.SortFunc(e.messages, func(a, b message) int { return strings.Compare(a.language, b.language) })
	if e.notes == "" {
		e.notes = e.description
	}
	if e.notes == "" {
		e.notes = strings.ToLower(strings.ReplaceAll(e.name, "_", " "))
		e.todo("notes: the source has no text; this one is the name")
	}
	return e
}

// reportOfFailures reports the cells of a success that only failures take.
func (e *entry) reportOfFailures(c cells, s *Summary) {
	for i, r := range c.sheet.roles {
		_, sentence := strings.CutPrefix(string(r), messagesPrefix)
		if cell := c.row.cell(i); cell != "" && (sentence || r == roleFault || r == roleRetry) {
			s.note(e.line, fmt.Sprintf("%d is a success, which takes no %s: %s", e.number, r, show(cell)))
		}
	}
}

func (e *entry) setName(c cells, namer *namer, prefix string) {
	exact := true
	if stated := c.of(roleName); stated != "" {
		e.name, exact = namer.fromName(stated, prefix)
	}
	for _, text := range []string{e.description, e.notes, c.of(messagesPrefix + "en")} {
		if e.name == "" {
			e.name, exact = namer.fromText(text)
		}
	}
	switch {
	case e.name == "":
		e.name = withNumber("CODE", strconv.Itoa(int(e.number)))
		e.todo("name: the source has no name in Latin letters")
	case !exact:
		e.todo("name: it is only a part of the text")
	}
	if !reasonRule().MatchString(e.name) {
		e.name = strings.Trim("CODE_"+e.name, "_")
		e.name = e.name[:min(len(e.name), maxReason)]
	}
}

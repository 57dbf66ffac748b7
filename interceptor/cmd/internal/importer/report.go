package importer

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/term"
)

// Issue is a remark on a line of the source.
type Issue struct {
	Line int    `json:"line,omitempty"`
	Text string `json:"text"`
}

// Value is a value of the enum.
type Value struct {
	Line   int    `json:"line,omitempty"` // in the source
	Number int32  `json:"number"`
	Name   string `json:"name"`
}

// Change is a text that the source states in other words than the enum.
type Change struct {
	Value
	Field   string `json:"field"`
	Old     string `json:"old"`
	New     string `json:"new"`
	Updated bool   `json:"updated"`
}

// Column is a column of the source and what it is used for.
type Column struct {
	Heading string `json:"heading"`
	Use     string `json:"use,omitempty"` // empty if it is not used
}

// TableSummary is a table of the source.
type TableSummary struct {
	Number  int      `json:"number"` // from 1, for Options.Table
	Line    int      `json:"line"`
	Rows    int      `json:"rows"`
	Used    bool     `json:"used"`
	Why     string   `json:"why,omitempty"` // it is not used
	Columns []Column `json:"columns"`
}

// Summary says what was done with each row of the source.
type Summary struct {
	Source    string         `json:"source"`
	Format    string         `json:"format"`
	Package   string         `json:"package"`
	Enum      string         `json:"enum"`
	Tables    []TableSummary `json:"tables"`
	Rows      int            `json:"rows"`      // of the used tables: codes and skipped ones
	Codes     int            `json:"codes"`     // added, unchanged and changed ones
	Added     []Value        `json:"added"`     // to the enum
	Unchanged int            `json:"unchanged"` // codes that the enum has already
	Changed   []Change       `json:"changed"`
	Gone      []Value        `json:"gone"` // in the enum, but not in the source
	Skipped   []Issue        `json:"skipped"`
	Notes     []Issue        `json:"notes"`
	Todos     int            `json:"todos"` // in the values that were added, and the enum if it is new
}

// Differs reports whether the enum and the source differ.
func (s *Summary) Differs() bool { return len(s.Added)+len(s.Changed)+len(s.Gone) > 0 }

func (s *Summary) skip(line int, text string) {
	s.Skipped = append(s.Skipped, Issue{line, text})
}

func (s *Summary) note(line int, format string, args ...any) {
	s.Notes = append(s.Notes, Issue{line, fmt.Sprintf(format, args...)})
}

// Text returns the summary for people. merged says that the enum existed: then
// it lists the codes that were added.
func (s *Summary) Text(merged bool) string {
	var b strings.Builder
	line := func(number int, format string, args ...any) {
		place := term.Safe(s.Source)
		if number > 0 { // flags have no line
			place += fmt.Sprintf(":%d", number)
		}
		fmt.Fprintf(&b, "%s: %s\n", place, fmt.Sprintf(format, args...))
	}
	for _, t := range s.Tables {
		use := "not used: " + t.Why
		if t.Used {
			use = columnList(t.Columns)
		}
		line(t.Line, "table %d, %s: %s", t.Number, count(t.Rows, "row"), use)
	}
	for _, issue := range s.Skipped {
		line(issue.Line, "skipped: %s", issue.Text)
	}
	for _, issue := range s.Notes {
		line(issue.Line, "note: %s", issue.Text)
	}
	for _, v := range s.Added {
		if merged {
			line(v.Line, "added: %s = %d", v.Name, v.Number)
		}
	}
	for _, c := range s.Changed {
		verb := "changed, not updated"
		if c.Updated {
			verb = "updated"
		}
		line(c.Line, "%s: %s of %s: %s -> %s", verb, c.Field, c.Name, show(c.Old), show(c.New))
	}
	for _, v := range s.Gone {
		fmt.Fprintf(&b, "gone: the source lacks %s = %d, which stays\n", v.Name, v.Number)
	}
	b.WriteString(s.counts())
	return b.String()
}

// counts adds up: rows are codes and skipped ones, and codes are added,
// unchanged and changed ones.
func (s *Summary) counts() string {
	added, more := len(s.Added), ""
	if added > 0 && s.Added[0].Line == 0 {
		added, more = added-1, " and "+s.Added[0].Name
	}
	return fmt.Sprintf("%s.%s: %s, %s, %d skipped; %d added%s, %d unchanged, %d changed, %d gone; %s\n", s.Package, s.Enum,
		count(s.Rows, "row"), count(s.Codes, "code"), len(s.Skipped),
		added, more, s.Unchanged, s.Codes-added-s.Unchanged, len(s.Gone), count(s.Todos, "TODO"))
}

func columnList(columns []Column) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		use := cmp.Or(c.Use, "not used")
		list[i] = fmt.Sprintf("column %d is %s", i+1, use)
		if c.Heading != "" {
			list[i] = fmt.Sprintf("%s is %s", show(c.Heading), use)
		}
	}
	return strings.Join(list, ", ")
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

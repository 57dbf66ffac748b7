package importer

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
	Rows      int            `json:"rows"`      // of the used tables
	Codes     int            `json:"codes"`     // rows with a code of their own
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

func (s *Summary) note(line int, text string) {
	s.Notes = append(s.Notes, Issue{line, text})
}

// Package importer makes an annotated enum of a published table of codes, and
// merges a newer edition of the table into the enum.
package importer

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"

	"github.com/codetable/grpc-codetable/interceptor/internal/text"
)

// Limits of a document. A file beyond them is refused, except for a long cell,
// which is cut and reported.
const (
	MaxFile    = 16 << 20 // bytes, also of an existing .proto file
	maxCells   = 1 << 19
	maxRows    = 20_000
	maxColumns = 200
	maxCell    = 8 << 10 // bytes
)

// Formats are the formats of a document, as --from takes them.
var Formats = []string{"csv", "json", "md", "html"}

// document is what a file contains: all its tables, in their order.
type document struct {
	tables []*grid
	notes  []Issue
	cells  int
	rows   int
}

// grid is one table of a document.
type grid struct {
	line   int
	header []string // nil if the format does not mark one
	rows   []row
}

// row is one row of a grid.
type row struct {
	line  int
	cells []string
}

func (r row) cell(i int) string {
	if i < 0 || i >= len(r.cells) {
		return ""
	}
	return r.cells[i]
}

// FormatOf returns the format of a file by the ending of its name.
func FormatOf(name string) (string, error) {
	switch ext := strings.ToLower(filepath.Ext(name)); ext {
	case ".csv", ".tsv":
		return "csv", nil
	case ".json":
		return "json", nil
	case ".md", ".markdown":
		return "md", nil
	case ".html", ".htm":
		return "html", nil
	default:
		return "", fmt.Errorf("%s: the ending says no format: name it with --from csv, json, md or html", name)
	}
}

// read parses a document.
func read(raw []byte, format string) (*document, error) {
	if len(raw) > MaxFile {
		return nil, fmt.Errorf("it has more than %d MiB", MaxFile>>20)
	}
	source, err := decode(raw)
	if err != nil {
		return nil, err
	}
	d := &document{}
	switch format {
	case "csv":
		err = d.readCSV(source)
	case "json":
		err = d.readJSON(source)
	case "md":
		err = d.readMarkdown(source)
	case "html":
		err = d.readHTML(source)
	default:
		err = fmt.Errorf("format %q: want one of %s", format, strings.Join(Formats, ", "))
	}
	return d, err
}

// decode returns the text of a file in UTF-8, or in UTF-16 with a byte order
// mark.
func decode(raw []byte) (string, error) {
	if bytes.HasPrefix(raw, []byte{0xff, 0xfe}) || bytes.HasPrefix(raw, []byte{0xfe, 0xff}) {
		decoded, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Bytes(raw)
		if err != nil {
			return "", fmt.Errorf("decode UTF-16: %w", err)
		}
		raw = decoded
	}
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	if i := bytes.IndexByte(raw, 0); i >= 0 {
		return "", fmt.Errorf("line %d has a NUL byte: if the file is UTF-16, convert it to UTF-8", lineAt(raw, i))
	}
	if i := invalid(raw); i >= 0 {
		return "", fmt.Errorf("line %d is not UTF-8: convert the file, for example with iconv -f GB18030 -t UTF-8", lineAt(raw, i))
	}
	return string(raw), nil
}

// invalid returns the offset of the first byte that is not UTF-8, or -1.
func invalid(raw []byte) int {
	for i := 0; i < len(raw); {
		r, size := utf8.DecodeRune(raw[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

func lineAt(raw []byte, offset int) int { return 1 + bytes.Count(raw[:offset], []byte("\n")) }

// lines finds the line of an offset. The offsets must not decrease.
type lines struct {
	source       string
	offset, line int
}

func newLines(source string) *lines { return &lines{source: source, line: 1} }

func (l *lines) at(offset int) int {
	offset = min(offset, len(l.source))
	if offset > l.offset {
		l.line += strings.Count(l.source[l.offset:offset], "\n")
		l.offset = offset
	}
	return l.line
}

var errTooLarge = fmt.Errorf("it has more than %d rows, %d cells or %d columns", maxRows, maxCells, maxColumns)

// clean returns a row whose cells are trimmed and bounded. It returns false if
// all cells are empty.
func (d *document) clean(line int, cells []string) (row, bool, error) {
	d.rows++
	d.cells += len(cells)
	if d.rows > maxRows || d.cells > maxCells || len(cells) > maxColumns {
		return row{}, false, errTooLarge
	}
	r, filled := row{line: line, cells: make([]string, len(cells))}, false
	for i, cell := range cells {
		cell = strings.TrimSpace(cell)
		if len(cell) > maxCell {
			cell = text.Cut(cell, maxCell)
			d.notes = append(d.notes, Issue{Line: line, Text: fmt.Sprintf("column %d is cut to %d bytes", i+1, maxCell)})
		}
		r.cells[i] = cell
		filled = filled || cell != ""
	}
	return r, filled, nil
}

// add adds a row to a grid. It leaves out rows of empty cells.
func (d *document) add(g *grid, line int, cells []string) error {
	r, filled, err := d.clean(line, cells)
	if err == nil && filled {
		g.rows = append(g.rows, r)
	}
	return err
}

// setHeader sets the header of a grid.
func (d *document) setHeader(g *grid, line int, cells []string) error {
	r, _, err := d.clean(line, cells)
	g.header = r.cells
	return err
}

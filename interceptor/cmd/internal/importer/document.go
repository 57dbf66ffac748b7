package importer

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

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
	maxNesting = 32      // of tables in HTML, and of values in JSON
)

var (
	errTooLarge = fmt.Errorf("it has more than %d rows, %d cells or %d columns", maxRows, maxCells, maxColumns)
	errPDF      = errors.New("it is a PDF: copy the table into a CSV or Markdown file")
	errWorkbook = errors.New("it is a workbook: save the sheet as CSV")
)

// Formats are the formats of a document, as --from takes them.
var Formats = []string{"csv", "json", "md", "html"}

var endings = map[string]string{
	".csv": "csv", ".tsv": "csv", ".json": "json", ".md": "md", ".markdown": "md", ".html": "html", ".htm": "html",
}

// FormatOf returns the format of a file by the ending of its name.
func FormatOf(name string) (string, error) {
	ending := strings.ToLower(filepath.Ext(name))
	switch format, ok := endings[ending]; {
	case ok:
		return format, nil
	case ending == ".pdf":
		return "", fmt.Errorf("%s: %w", name, errPDF)
	case strings.HasPrefix(ending, ".xls") || ending == ".ods":
		return "", fmt.Errorf("%s: %w", name, errWorkbook)
	}
	return "", fmt.Errorf("%s: the ending says no format: name it with --from csv, json, md or html", name)
}

// document collects the tables of a file in their order.
type document struct {
	*Summary
	tables      []*sheet
	rows, cells int
}

// sheet is one table of a document.
type sheet struct {
	line   int
	header []string // nil until it is found, if the format does not mark it
	before []row    // the header
	rows   []row

	roles []role // of the columns
	codes int
	why   string // it can't be used
}

// row is one row of a table.
type row struct {
	line  int
	cells []string
}

// cell returns a cell, or "" if the row is too short or the column is -1.
func (r row) cell(i int) string {
	if i < 0 || i >= len(r.cells) {
		return ""
	}
	return r.cells[i]
}

// read parses a document.
func (d *document) read(o *Options, raw []byte) error {
	if len(raw) > MaxFile {
		return fmt.Errorf("it has more than %d MiB", MaxFile>>20)
	}
	source, err := decode(raw)
	if err != nil {
		return err
	}
	switch o.Format {
	case "csv":
		return d.readCSV(source, o)
	case "json":
		return d.readJSON(source)
	case "md":
		return d.readMarkdown(source)
	case "html":
		return d.readHTML(source)
	default:
		return fmt.Errorf("format %q: want one of %s", o.Format, strings.Join(Formats, ", "))
	}
}

// decode returns the text of a file in UTF-8, or in UTF-16 with a byte order
// mark.
func decode(raw []byte) (string, error) {
	switch {
	case bytes.HasPrefix(raw, []byte("%PDF")):
		return "", errPDF
	case bytes.HasPrefix(raw, []byte("PK\x03\x04")): // a ZIP archive
		return "", errWorkbook
	}
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	raw, _, err := transform.Bytes(unicode.BOMOverride(transform.Nop), raw)
	if err != nil {
		return "", fmt.Errorf("decode UTF-16: %w", err)
	}
	number := 0
	for line := range bytes.Lines(raw) {
		number++
		if bytes.IndexByte(line, 0) >= 0 {
			return "", fmt.Errorf("line %d has a NUL byte: if the file is UTF-16, convert it to UTF-8", number)
		}
		if !utf8.Valid(line) {
			return "", fmt.Errorf("line %d is not UTF-8: convert the file, for example with iconv -f ENCODING -t UTF-8", number)
		}
	}
	return string(raw), nil
}

// newSheet adds a table.
func (d *document) newSheet(line int) *sheet {
	t := &sheet{line: line}
	d.tables = append(d.tables, t)
	return t
}

// add adds a row to a table. It trims and cuts the cells, and leaves out a row
// of empty ones.
func (d *document) add(t *sheet, line int, cells []string) error {
	d.rows++
	d.cells += len(cells)
	if d.rows > maxRows || d.cells > maxCells || len(cells) > maxColumns {
		return errTooLarge
	}
	for i, cell := range cells {
		cell = strings.TrimSpace(cell)
		cells[i] = text.Cut(cell, maxCell)
		if len(cell) > maxCell {
			d.note(line, "column %d is cut to %d bytes", i+1, maxCell)
		}
	}
	if strings.Join(cells, "") != "" {
		t.rows = append(t.rows, row{line, cells})
	}
	return nil
}

// setHeader makes a row the header. Rows before it are no part of the table.
func (t *sheet) setHeader(i int) {
	t.line, t.header, t.before, t.rows = t.rows[i].line, t.rows[i].cells, t.rows[:i], t.rows[i+1:]
}

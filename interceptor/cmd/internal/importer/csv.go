package importer

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// readCSV reads comma-separated values. The delimiter may also be a semicolon,
// a tab or a vertical bar: the one that the first line has most.
func (d *document) readCSV(source string) error {
	r := csv.NewReader(strings.NewReader(source))
	r.Comma = delimiter(source)
	r.FieldsPerRecord = -1
	g := &grid{line: 1}
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("read CSV: %w", err)
		}
		line, _ := r.FieldPos(0)
		if err := d.add(g, line, cells); err != nil {
			return err
		}
	}
	if len(g.rows) > 0 {
		d.tables = append(d.tables, g)
	}
	return nil
}

func delimiter(source string) rune {
	first, _, _ := strings.Cut(strings.TrimLeft(source, "\r\n"), "\n")
	best, most := ',', 0
	for _, candidate := range []rune{',', ';', '\t', '|'} {
		if n := strings.Count(first, string(candidate)); n > most {
			best, most = candidate, n
		}
	}
	return best
}

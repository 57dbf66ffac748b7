package importer

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// readCSV reads comma-separated values. The delimiter may also be a semicolon,
// a tab or a vertical bar.
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

// delimiter returns the delimiter that most of the first lines have, and have
// most often.
func delimiter(source string) rune {
	best, mostLines, most := ',', 0, 0
	for _, candidate := range []rune{',', ';', '\t', '|'} {
		count, inLines, total := 0, 0, 0
		for line := range strings.Lines(source) {
			if n := strings.Count(line, string(candidate)); n > 0 {
				inLines, total = inLines+1, total+n
			}
			if count++; count == preamble {
				break
			}
		}
		if inLines > mostLines || inLines == mostLines && total > most {
			best, mostLines, most = candidate, inLines, total
		}
	}
	return best
}

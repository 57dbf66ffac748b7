package importer

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// readCSV reads comma-separated values.
func (d *document) readCSV(source string, o *Options) error {
	if o.Delimiter == 0 {
		o.Delimiter = delimiter(source)
	}
	r := csv.NewReader(strings.NewReader(source))
	r.Comma = o.Delimiter
	r.FieldsPerRecord = -1
	t := d.newSheet(1)
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read CSV with the delimiter %q, or name another one with --delimiter: %w", r.Comma, err)
		}
		line, _ := r.FieldPos(0)
		if err := d.add(t, line, cells); err != nil {
			return err
		}
	}
}

// delimiter returns the delimiter that most of the first lines have, and have
// most often.
func delimiter(source string) rune {
	lines := strings.SplitN(source, "\n", preamble+1)
	best, most := ',', 0
	for _, candidate := range ",;\t|" {
		score := 0
		for _, line := range lines[:min(len(lines), preamble)] {
			if n := strings.Count(line, string(candidate)); n > 0 {
				score += len(source) + n
			}
		}
		if score > most {
			best, most = candidate, score
		}
	}
	return best
}

package importer

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

const maxJSONNesting = 32

// node is a JSON value with its line. Members keep their order, and names that
// occur twice.
type node struct {
	line    int
	kind    byte // '{', '[', '"' for a string, 'n' for other scalars
	text    string
	keys    []string
	members []*node
}

type jsonReader struct {
	decoder *json.Decoder
	lines   *lines
	nodes   int
}

// readJSON reads arrays of objects, and objects keyed by the code. They may be
// anywhere in the document.
func (d *document) readJSON(source string) error {
	r := &jsonReader{decoder: json.NewDecoder(strings.NewReader(source)), lines: newLines(source)}
	r.decoder.UseNumber()
	root, err := r.value(0)
	if err == nil {
		if _, extra := r.decoder.Token(); !errors.Is(extra, io.EOF) {
			err = errors.New("there is more than one value")
		}
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return fmt.Errorf("read JSON: line %d: %w", r.lines.at(int(r.decoder.InputOffset())), err)
	}
	return d.jsonTables(root)
}

func (r *jsonReader) value(depth int) (*node, error) {
	token, err := r.decoder.Token()
	if err != nil {
		return nil, err
	}
	if r.nodes++; r.nodes > maxCells || depth > maxJSONNesting {
		return nil, fmt.Errorf("more than %d values, or values more than %d deep", maxCells, maxJSONNesting)
	}
	n := &node{line: r.lines.at(int(r.decoder.InputOffset())), kind: 'n'}
	switch token := token.(type) {
	case json.Delim:
		n.kind = byte(token)
		return n, r.members(n, depth)
	case string:
		n.kind, n.text = '"', token
	case nil:
	default:
		n.text = fmt.Sprint(token)
	}
	return n, nil
}

func (r *jsonReader) members(n *node, depth int) error {
	for r.decoder.More() {
		if n.kind == '{' {
			key, err := r.decoder.Token()
			if err != nil {
				return err
			}
			n.keys = append(n.keys, fmt.Sprint(key))
		}
		member, err := r.value(depth + 1)
		if err != nil {
			return err
		}
		n.members = append(n.members, member)
	}
	_, err := r.decoder.Token()
	return err
}

// jsonTables adds the tables in a value: the value itself, or those in it.
func (d *document) jsonTables(n *node) error {
	switch {
	case n.kind == '{' && slices.ContainsFunc(n.keys, isNumber):
		return d.jsonTable(n)
	case n.kind == '[' && slices.ContainsFunc(n.members, func(m *node) bool { return m.kind == '{' }):
		return d.jsonTable(n)
	}
	for _, member := range n.members {
		if err := d.jsonTables(member); err != nil {
			return err
		}
	}
	return nil
}

// jsonTable adds an array of objects, or an object keyed by the code.
func (d *document) jsonTable(n *node) error {
	t := &jsonTable{document: d, grid: &grid{line: n.line}, columns: map[string]int{}}
	d.tables = append(d.tables, t.grid)
	for i, member := range n.members {
		t.line, t.cells = member.line, nil
		var err error
		if n.kind == '{' {
			err = t.set("code", n.keys[i])
		}
		if err == nil {
			err = t.flatten(member, "")
		}
		if err == nil {
			err = d.add(t.grid, member.line, t.cells)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// jsonTable is a table whose columns are found row by row.
type jsonTable struct {
	*document
	grid    *grid
	columns map[string]int
	line    int
	cells   []string // of the row
}

// set sets a cell of the row.
func (t *jsonTable) set(name, text string) error {
	i, known := t.columns[name]
	if !known {
		i = len(t.columns)
		t.columns[name], t.grid.header = i, append(t.grid.header, name)
	}
	if i >= maxColumns {
		return errTooLarge
	}
	for len(t.cells) <= i {
		t.cells = append(t.cells, "")
	}
	switch t.cells[i] {
	case "":
		t.cells[i] = text
	case text:
	default:
		t.notes = append(t.notes, Issue{Line: t.line, Text: fmt.Sprintf("%s occurs twice: %s is dropped", show(name), show(text))})
	}
	return nil
}

// flatten sets a cell of the row for each scalar in a value. The name of a
// nested scalar is its path, such as "user_messages.en".
func (t *jsonTable) flatten(n *node, path string) error {
	for i, member := range n.members {
		name := fmt.Sprintf("%s[%d]", path, i)
		if n.kind == '{' {
			name = strings.TrimPrefix(path+"."+n.keys[i], ".")
		}
		if err := t.flatten(member, name); err != nil {
			return err
		}
	}
	if n.kind == '{' || n.kind == '[' {
		return nil
	}
	// The members of an object keyed by the code can be texts.
	return t.set(cmp.Or(path, "description"), n.text)
}

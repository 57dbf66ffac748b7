package importer

import (
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
	if err != nil {
		return fmt.Errorf("read JSON: line %d: %w", r.lines.at(int(r.decoder.InputOffset())), err)
	}
	return d.jsonTables(root)
}

func (r *jsonReader) value(depth int) (*node, error) {
	token, err := r.decoder.Token()
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
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
			n.keys = append(n.keys, key.(string)) //nolint:errcheck // encoding/json accepts only strings as keys
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
	g, columns := &grid{line: n.line}, map[string]int{}
	column := func(name string) (int, error) {
		i, known := columns[name]
		if !known {
			i = len(columns)
			columns[name], g.header = i, append(g.header, name)
		}
		if i >= maxColumns {
			return 0, errTooLarge
		}
		return i, nil
	}
	d.tables = append(d.tables, g)
	for i, member := range n.members {
		var cells []string
		set := func(name, text string) error {
			i, err := column(name)
			for err == nil && len(cells) <= i {
				cells = append(cells, "")
			}
			if err == nil && cells[i] == "" {
				cells[i] = text
			} else if err == nil {
				d.notes = append(d.notes, Issue{Line: member.line, Text: fmt.Sprintf("%s is there twice: %s is dropped", show(name), show(text))})
			}
			return err
		}
		var err error
		if n.kind == '{' {
			err = set("code", n.keys[i])
		}
		if err == nil {
			err = flatten(member, "", set)
		}
		if err == nil {
			err = d.add(g, member.line, cells)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// flatten sets a cell for each scalar in a row. The name of a nested scalar is
// its path, such as "user_messages.en".
func flatten(n *node, path string, set func(name, text string) error) error {
	switch n.kind {
	case '{':
		for i, member := range n.members {
			name := n.keys[i]
			if path != "" {
				name = path + "." + name
			}
			if err := flatten(member, name, set); err != nil {
				return err
			}
		}
		return nil
	case '[':
		for i, member := range n.members {
			if err := flatten(member, fmt.Sprintf("%s[%d]", path, i), set); err != nil {
				return err
			}
		}
		return nil
	}
	if path == "" {
		path = "description" // an object keyed by the code, with strings
	}
	return set(path, n.text)
}

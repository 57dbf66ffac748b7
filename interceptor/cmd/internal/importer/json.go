package importer

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/codetable/grpc-codetable/interceptor/internal/text"
)

// maxPath bounds the heading of a column, which each value below it repeats.
const maxPath = 256

// node is a JSON value. Members keep their order, and names that occur twice.
type node struct {
	line    int
	key     string
	kind    json.Delim // '{', '[' or 0 for a scalar
	text    string
	members []*node
}

type jsonReader struct {
	*json.Decoder
	source       string
	offset, line int
	nodes        int
}

// readJSON reads arrays of objects, and objects keyed by the code. They may be
// anywhere in the document.
func (d *document) readJSON(source string) error {
	r := &jsonReader{Decoder: json.NewDecoder(strings.NewReader(source)), source: source, line: 1}
	r.UseNumber()
	root, err := r.value("", 0)
	if err == nil {
		if _, extra := r.Token(); !errors.Is(extra, io.EOF) {
			err = errors.New("there is more than one value")
		}
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return fmt.Errorf("read JSON: line %d: %w", r.currentLine(), err)
	}
	return d.jsonTables(root)
}

func (r *jsonReader) currentLine() int {
	offset := min(int(r.InputOffset()), len(r.source))
	r.line += strings.Count(r.source[r.offset:offset], "\n")
	r.offset = offset
	return r.line
}

func (r *jsonReader) value(key string, depth int) (*node, error) {
	token, err := r.Token()
	if err != nil {
		return nil, err
	}
	if r.nodes++; r.nodes > maxCells || depth > maxNesting {
		return nil, fmt.Errorf("more than %d values, or values more than %d deep", maxCells, maxNesting)
	}
	n := &node{line: r.currentLine(), key: key}
	kind, nested := token.(json.Delim)
	if !nested {
		if token != nil {
			n.text = fmt.Sprint(token)
		}
		return n, nil
	}
	n.kind = kind
	for i := 0; r.More(); i++ {
		key := fmt.Sprintf("[%d]", i)
		if n.kind == '{' {
			token, err := r.Token()
			if err != nil {
				return nil, err
			}
			key = text.Cut(fmt.Sprint(token), maxPath)
		}
		member, err := r.value(key, depth+1)
		if err != nil {
			return nil, err
		}
		n.members = append(n.members, member)
	}
	_, err = r.Token() // the end
	return n, err
}

// jsonTables adds the tables in a value: the value itself, or those in it.
func (d *document) jsonTables(n *node) error {
	keyed := n.kind == '{' && slices.ContainsFunc(n.members, func(m *node) bool { return isNumber(m.key) })
	if keyed || n.kind == '[' && slices.ContainsFunc(n.members, func(m *node) bool { return m.kind == '{' }) {
		return d.jsonTable(n)
	}
	for _, member := range n.members {
		if err := d.jsonTables(member); err != nil {
			return err
		}
	}
	return nil
}

// jsonTable is a table whose columns are found row by row.
type jsonTable struct {
	*document
	sheet   *sheet
	columns map[string]int
	row     row
}

// jsonTable adds an array of objects, or an object keyed by the code.
func (d *document) jsonTable(n *node) error {
	t := &jsonTable{document: d, sheet: d.newSheet(n.line), columns: map[string]int{}}
	for _, member := range n.members {
		t.row = row{line: member.line}
		if n.kind == '{' {
			t.set("code", member.key)
		}
		t.flatten(member, "")
		if err := d.add(t.sheet, t.row.line, t.row.cells); err != nil {
			return err
		}
	}
	return nil
}

// flatten sets a cell of the row for each scalar in a value. The name of a
// nested scalar is its path, such as "user_messages.en".
func (t *jsonTable) flatten(n *node, path string) {
	if n.kind == 0 {
		// The members of an object keyed by the code can be texts.
		t.set(cmp.Or(path, "description"), n.text)
	}
	for _, member := range n.members {
		name := path + member.key
		if n.kind == '{' {
			name = strings.TrimPrefix(path+"."+member.key, ".")
		}
		t.flatten(member, text.Cut(name, maxPath))
	}
}

// set sets a cell of the row.
func (t *jsonTable) set(name, cell string) {
	i, known := t.columns[name]
	if !known {
		i = len(t.columns)
		t.columns[name], t.sheet.header = i, append(t.sheet.header, name)
	}
	for len(t.row.cells) <= i {
		t.row.cells = append(t.row.cells, "")
	}
	if have := t.row.cells[i]; have != "" && have != cell {
		t.note(t.row.line, "%s occurs twice: %s is dropped", show(name), show(cell))
		return
	}
	t.row.cells[i] = cell
}

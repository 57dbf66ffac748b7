package importer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/bufbuild/protocompile/ast"
)

// edit replaces a part of a file.
type edit struct {
	from, to int
	text     string
}

// merge adds the codes that an existing file lacks. Each is placed after the
// code that precedes it in the source.
func merge(o *Options, s *Summary, sheets []*sheet, source string) (string, error) {
	const mark = "\ufeff" // the parser does not count it
	source, marked := strings.CutPrefix(source, mark)
	f, err := parse(source)
	if err == nil {
		err = f.find(o.Enum)
	}
	if err != nil {
		return "", fmt.Errorf("merge into the existing file: %w", err)
	}
	f.reportOptions(o, s)
	merged := apply(source, f.edits(o, s, entries(sheets, f.prefix, s)))
	if _, err := parse(merged); err != nil {
		return "", fmt.Errorf("the merged file does not compile: %w", err)
	}
	if marked {
		merged = mark + merged
	}
	return merged, nil
}

// edits returns the changes of the file, and reports how the source differs.
func (f *protoFile) edits(o *Options, s *Summary, list []*entry) (edits []edit) {
	var fresh []*entry
	known, anchors := map[int32]bool{}, map[*entry]*ast.EnumValueNode{}
	anchor := f.values[len(f.values)-1]
	for _, e := range list {
		known[e.number] = true
		switch value := f.byNumber[e.number]; {
		case value != nil:
			anchor = value
			edits = append(edits, f.compare(o, s, e, value)...)
		case f.reserved(e.number):
			s.skip(e.line, fmt.Sprintf("enum %s reserves %d", o.Enum, e.number))
		default:
			fresh = append(fresh, e)
			anchors[e] = anchor
		}
	}
	taken, owners := f.names()
	nameEntries(fresh, taken, owners)
	s.added(fresh, f.prefix)
	f.reportGone(s, known)
	return append(edits, f.insertions(fresh, anchors)...)
}

// reportOptions reports options that the existing file contradicts. It has the
// last word.
func (f *protoFile) reportOptions(o *Options, s *Summary) {
	for _, decl := range f.tree.Decls {
		switch n := decl.(type) {
		case *ast.PackageNode:
			contradicts(s, "package", o.Package, string(n.Name.AsIdentifier()))
			o.Package = string(n.Name.AsIdentifier())
		case *ast.OptionNode:
			if value, ok := n.Val.(ast.StringValueNode); ok && len(n.Name.Parts) == 1 && string(n.Name.Parts[0].Name.AsIdentifier()) == "go_package" {
				contradicts(s, "go-package", o.GoPackage, value.AsString())
			}
		}
	}
	if literal, ok := option(f.enum.RangeOptions, tableOption).(*ast.MessageLiteralNode); ok {
		for _, element := range literal.Elements {
			if value, ok := element.Val.(ast.StringValueNode); ok && string(element.Name.Name.AsIdentifier()) == "domain" {
				contradicts(s, "domain", o.Domain, value.AsString())
			}
		}
	}
	o.Enum, o.prefix = f.enum.Name.Val, f.prefix
}

func contradicts(s *Summary, flag, want, have string) {
	if want != "" && want != have {
		s.note(0, fmt.Sprintf("--%s %s: the file has %s, which stays", flag, show(want), show(have)))
	}
}

// compare reports texts and the gRPC code of a code that the source changed, and
// replaces the texts if that is allowed.
func (f *protoFile) compare(o *Options, s *Summary, e *entry, value *ast.EnumValueNode) (edits []edit) {
	before := len(s.Changed)
	if have := codeStatus(value); e.statesCode && have != "" && have != e.grpcCode.String() {
		s.note(e.line, fmt.Sprintf("it states %s: %s has %s, which stays", e.grpcCode, value.Name.Val, have))
	}
	description, _ := codeText(value, "description")
	notes, _ := codeText(value, "notes")
	if e.hasDescription {
		edits = append(edits, f.replace(o, s, e, value, "description", e.description)...)
	}
	switch {
	case e.hasNotes:
		edits = append(edits, f.replace(o, s, e, value, "notes", e.notes)...)
	case e.hasDescription && notes == description && notes != "":
		// The import copied the description.
		edits = append(edits, f.replace(o, s, e, value, "notes", e.description)...)
	}
	if len(s.Changed) == before {
		s.Unchanged++
	}
	return edits
}

func (f *protoFile) replace(o *Options, s *Summary, e *entry, value *ast.EnumValueNode, field, text string) []edit {
	old, literal := codeText(value, field)
	if old == text {
		return nil
	}
	change := Change{Value: Value{e.line, e.number, value.Name.Val}, Field: field, Old: old, New: text}
	change.Updated = o.UpdateTexts && literal != nil
	s.Changed = append(s.Changed, change)
	if !change.Updated {
		return nil
	}
	return []edit{{f.start(literal), f.end(literal), quote(text)}}
}

// reportGone reports the values that the source does not have. The zero value
// that the import made is not one of them.
func (f *protoFile) reportGone(s *Summary, known map[int32]bool) {
	for number, value := range f.byNumber {
		if !known[number] && (number != 0 || !strings.HasSuffix(value.Name.Val, "UNSPECIFIED")) {
			s.Gone = append(s.Gone, Value{Number: number, Name: value.Name.Val})
		}
	}
	slices.SortFunc(s.Gone, func(a, b Value) int { return cmp.Compare(a.Number, b.Number) })
}

// insertions returns the edits that add entries after their anchors.
func (f *protoFile) insertions(fresh []*entry, anchors map[*entry]*ast.EnumValueNode) (edits []edit) {
	newline := "\n"
	if strings.Contains(f.source, "\r\n") {
		newline = "\r\n"
	}
	for i := 0; i < len(fresh); {
		anchor := anchors[fresh[i]]
		var b strings.Builder
		for ; i < len(fresh) && anchors[fresh[i]] == anchor; i++ {
			b.WriteString("\n" + strings.TrimSuffix(render(fresh[i], f.prefix, f.indent(anchor)), "\n"))
		}
		at, added := f.after(anchor), b.String()
		switch rest := f.source[at:]; {
		case strings.HasPrefix(rest, "\n"), strings.HasPrefix(rest, "\r\n"):
		case strings.HasPrefix(rest, "}"):
			added += "\n"
		default:
			added += "\n" + f.indent(anchor)
		}
		edits = append(edits, edit{at, at, strings.ReplaceAll(added, "\n", newline)})
	}
	return edits
}

// indent returns the white space before a value, or before another one if the
// value does not begin its line.
func (f *protoFile) indent(value *ast.EnumValueNode) string {
	for _, candidate := range append([]*ast.EnumValueNode{value}, f.values...) {
		start := f.start(candidate)
		line := f.source[strings.LastIndexByte(f.source[:start], '\n')+1 : start]
		if strings.Trim(line, " \t") == "" {
			return line
		}
	}
	return "  "
}

// after returns the offset after a value and its trailing comments: those on
// its line, and those on the next lines if an empty line follows them.
func (f *protoFile) after(value *ast.EnumValueNode) int {
	at := lineEnd(f.source, f.end(value))
	for end := at; ; {
		line, ok := nextLine(f.source[end:])
		switch {
		case ok && strings.HasPrefix(strings.TrimSpace(line), "//"):
			end += len(line)
		case ok && strings.TrimSpace(line) == "":
			return end
		default:
			return at
		}
	}
}

// nextLine returns the line after a line break that the text begins with. It
// has the line break before it, but not the one after it.
func nextLine(text string) (string, bool) {
	rest, ok := strings.CutPrefix(strings.TrimPrefix(text, "\r"), "\n")
	if !ok {
		return "", false
	}
	line, _, _ := strings.Cut(rest, "\n")
	return text[:len(text)-len(rest)+len(strings.TrimSuffix(line, "\r"))], true
}

// lineEnd returns the end of the white space and the comments that follow an
// offset on its line.
func lineEnd(source string, at int) int {
	end := at
	for {
		rest := source[end:]
		trimmed := strings.TrimLeft(rest, " \t")
		end += len(rest) - len(trimmed)
		switch {
		case strings.HasPrefix(trimmed, "//"):
			line, _, _ := strings.Cut(trimmed, "\n")
			return end + len(strings.TrimSuffix(line, "\r"))
		case strings.HasPrefix(trimmed, "/*") && strings.Contains(trimmed, "*/"):
			end += strings.Index(trimmed, "*/") + len("*/")
		case trimmed == "" || trimmed[0] == '\n' || trimmed[0] == '\r':
			return end
		default:
			return end
		}
	}
}

// apply applies edits that do not overlap.
func apply(source string, edits []edit) string {
	slices.SortStableFunc(edits, func(a, b edit) int { return cmp.Compare(a.from, b.from) })
	var b strings.Builder
	at := 0
	for _, e := range edits {
		b.WriteString(source[at:e.from] + e.text)
		at = e.to
	}
	b.WriteString(source[at:])
	return b.String()
}

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
func merge(o *Options, s *Summary, tables []*sheet, source string) (string, error) {
	const mark = "\ufeff" // the parser does not count it
	source, marked := strings.CutPrefix(source, mark)
	f, err := readFile(source, o.Enum)
	if err != nil {
		return "", fmt.Errorf("merge into the existing file: %w", err)
	}
	f.reportOptions(o, s)
	merged := apply(source, f.edits(o, s, entries(tables, f.names.prefix, s)))
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
	known, after := map[int32]bool{}, map[*ast.EnumValueNode][]*entry{}
	anchor := f.values[len(f.values)-1]
	for _, e := range list {
		known[e.number] = true
		switch value := f.byNumber[e.number]; {
		case value != nil:
			anchor = value
			edits = append(edits, f.compare(o, s, e, value)...)
		case f.isReserved(e.number):
			s.skip(e.line, fmt.Sprintf("enum %s reserves %d", o.Enum, e.number))
			s.Codes--
		default:
			fresh = append(fresh, e)
			after[anchor] = append(after[anchor], e)
		}
	}
	s.add(fresh, f.names)
	for number, value := range f.byNumber {
		// The import made the zero value if the source does not have it.
		if !known[number] && (number != 0 || !strings.HasSuffix(value.Name.Val, "UNSPECIFIED")) {
			s.Gone = append(s.Gone, Value{Number: number, Name: value.Name.Val})
		}
	}
	slices.SortFunc(s.Gone, func(a, b Value) int { return cmp.Compare(a.Number, b.Number) })
	for anchor, list := range after {
		edits = append(edits, f.insertion(anchor, list))
	}
	return edits
}

// reportOptions reports options that the existing file contradicts. It has the
// last word.
func (f *protoFile) reportOptions(o *Options, s *Summary) {
	report := func(flag, want, have string) {
		if want != "" && have != "" && want != have {
			s.note(0, "--%s %s: the file has %s, which stays", flag, show(want), show(have))
		}
	}
	for _, decl := range f.tree.Decls {
		if n, ok := decl.(*ast.PackageNode); ok {
			report("package", o.Package, string(n.Name.AsIdentifier()))
			o.Package = string(n.Name.AsIdentifier())
		}
	}
	report("go-package", o.GoPackage, textOf(option(f.tree.RangeOptions, "go_package")))
	report("domain", o.Domain, textOf(field(option(f.enum.RangeOptions, tableOption), "domain")))
	o.Enum = f.enum.Name.Val
}

// compare reports texts and the gRPC code of a code that the source changed, and
// replaces the texts if that is allowed.
func (f *protoFile) compare(o *Options, s *Summary, e *entry, value *ast.EnumValueNode) (edits []edit) {
	if have, ok := codeField(value, "grpc_code").(ast.IdentValueNode); ok && e.statesCode && string(have.AsIdentifier()) != e.grpcCode.String() {
		s.note(e.line, "it states %s: %s has %s, which stays", e.grpcCode, value.Name.Val, have.AsIdentifier())
	}
	description, notes := codeField(value, "description"), codeField(value, "notes")
	want := e.notes
	if want == "" && textOf(notes) == textOf(description) && textOf(notes) != "" {
		want = e.description // the import copied it
	}
	before := len(s.Changed)
	texts := map[string]string{"description": textOf(description), "notes": textOf(notes)}
	old := valueComment(texts["notes"], texts["description"])
	for _, field := range []struct {
		name, text string
		value      ast.ValueNode
	}{{"description", e.description, description}, {"notes", want, notes}} {
		old := textOf(field.value)
		if field.text == "" || field.text == old {
			continue
		}
		_, literal := field.value.(ast.StringValueNode)
		change := Change{Value{e.line, e.number, value.Name.Val}, field.name, old, field.text, o.UpdateTexts && literal}
		s.Changed = append(s.Changed, change)
		if change.Updated {
			texts[field.name] = field.text
			edits = append(edits, edit{f.start(field.value), f.end(field.value), fmt.Sprintf("%q", field.text)})
		}
	}
	if latest := valueComment(texts["notes"], texts["description"]); latest != old {
		edits = append(edits, f.comment(value, old, latest)...)
	}
	if len(s.Changed) == before {
		s.Unchanged++
	}
	return edits
}

// generated matches what the import writes between the comment of a value and the
// value.
var generated = lazy(`^(?:\r?\n[ \t]*// (?:TODO\(codetable\)|buf:lint:ignore)[^\n]*)*\r?\n[ \t]*$`)

// comment returns the edit of the comment above a value, if people left it as
// the import made it.
func (f *protoFile) comment(value *ast.EnumValueNode, old, latest string) []edit {
	comments := f.tree.NodeInfo(value).LeadingComments()
	if comments.Len() == 0 {
		return nil
	}
	from, indent := comments.Index(0).Start().Offset, f.indent(value)
	above := f.source[from:f.start(value)]
	old, latest = f.lines(strings.TrimLeft(indented(indent, old), " \t")), f.lines(strings.TrimLeft(indented(indent, latest), " \t"))
	at := strings.LastIndex(above, old)
	if at < 0 || !generated().MatchString(above[at+len(old):]) {
		return nil
	}
	if before := strings.TrimRight(above[:at], " \t\r"); before != "" && !strings.HasSuffix(strings.ReplaceAll(before, "\r", ""), "\n\n") {
		return nil // the comment begins above
	}
	return []edit{{from + at, from + at + len(old), latest}}
}

// lines returns lines with the line breaks of the file.
func (f *protoFile) lines(text string) string {
	if strings.Contains(f.source, "\r\n") {
		return strings.ReplaceAll(text, "\n", "\r\n")
	}
	return text
}

// insertion returns the edit that adds entries after a value.
func (f *protoFile) insertion(anchor *ast.EnumValueNode, list []*entry) edit {
	indent, at := f.indent(anchor), f.after(anchor)
	var b strings.Builder
	for _, e := range list {
		b.WriteString("\n" + indented(indent, e.value(f.names.prefix)))
	}
	switch rest := strings.TrimLeft(f.source[at:], " \t"); {
	case strings.HasPrefix(rest, "\n"), strings.HasPrefix(rest, "\r\n"):
	case strings.HasPrefix(rest, "}"):
		b.WriteString("\n")
	default:
		b.WriteString("\n" + indent)
	}
	return edit{at, at, f.lines(b.String())}
}

// indent returns the white space before a value, or before the first one if the
// value does not begin its line.
func (f *protoFile) indent(value *ast.EnumValueNode) string {
	for _, candidate := range []*ast.EnumValueNode{value, f.values[0]} {
		start := f.start(candidate)
		line := f.source[strings.LastIndexByte(f.source[:start], '\n')+1 : start]
		if strings.Trim(line, " \t") == "" {
			return line
		}
	}
	return "  "
}

// trailing matches the comments that belong to the value before them: those on
// its line, and those on the next lines if an empty line follows them.
var trailing = lazy(`^((?:[ \t]*/\*(?:[^*]|\*+[^*/])*\*+/)*(?:[ \t]*//[^\r\n]*)?)` +
	`(?:((?:\r?\n[ \t]*//[^\r\n]*)+)\r?\n[ \t]*\r?\n)?`)

// after returns the offset after a value and its trailing comments.
func (f *protoFile) after(value *ast.EnumValueNode) int {
	end := f.end(value)
	match := trailing().FindStringSubmatch(f.source[end:])
	return end + len(match[1]) + len(match[2])
}

// apply applies edits that do not overlap.
func apply(source string, edits []edit) string {
	slices.SortFunc(edits, func(a, b edit) int { return cmp.Compare(a.from, b.from) })
	var b strings.Builder
	at := 0
	for _, e := range edits {
		b.WriteString(source[at:e.from] + e.text)
		at = e.to
	}
	b.WriteString(source[at:])
	return b.String()
}

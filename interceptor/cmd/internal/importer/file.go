package importer

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/bufbuild/protocompile/ast"
	"github.com/bufbuild/protocompile/parser"
	"github.com/bufbuild/protocompile/reporter"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/codetable/grpc-codetable/interceptor/internal/table"
)

const (
	optionsFile = "codetable/v1/codetable.proto"
	tableOption = "codetable.v1.table"
	codeOption  = "codetable.v1.code"
)

// protoFile is an existing .proto file with the enum to merge codes into.
type protoFile struct {
	source   string
	tree     *ast.FileNode
	enum     *ast.EnumNode
	values   []*ast.EnumValueNode
	byNumber map[int32]*ast.EnumValueNode
	reserved []*ast.RangeNode
	names    *names
}

// parse parses a .proto file. It does not follow imports, so that the file
// need not be in its folder.
func parse(source string) (*ast.FileNode, error) {
	handler := reporter.NewHandler(nil)
	tree, err := parser.Parse("existing.proto", strings.NewReader(source), handler)
	if err == nil {
		_, err = parser.ResultFromAST(tree, true, handler)
	}
	return tree, err
}

// readFile finds an enum by its name. Without a name it is the only table of the
// file.
func readFile(source, name string) (*protoFile, error) {
	tree, err := parse(source)
	if err != nil {
		return nil, err
	}
	var all []string
	var found []*ast.EnumNode
	imports, scope := false, map[string]bool{}
	err = ast.Walk(tree, &ast.SimpleVisitor{
		DoVisitImportNode: func(n *ast.ImportNode) error {
			imports = imports || n.Name.AsString() == optionsFile
			return nil
		},
		DoVisitEnumNode: func(n *ast.EnumNode) error {
			if name == n.Name.Val || name == "" && option(n.RangeOptions, tableOption) != nil {
				found = append(found, n)
			}
			all = append(all, n.Name.Val)
			return nil
		},
		DoVisitIdentNode: func(n *ast.IdentNode) error { scope[n.Val] = true; return nil },
	})
	switch {
	case err != nil:
		return nil, err
	case len(found) != 1 && name != "":
		return nil, fmt.Errorf("it has %d enums %s: name one of %s with --enum", len(found), name, strings.Join(all, ", "))
	case len(found) != 1:
		return nil, fmt.Errorf("it has %d tables: name one of its enums with --enum: %s", len(found), strings.Join(all, ", "))
	case !imports:
		return nil, fmt.Errorf("it does not import %q: add the import, and the option (%s) to enum %s", optionsFile, tableOption, found[0].Name.Val)
	}
	f := &protoFile{source: source, tree: tree, enum: found[0], byNumber: map[int32]*ast.EnumValueNode{}}
	f.readEnum(scope)
	return f, nil
}

func (f *protoFile) readEnum(scope map[string]bool) {
	prefix := table.ValuePrefix(protoreflect.Name(f.enum.Name.Val))
	for _, decl := range f.enum.Decls {
		switch n := decl.(type) {
		case *ast.EnumValueNode:
			f.values = append(f.values, n)
		case *ast.ReservedNode:
			f.reserved = append(f.reserved, n.Ranges...)
			for _, name := range n.Names {
				scope[name.AsString()] = true
			}
		}
	}
	if !slices.ContainsFunc(f.values, func(v *ast.EnumValueNode) bool { return strings.HasPrefix(v.Name.Val, prefix) }) {
		prefix = ""
	}
	f.names = newNames(prefix)
	f.names.scope = scope
	for _, value := range f.values {
		wide, _ := value.Number.AsInt64()
		n := int32(wide) //nolint:gosec // the parser checked that it fits
		if f.byNumber[n] == nil {
			f.byNumber[n] = value
		}
		f.names.use(value.Name.Val, n)
	}
}

// isReserved reports whether the enum reserves a number.
func (f *protoFile) isReserved(number int32) bool {
	return slices.ContainsFunc(f.reserved, func(r *ast.RangeNode) bool {
		from, ok := r.StartValueAsInt32(math.MinInt32, math.MaxInt32)
		to, ok2 := r.EndValueAsInt32(math.MinInt32, math.MaxInt32)
		return ok && ok2 && from <= number && number <= to
	})
}

func (f *protoFile) start(n ast.Node) int { return f.tree.NodeInfo(n).Start().Offset }

// end returns the offset after a node.
func (f *protoFile) end(n ast.Node) int { return f.start(n) + len(f.tree.NodeInfo(n).RawText()) }

// option returns the value of an extension of options, or nil.
func option(each func(func(*ast.OptionNode) bool), name string) (value ast.ValueNode) {
	each(func(n *ast.OptionNode) bool {
		if parts := n.Name.Parts; len(parts) == 1 && strings.TrimPrefix(string(parts[0].Name.AsIdentifier()), ".") == name {
			value = n.Val
		}
		return value == nil
	})
	return value
}

// field returns a field of a message literal, or nil.
func field(value ast.ValueNode, name string) ast.ValueNode {
	literal, ok := value.(*ast.MessageLiteralNode)
	if !ok {
		return nil
	}
	for _, element := range literal.Elements {
		if string(element.Name.Name.AsIdentifier()) == name {
			return element.Val
		}
	}
	return nil
}

// codeField returns a field of the option of a value, or nil.
func codeField(value *ast.EnumValueNode, name string) ast.ValueNode {
	if value.Options == nil {
		return nil
	}
	return field(option(value.RangeOptions, codeOption), name)
}

// textOf returns the text of a string literal, or "".
func textOf(value ast.ValueNode) string {
	if literal, ok := value.(ast.StringValueNode); ok {
		return literal.AsString()
	}
	return ""
}

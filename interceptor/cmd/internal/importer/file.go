package importer

import (
	"errors"
	"fmt"
	"math"
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
	scope    map[string]bool // all names of the file
	prefix   string          // of the names of values
}

// parse parses a .proto file. It does not follow imports, so that the file
// need not be in its folder.
func parse(source string) (*protoFile, error) {
	handler := reporter.NewHandler(nil)
	tree, err := parser.Parse("existing.proto", strings.NewReader(source), handler)
	if err == nil {
		_, err = parser.ResultFromAST(tree, true, handler)
	}
	if err != nil {
		return nil, err
	}
	return &protoFile{source: source, tree: tree, byNumber: map[int32]*ast.EnumValueNode{}, scope: map[string]bool{}}, nil
}

// find finds the enum by its name. Without a name it is the only table of the
// file.
func (f *protoFile) find(name string) error {
	var all []string
	var found []*ast.EnumNode
	imports := false
	err := ast.Walk(f.tree, &ast.SimpleVisitor{
		DoVisitImportNode: func(n *ast.ImportNode) error {
			imports = imports || n.Name.AsString() == optionsFile
			return nil
		},
		DoVisitEnumNode: func(n *ast.EnumNode) error {
			if name == n.Name.Val || name == "" && option(n.RangeOptions, tableOption) != nil {
				found = append(found, n)
			}
			all = append(all, n.Name.Val)
			f.scope[n.Name.Val] = true
			return nil
		},
		DoVisitEnumValueNode: func(n *ast.EnumValueNode) error { f.scope[n.Name.Val] = true; return nil },
		DoVisitMessageNode:   func(n *ast.MessageNode) error { f.scope[n.Name.Val] = true; return nil },
		DoVisitFieldNode:     func(n *ast.FieldNode) error { f.scope[n.Name.Val] = true; return nil },
		DoVisitServiceNode:   func(n *ast.ServiceNode) error { f.scope[n.Name.Val] = true; return nil },
	})
	switch {
	case err != nil:
		return err
	case len(found) != 1 && name != "":
		return fmt.Errorf("it has %d enums %s: name one of %s with --enum", len(found), name, strings.Join(all, ", "))
	case len(found) != 1:
		return fmt.Errorf("it has %d tables: name one of its enums with --enum: %s", len(found), strings.Join(all, ", "))
	case !imports:
		return fmt.Errorf("it does not import %q: add the import, and the option (%s) to enum %s", optionsFile, tableOption, found[0].Name.Val)
	}
	f.enum = found[0]
	return f.readEnum()
}

func (f *protoFile) readEnum() error {
	f.prefix = table.ValuePrefix(protoreflect.Name(f.enum.Name.Val))
	prefixed := false
	for _, decl := range f.enum.Decls {
		value, ok := decl.(*ast.EnumValueNode)
		if !ok {
			continue
		}
		n, ok := value.Number.AsInt64()
		if !ok || n < math.MinInt32 || n > math.MaxInt32 {
			return fmt.Errorf("value %s does not fit int32", value.Name.Val)
		}
		f.values = append(f.values, value)
		if f.byNumber[int32(n)] == nil {
			f.byNumber[int32(n)] = value
		}
		prefixed = prefixed || strings.HasPrefix(value.Name.Val, f.prefix)
	}
	if len(f.values) == 0 {
		return errors.New("its enum has no values")
	}
	if !prefixed {
		f.prefix = ""
	}
	return nil
}

// reserved reports whether the enum reserves a number.
func (f *protoFile) reserved(number int32) bool {
	for _, decl := range f.enum.Decls {
		reserved, ok := decl.(*ast.ReservedNode)
		if !ok {
			continue
		}
		for _, r := range reserved.Ranges {
			from, ok := r.StartValueAsInt32(math.MinInt32, math.MaxInt32)
			to, ok2 := r.EndValueAsInt32(math.MinInt32, math.MaxInt32)
			if ok && ok2 && from <= number && number <= to {
				return true
			}
		}
	}
	return false
}

// names returns the names that a new value can't have.
func (f *protoFile) names() (*names, map[string]int32) {
	n, owners := newNames(f.prefix), map[string]int32{}
	for name := range f.scope {
		n.scope[name] = true
	}
	for number, value := range f.byNumber {
		owners[n.fold(value.Name.Val)] = number
	}
	for _, value := range f.values {
		n.values[n.fold(value.Name.Val)] = true
	}
	for _, decl := range f.enum.Decls {
		if reserved, ok := decl.(*ast.ReservedNode); ok {
			for _, name := range reserved.Names {
				n.scope[name.AsString()] = true
			}
			for _, name := range reserved.Identifiers {
				n.scope[name.Val] = true
			}
		}
	}
	return n, owners
}

func (f *protoFile) start(n ast.Node) int { return f.tree.NodeInfo(n).Start().Offset }

// end returns the offset after a node.
func (f *protoFile) end(n ast.Node) int { return f.start(n) + len(f.tree.NodeInfo(n).RawText()) }

// option returns the value of an extension of options, or nil.
func option(each func(func(*ast.OptionNode) bool), name string) (value ast.ValueNode) {
	each(func(n *ast.OptionNode) bool {
		if parts := n.Name.Parts; len(parts) == 1 && parts[0].IsExtension() &&
			strings.TrimPrefix(string(parts[0].Name.AsIdentifier()), ".") == name {
			value = n.Val
		}
		return value == nil
	})
	return value
}

// codeText returns a field of the option (codetable.v1.code) of a value, and the
// node of its string, or nil.
func codeText(value *ast.EnumValueNode, field string) (string, ast.StringValueNode) {
	if s, ok := codeField(value, field).(ast.StringValueNode); ok {
		return s.AsString(), s
	}
	return "", nil
}

// codeStatus returns the gRPC code of a value, or "".
func codeStatus(value *ast.EnumValueNode) string {
	if name, ok := codeField(value, "grpc_code").(ast.IdentValueNode); ok {
		return string(name.AsIdentifier())
	}
	return ""
}

func codeField(value *ast.EnumValueNode, field string) ast.ValueNode {
	if value.Options == nil {
		return nil
	}
	literal, _ := option(value.RangeOptions, codeOption).(*ast.MessageLiteralNode)
	if literal == nil {
		return nil
	}
	for _, element := range literal.Elements {
		if string(element.Name.Name.AsIdentifier()) == field {
			return element.Val
		}
	}
	return nil
}

package scaffold

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/bufbuild/protocompile/ast"
	"github.com/bufbuild/protocompile/parser"
	"github.com/bufbuild/protocompile/reporter"
	"google.golang.org/protobuf/reflect/protoreflect"
)

const goPackage = "go_package"

// todo is the comment in which codetable import asks for the option.
var todo = regexp.MustCompile(`(?m)^// TODO\(codetable\): go_package: .*\n`)

// withGoPackage returns a .proto file with the option go_package. It replaces the
// option that the file has, or else adds it where buf format puts it: after the
// imports, among the options in the order of their names.
func withGoPackage(raw []byte, value string) ([]byte, error) {
	raw = bytes.TrimPrefix(raw, []byte("\ufeff")) // the offsets do not count the byte order mark
	raw = todo.ReplaceAll(raw, nil)
	file, err := parser.Parse("", bytes.NewReader(raw), reporter.NewHandler(nil))
	if err != nil {
		return nil, err
	}
	text := fmt.Sprintf("option %s = %q;", goPackage, value)
	at, added := 0, text
	for _, declaration := range file.Decls {
		info := file.NodeInfo(declaration)
		from := info.Start().Offset
		to := from + len(info.RawText())
		switch declaration := declaration.(type) {
		case *ast.PackageNode, *ast.ImportNode:
			at, added = to, "\n\n"+text
		case *ast.OptionNode:
			switch name := optionName(declaration); {
			case name == goPackage:
				return slices.Concat(raw[:from], []byte(text), raw[to:]), nil
			case name < goPackage:
				at, added = to, "\n"+text
			case strings.HasPrefix(added, "\n\n"):
				at, added = from, text+"\n"
			}
		}
	}
	return slices.Concat(raw[:at], []byte(added), raw[at:]), nil
}

// optionName returns the name of an option, with a parenthesis if it is an
// extension.
func optionName(option *ast.OptionNode) string {
	first := option.Name.Parts[0]
	if first.IsExtension() {
		return "(" + string(first.Name.AsIdentifier()) + ")"
	}
	return string(first.Name.AsIdentifier())
}

// fileOptions returns the options of a file that its package shares, as
// "name = value" in the order of the names. buf's lint rules require that all
// files of a package agree on them.
func fileOptions(file protoreflect.FileDescriptor) (list []string) {
	file.Options().ProtoReflect().Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		if field.IsExtension() || field.Name() == "java_outer_classname" {
			return true
		}
		switch field.Kind() {
		case protoreflect.StringKind:
			list = append(list, string(field.Name())+" = "+strconv.Quote(value.String()))
		case protoreflect.BoolKind:
			list = append(list, string(field.Name())+" = "+value.String())
		default: // options of the compiler
		}
		return true
	})
	slices.Sort(list)
	return list
}

// Package lint finds the faults of tables. The command check and the plugin of
// buf report what it finds.
package lint

import (
	"fmt"
	"strings"
	_ "time/tzdata" // a machine or a sandbox may have no time zones

	"github.com/bufbuild/protocompile/walk"
	"golang.org/x/text/language"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/codetable/grpc-codetable/interceptor/internal/table"
	"github.com/codetable/grpc-codetable/interceptor/internal/tablecheck"
)

// todo is the only rule about comments, which are in no descriptor that a
// program links.
var todo = &tablecheck.Rule{ID: "CODETABLE_TODO", Purpose: "No TODO of codetable import is left."}

// todoMark begins the comments that codetable import leaves.
const todoMark = "TODO(codetable):"

// Rules returns the rules of Check.
func Rules() []*tablecheck.Rule { return append(tablecheck.Rules(), todo) }

// ValidateLocales reports a required language that is no BCP 47 language tag.
func ValidateLocales(locales []string) error {
	for _, locale := range locales {
		if tag, err := language.Parse(locale); err != nil || tag.IsRoot() {
			return fmt.Errorf("%q is no BCP 47 language tag", locale)
		}
	}
	return nil
}

// Check returns the faults of the tables, methods and fields in own. files has
// own and its imports. Each table must have sentences in the languages of
// locales.
func Check(files *protoregistry.Files, own []protoreflect.FileDescriptor, locales []string) ([]*tablecheck.Fault, error) {
	set, err := table.NewSet(files)
	if err != nil {
		return nil, err
	}
	faults := tablecheck.Files(set, own, locales)
	for _, file := range own {
		faults = append(faults, todos(file)...)
	}
	return faults, nil
}

// todos returns a fault for each TODO beside a table or one of its values.
func todos(file protoreflect.FileDescriptor) (faults []*tablecheck.Fault) {
	visit := func(at protoreflect.Descriptor) error {
		enum, ok := at.(protoreflect.EnumDescriptor)
		if value, isValue := at.(protoreflect.EnumValueDescriptor); isValue {
			enum, ok = value.Parent().(protoreflect.EnumDescriptor)
		}
		if ok && table.IsAnnotated(enum) {
			for _, text := range todosAt(at) {
				faults = append(faults, &tablecheck.Fault{Rule: todo, Descriptor: at, Text: text})
			}
		}
		return nil
	}
	if err := walk.Descriptors(file, visit); err != nil {
		panic(err) // only visit can fail
	}
	return faults
}

func todosAt(at protoreflect.Descriptor) (list []string) {
	location := at.ParentFile().SourceLocations().ByDescriptor(at)
	for line := range strings.Lines(location.LeadingComments) {
		if text, ok := strings.CutPrefix(strings.TrimSpace(line), todoMark); ok {
			list = append(list, "TODO: "+strings.TrimSpace(text))
		}
	}
	return list
}

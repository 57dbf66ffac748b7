// Package tablecheck finds the faults of annotated enums and of the methods and
// fields that use them. codetable.Check, the codetable command and the buf
// plugin report its faults.
package tablecheck

import (
	"fmt"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/codetable/grpc-codetable/interceptor/internal/table"
	"github.com/codetable/grpc-codetable/interceptor/internal/text"
)

// Fault is one fault. It is an error.
type Fault struct {
	Rule *Rule
	// Descriptor is what has the fault: an enum, a value, a method or a field.
	// Its file has the position in the source, if it is known.
	Descriptor protoreflect.Descriptor
	// Text describes the fault on one line. It does not name the descriptor.
	Text string
}

// Error returns the kind and the name of the descriptor, and the text.
func (f *Fault) Error() string {
	return kind(f.Descriptor) + " " + string(f.Descriptor.FullName()) + ": " + f.Text
}

func kind(desc protoreflect.Descriptor) string {
	switch desc.(type) {
	case protoreflect.EnumDescriptor:
		return "enum"
	case protoreflect.EnumValueDescriptor:
		return "value"
	case protoreflect.MethodDescriptor:
		return "method"
	default:
		return "field"
	}
}

// Enum returns the faults of an enum and of the methods that name its codes:
// those in the files of the set and in the file of the enum. It does not apply
// the optional rules.
func Enum(set *table.Set, enum protoreflect.EnumDescriptor) []*Fault {
	c := &checker{set: set}
	t := set.For(enum)
	c.checkEnum(t)
	c.checkMethods(t)
	return c.list
}

// Files returns the faults of all rules in files: of each enum with the options
// of codetable.v1, each method and each field. The set has the tables of files
// and of their imports. locales lists the languages that ruleLocales requires.
func Files(set *table.Set, files []protoreflect.FileDescriptor, locales []string) []*Fault {
	c := &checker{set: set, locales: locales}
	for _, file := range files {
		c.checkScope(file)
		for _, method := range methodsIn(file) {
			c.checkMethod(method)
		}
	}
	return c.list
}

// checker collects the faults.
type checker struct {
	set     *table.Set
	locales []string
	at      protoreflect.Descriptor // what is checked
	list    []*Fault
}

// add adds a fault. Descriptors may come from outside, so the text is made safe
// for terminals.
func (c *checker) add(rule *Rule, format string, args ...any) {
	c.list = append(c.list, &Fault{rule, c.at, text.OneLine(fmt.Sprintf(format, args...))})
}

func (c *checker) checkEnum(t *table.Table) {
	c.at = t.Desc
	c.checkTable(t)
	reasons := map[string]protoreflect.Name{}
	values := t.Desc.Values()
	for i := range values.Len() {
		value := values.Get(i)
		c.at = value
		options, _ := table.CodeOptions(value)
		reason := table.ReasonOf(value, options)
		c.checkReason(reason, value, options, reasons)
		if t.Entry(int32(value.Number())).Reason == reason {
			c.checkCode(t, value)
		}
	}
}

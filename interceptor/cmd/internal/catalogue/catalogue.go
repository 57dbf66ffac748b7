// Package catalogue arranges the tables and the methods of a set for the
// documents that are generated from them.
package catalogue

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/find"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/source"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
	"github.com/codetable/grpc-codetable/interceptor/internal/tablediff"
)

// ArgumentError is an argument that is not valid or does not fit the tables.
type ArgumentError struct{ error }

// Unwrap returns what is wrong.
func (e ArgumentError) Unwrap() error { return e.error }

// Argumentf returns an ArgumentError.
func Argumentf(format string, args ...any) error { return ArgumentError{fmt.Errorf(format, args...)} }

// Catalogue holds the tables and the services of a set.
type Catalogue struct {
	Tables   []*Table                         // in the order of their domains
	Services []protoreflect.ServiceDescriptor // those with a method that declares codes

	resolver *codetable.Resolver
}

// Table is a table with the methods that declare its codes.
type Table struct {
	Enum     protoreflect.EnumDescriptor
	Name     string // for files, such as response_codes
	Document *tablediff.Document
	Codes    []Code
}

// Code is a code with the full names of the methods that declare it.
type Code struct {
	tablediff.Code

	Spec    codetable.Spec
	Methods []string

	timeZone string // of calendar windows
}

// New returns the catalogue of a set.
func New(set *source.Set) (*Catalogue, error) {
	tables, err := table.NewSet(set.Files)
	if err != nil {
		return nil, err
	}
	c := &Catalogue{resolver: set.Resolver}
	for _, enum := range set.Tables() {
		c.Tables = append(c.Tables, c.table(tables, enum))
	}
	if err := c.name(); err != nil {
		return nil, err
	}
	for _, file := range set.Own {
		for i := range file.Services().Len() {
			if service := file.Services().Get(i); declares(service) {
				c.Services = append(c.Services, service)
			}
		}
	}
	slices.SortFunc(c.Services, func(a, b protoreflect.ServiceDescriptor) int { return cmp.Compare(a.FullName(), b.FullName()) })
	return c, nil
}

func (c *Catalogue) table(set *table.Set, enum protoreflect.EnumDescriptor) *Table {
	t := &Table{Enum: enum, Document: tablediff.Describe(set, enum)}
	methods := map[string][]string{}
	for method, reasons := range t.Document.Methods {
		for _, reason := range reasons {
			methods[reason] = append(methods[reason], method)
		}
	}
	for _, code := range t.Document.Codes {
		spec, _ := c.resolver.LookupDescriptor(enum, protoreflect.EnumNumber(code.Number))
		slices.Sort(methods[code.Reason])
		t.Codes = append(t.Codes, Code{code, spec, methods[code.Reason], t.Document.TimeZone})
	}
	return t
}

// name gives each table a name for files. If two enums have the same name, it
// is the full name.
func (c *Catalogue) name() error {
	count, owner := map[string]int{}, map[string]protoreflect.FullName{}
	for _, t := range c.Tables {
		t.Name = plural(string(t.Enum.Name()))
		count[t.Name]++
	}
	for _, t := range c.Tables {
		if count[t.Name] > 1 {
			t.Name = strings.ToLower(string(t.Enum.FullName().Parent())) + "." + t.Name
		}
		if other, taken := owner[t.Name]; taken {
			return fmt.Errorf("the tables %s and %s would have the same file %s: rename one of the enums", other, t.Enum.FullName(), t.Name)
		}
		owner[t.Name] = t.Enum.FullName()
	}
	return nil
}

// plural turns ResponseCode into response_codes.
func plural(enum string) string {
	name := strings.ToLower(strings.TrimSuffix(table.ValuePrefix(protoreflect.Name(enum)), "_"))
	if strings.HasSuffix(name, "s") {
		return name
	}
	return name + "s"
}

func declares(service protoreflect.ServiceDescriptor) bool {
	for i := range service.Methods().Len() {
		if _, ok := table.MethodOptions(service.Methods().Get(i)); ok {
			return true
		}
	}
	return false
}

// Declared returns the codes that a method declares, in the order of its
// option. The tables need not be linked.
func (c *Catalogue) Declared(method protoreflect.MethodDescriptor) []codetable.Spec {
	specs, _ := c.resolver.Declared(method)
	return specs
}

// Method finds a method of the services by a name that [find.HasName] accepts.
// The name must be unique.
func (c *Catalogue) Method(name string) (protoreflect.MethodDescriptor, error) {
	var found, known []string
	var method protoreflect.MethodDescriptor
	for _, service := range c.Services {
		for i := range service.Methods().Len() {
			m := service.Methods().Get(i)
			known = append(known, string(m.FullName()))
			if find.HasName(m, name) {
				found, method = append(found, string(m.FullName())), m
			}
		}
	}
	switch len(found) {
	case 1:
		return method, nil
	case 0:
		return nil, Argumentf("no method %q: the methods are %s", name, strings.Join(known, ", "))
	default:
		return nil, Argumentf("method %q is ambiguous: %s", name, strings.Join(found, ", "))
	}
}

// Comment returns the comment before a descriptor, without the directives of
// buf. Only descriptors of .proto files and of images with source info have
// comments.
func Comment(d protoreflect.Descriptor) string {
	var lines []string
	for line := range strings.Lines(d.ParentFile().SourceLocations().ByDescriptor(d).LeadingComments) {
		line = strings.TrimPrefix(strings.TrimRight(line, "\r\n"), " ")
		if !strings.HasPrefix(line, "buf:lint:") {
			lines = append(lines, line)
		}
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

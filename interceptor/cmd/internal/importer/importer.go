package importer

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/codetable/grpc-codetable/interceptor/internal/table"
)

// Options say how a source is read and what the enum is called.
type Options struct {
	Name    string  // of the source, for reports
	Format  string  // one of Formats
	Columns Columns // default: found by their headings
	Table   int     // number of the table to import, from 1. Default: found

	Enum      string // default: ResponseCode, or the table of the existing file
	Domain    string
	Package   string
	GoPackage string

	// UpdateTexts replaces descriptions and notes that the source changed.
	UpdateTexts bool

	prefix                           string
	packageGuessed, goPackageGuessed bool
}

var (
	enumRule   = lazy(`^[A-Z][A-Za-z0-9]*$`)
	domainRule = lazy(`^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$`)
)

// Validate reports options that are wrong.
func (o *Options) Validate() error {
	switch {
	case o.Enum != "" && !enumRule().MatchString(o.Enum):
		return fmt.Errorf("enum %q: want a name such as ResponseCode", o.Enum)
	case o.Domain != "" && !domainRule().MatchString(o.Domain):
		return fmt.Errorf("domain %q: want a lower-case DNS name such as shop.acme.example", o.Domain)
	case o.Package != "" && !packageRule().MatchString(o.Package):
		return fmt.Errorf("package %q: want a lower-case name such as acme.shop.v1", o.Package)
	case strings.ContainsFunc(o.GoPackage, func(r rune) bool { return r <= ' ' || r > '~' }):
		return fmt.Errorf("go_package %q: want an import path such as example.com/shop/gen/acme/shop/v1;shopv1", o.GoPackage)
	case o.Table < 0:
		return fmt.Errorf("table %d: want a number from 1", o.Table)
	}
	return nil
}

// Import reads a source and returns the .proto file with its codes. existing
// is the file to merge them into. If it is empty, the file is a new one.
//
// Nothing in an existing file is changed but the texts that UpdateTexts allows.
// The summary says what was done with each row.
func Import(o Options, source, existing []byte) (file string, summary *Summary, err error) {
	if err := o.Validate(); err != nil {
		return "", nil, err
	}
	s := newSummary(&o)
	d, err := read(source, o.Format)
	if err != nil {
		return "", nil, fmt.Errorf("%s: %w", o.Name, err)
	}
	tables, err := choose(d, o.Columns, o.Table, s)
	if err != nil {
		return "", nil, fmt.Errorf("%s: %w", o.Name, err)
	}
	s.Notes = append(s.Notes, d.notes...)
	if len(existing) > 0 {
		file, err = merge(&o, s, tables, string(existing))
	} else {
		file, err = create(&o, s, tables), nil
	}
	if err != nil {
		return "", nil, err
	}
	s.Package, s.Enum = o.Package, o.Enum
	return file, s, nil
}

func newSummary(o *Options) *Summary {
	return &Summary{
		Source: o.Name, Format: o.Format, Tables: []TableSummary{},
		Added: []Value{}, Changed: []Change{}, Gone: []Value{}, Skipped: []Issue{}, Notes: []Issue{},
	}
}

func create(o *Options, s *Summary, tables []*sheet) string {
	o.setDefaults()
	list := zeroFirst(entries(tables, o.prefix, s))
	nameEntries(list, newNames(o.prefix), map[string]int32{})
	s.added(list, o.prefix)
	file, todos := newFile(o, list)
	s.Todos += todos
	return file
}

func (o *Options) setDefaults() {
	if o.Enum == "" {
		o.Enum = "ResponseCode"
	}
	if o.Domain == "" {
		o.Domain = placeholder
	}
	if o.Package == "" {
		o.Package, o.packageGuessed = packageOf(o.Domain), true
	}
	if o.GoPackage == "" {
		o.GoPackage, o.goPackageGuessed = goPackageOf(o.Package), true
	}
	o.prefix = table.ValuePrefix(protoreflect.Name(o.Enum))
}

// zeroFirst moves the code 0 to the front, where proto3 requires it. A table
// without it gets a zero value that is a failure.
func zeroFirst(list []*entry) []*entry {
	for i, e := range list {
		if e.number == 0 {
			copy(list[1:i+1], list[:i])
			list[0] = e
			return list
		}
	}
	return append([]*entry{unspecified()}, list...)
}

// added records the values that the enum gets.
func (s *Summary) added(list []*entry, prefix string) {
	for _, e := range list {
		s.Added = append(s.Added, Value{Line: e.line, Number: e.number, Name: prefix + e.name})
		s.Todos += len(e.todos)
	}
}

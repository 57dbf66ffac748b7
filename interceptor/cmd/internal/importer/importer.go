// Package importer makes an annotated enum of a published table of codes, and
// merges a newer edition of the table into the enum.
package importer

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/codetable/grpc-codetable/interceptor/internal/table"
)

// Options say how a source is read and what the enum is called.
type Options struct {
	Name      string  // of the source, for reports
	Format    string  // one of Formats
	Delimiter rune    // of CSV. Default: found
	Columns   Columns // default: found by their headings
	Table     int     // number of the table to import, from 1. Default: found

	Enum      string // default: ResponseCode, or the table of the existing file
	Domain    string
	Package   string
	GoPackage string

	// UpdateTexts replaces descriptions and notes that the source changed.
	UpdateTexts bool
}

var (
	enumRule    = lazy(`^[A-Z][A-Za-z0-9]*$`)
	domainRule  = lazy(`^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$`)
	packageRule = lazy(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$`)
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
	case o.Delimiter != 0 && o.Format != "csv":
		return fmt.Errorf("delimiter %q: %s has none, only csv", o.Delimiter, o.Format)
	}
	return nil
}

// Import reads a source and returns the .proto file with its codes. existing
// is the file to merge them into. If it is empty, the file is a new one.
//
// Nothing in an existing file is changed but the texts that UpdateTexts allows.
// The summary says what was done with each row.
func Import(o Options, source, existing []byte) (file string, s *Summary, err error) {
	if err := o.Validate(); err != nil {
		return "", nil, err
	}
	s = &Summary{
		Source: o.Name, Format: o.Format, Tables: []TableSummary{},
		Added: []Value{}, Changed: []Change{}, Gone: []Value{}, Skipped: []Issue{}, Notes: []Issue{},
	}
	d := &document{Summary: s}
	var tables []*sheet
	if err = d.read(&o, source); err == nil {
		tables, err = d.choose(&o)
	}
	if err != nil {
		return "", nil, fmt.Errorf("%s: %w", o.Name, err)
	}
	if len(existing) > 0 {
		file, err = merge(&o, s, tables, string(existing))
	} else {
		file = create(&o, s, tables)
	}
	if err != nil {
		return "", nil, err
	}
	s.Package, s.Enum = o.Package, o.Enum
	return file, s, nil
}

// placeholder is the domain of a table whose owner did not name one.
const placeholder = "example.invalid"

// create returns a new file. What the options do not name is a TODO.
func create(o *Options, s *Summary, tables []*sheet) string {
	var todos []string
	o.Enum = cmp.Or(o.Enum, "ResponseCode")
	if o.Domain == "" {
		o.Domain = placeholder
		todos = append(todos, "domain: name the service that defines the codes; it is wire contract")
	}
	if o.Package == "" {
		o.Package = packageOf(o.Domain)
		todos = append(todos, "package: choose the package; it is wire contract")
	}
	if o.GoPackage == "" {
		o.GoPackage = goPackageOf(o.Package)
		todos = append(todos, "go_package: choose the Go package, or let buf's managed mode set it")
	}
	prefix := table.ValuePrefix(protoreflect.Name(o.Enum))
	list := zeroFirst(entries(tables, prefix, s))
	locale := defaultLocale(list)
	if locale != "" {
		todos = append(todos, "default_user_messages: write the neutral sentence of the table")
	}
	s.add(list, newNames(prefix))
	s.Todos += len(todos)
	return newFile(o, prefix, list, locale, todos)
}

// zeroFirst moves the code 0 to the front, where proto3 requires it. A table
// without it gets a zero value that is a failure.
func zeroFirst(list []*entry) []*entry {
	zero := unspecified()
	if i := slices.IndexFunc(list, func(e *entry) bool { return e.number == 0 }); i >= 0 {
		zero = list[i]
		list = slices.Delete(list, i, i+1)
	}
	return slices.Insert(list, 0, zero)
}

// add gives new entries names of their own, and records them.
func (s *Summary) add(list []*entry, n *names) {
	for _, e := range list {
		n.take(e)
		s.Added = append(s.Added, Value{Line: e.line, Number: e.number, Name: n.prefix + e.name})
		s.Todos += len(e.todos)
	}
}

// packageOf proposes a package by a domain: its labels in reverse order.
func packageOf(domain string) string {
	labels := strings.Split(strings.ReplaceAll(domain, "-", "_"), ".")
	slices.Reverse(labels)
	name := strings.Join(append(labels, "v1"), ".")
	if domain == placeholder || !packageRule().MatchString(name) {
		return "example.v1"
	}
	return name
}

// goPackageOf proposes a Go package by a proto package.
func goPackageOf(pkg string) string {
	folder := strings.ReplaceAll(pkg, ".", "/")
	last := path.Base(folder)
	if parent := path.Base(path.Dir(folder)); strings.HasPrefix(last, "v") && parent != "." {
		last = strings.ReplaceAll(parent, "_", "") + last
	}
	return "example.com/todo/gen/" + folder + ";" + last
}

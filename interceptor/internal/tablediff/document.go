// Package tablediff describes the content of a table as a document for review.
// It compares two documents and classifies each change by who is affected.
package tablediff

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/codetable/grpc-codetable/interceptor/internal/table"
)

// Document is the content of a table. It does not depend on how the options are
// stored.
type Document struct {
	Domain               string              `json:"domain"`
	TimeZone             string              `json:"timeZone,omitempty"`
	UnrecognizedGRPCCode string              `json:"unrecognizedGrpcCode"`
	HelpURL              string              `json:"helpUrl,omitempty"` // with its placeholders
	DefaultLocale        string              `json:"defaultLocale,omitempty"`
	DefaultUserMessages  map[string]string   `json:"defaultUserMessages,omitempty"`
	Codes                []Code              `json:"codes"`             // in number order
	Aliases              map[string]int32    `json:"aliases,omitempty"` // numbers by the reasons of additional names
	Methods              map[string][]string `json:"methods,omitempty"` // sorted reasons by full method name
}

// The JSON of a codetable.Spec and of its parts.
type (
	// Code is the JSON of a codetable.Spec.
	Code = table.Document
	// Retry is the JSON of a codetable.Retry.
	Retry = table.RetryDocument
	// Detail is the standard error detail that a code carries.
	Detail = table.DetailDocument
)

// Describe returns the document of an enum, with the methods in the files of the
// set that declare its codes.
func Describe(set *table.Set, enum protoreflect.EnumDescriptor) *Document {
	return describe(set.For(enum), declarations(set))
}

func describe(t *table.Table, declared map[string][]declaration) *Document {
	d := &Document{
		Domain:               t.Domain,
		TimeZone:             t.Options.GetTimeZone(),
		UnrecognizedGRPCCode: table.CodeName(t.Unlisted.GRPCCode),
		HelpURL:              t.Options.GetHelpUrl(),
		DefaultLocale:        t.Options.GetDefaultLocale(),
		DefaultUserMessages:  t.Options.GetDefaultUserMessages(),
		Codes:                make([]Code, len(t.Entries)),
		Aliases:              map[string]int32{},
		Methods:              map[string][]string{},
	}
	for i, e := range t.Entries {
		d.Codes[i] = e.Document(e.Number)
	}
	values := t.Desc.Values()
	for i := range values.Len() {
		options, _ := table.CodeOptions(values.Get(i))
		reason := table.ReasonOf(values.Get(i), options)
		if e := t.ByReason(reason); e.Reason != reason {
			d.Aliases[reason] = e.Number
		}
	}
	for _, declaration := range declared[t.Domain] {
		d.declare(t, declaration)
	}
	return d
}

// declaration holds the reasons of one table that a method declares.
type declaration struct {
	method  string
	reasons []string
}

// declarations returns the declarations of all methods of a set by domain.
func declarations(set *table.Set) map[string][]declaration {
	all := map[string][]declaration{}
	set.Files().RangeFiles(func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			methods := file.Services().Get(i).Methods()
			for j := range methods.Len() {
				options, _ := table.MethodOptions(methods.Get(j))
				for _, codes := range options.GetCodes() {
					all[codes.GetDomain()] = append(all[codes.GetDomain()], declaration{string(methods.Get(j).FullName()), codes.GetReasons()})
				}
			}
		}
		return true
	})
	return all
}

// declare adds the codes of a method. It skips reasons that the table does not
// list.
func (d *Document) declare(t *table.Table, declared declaration) {
	reasons := d.Methods[declared.method]
	for _, reason := range declared.reasons {
		if e := t.ByReason(reason); e != nil {
			reasons = append(reasons, e.Reason)
		}
	}
	if len(reasons) > 0 {
		slices.Sort(reasons)
		d.Methods[declared.method] = slices.Compact(reasons)
	}
}

// Encode writes the document as indented JSON. Equal documents have equal
// bytes.
func (d *Document) Encode() []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(d); err != nil {
		panic(err) // strings, numbers and maps always marshal
	}
	return b.Bytes()
}

// Decode reads the output of Encode. It returns an error for a document that no
// table has, such as the result of a wrong merge.
func Decode(raw []byte) (*Document, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	d := &Document{}
	err := decoder.Decode(d)
	if err == nil {
		slices.SortStableFunc(d.Codes, func(a, b Code) int { return cmp.Compare(a.Number, b.Number) })
		err = d.validate()
	}
	if _, end := decoder.Token(); err == nil && !errors.Is(end, io.EOF) {
		err = errors.New("more follows it")
	}
	if err != nil {
		return nil, fmt.Errorf("read the document of a table: %w", err)
	}
	return d, nil
}

func (d *Document) validate() error {
	reasons := map[string]bool{}
	for i, c := range d.Codes {
		if i > 0 && d.Codes[i-1].Number == c.Number {
			return fmt.Errorf("it has the number %d twice", c.Number)
		}
		reasons[c.Reason] = true
	}
	for _, alias := range slices.Sorted(maps.Keys(d.Aliases)) {
		if _, ok := d.code(d.Aliases[alias]); !ok || reasons[alias] {
			return fmt.Errorf("the alias %q is that of no code, or is the reason of one", alias)
		}
	}
	for _, method := range slices.Sorted(maps.Keys(d.Methods)) {
		for _, reason := range d.Methods[method] {
			if !reasons[reason] {
				return fmt.Errorf("the method %q declares %q, which is no code", method, reason)
			}
		}
	}
	return nil
}

func (d *Document) code(number int32) (Code, bool) {
	i, ok := slices.BinarySearchFunc(d.Codes, number, func(c Code, n int32) int { return cmp.Compare(c.Number, n) })
	if !ok {
		return Code{}, false
	}
	return d.Codes[i], true
}

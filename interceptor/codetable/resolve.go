package codetable

import (
	"strings"
	"sync"
	"sync/atomic"
	"unicode"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
)

// optionTypes knows our two extensions and nothing else.
var optionTypes = sync.OnceValue(func() *protoregistry.Types {
	types := new(protoregistry.Types)
	for _, x := range []protoreflect.ExtensionType{codetablev1.E_Table, codetablev1.E_Code} {
		if err := types.RegisterExtension(x); err != nil {
			panic(err) // two extensions of the same generated file: can't clash
		}
	}
	return types
})

func tableOptions(desc protoreflect.EnumDescriptor) (*codetablev1.Table, bool) {
	table, ok := option(desc.Options(), &descriptorpb.EnumOptions{}, codetablev1.E_Table).(*codetablev1.Table)
	if !ok {
		return &codetablev1.Table{}, false
	}
	return table, true
}

func codeOptions(desc protoreflect.EnumValueDescriptor) (*codetablev1.Code, bool) {
	code, ok := option(desc.Options(), &descriptorpb.EnumValueOptions{}, codetablev1.E_Code).(*codetablev1.Code)
	if !ok {
		return &codetablev1.Code{}, false
	}
	return code, true
}

// option reads an extension of descriptor options into fresh, nil if it is not
// set.
//
// The options are parsed once more with types of our own: in a descriptor that
// was built at run time the extension may be an unknown field, which reads as
// absent, or a dynamic message, on which proto.GetExtension panics.
func option(options, fresh proto.Message, extension protoreflect.ExtensionType) any {
	raw, err := proto.MarshalOptions{AllowPartial: true}.Marshal(options)
	if err != nil || len(raw) == 0 {
		return nil
	}
	parser := proto.UnmarshalOptions{AllowPartial: true, Resolver: optionTypes()}
	if err := parser.Unmarshal(raw, fresh); err != nil || !proto.HasExtension(fresh, extension) {
		return nil
	}
	return proto.GetExtension(fresh, extension)
}

// valuePrefix is the prefix that buf and the protobuf style guide ask of the
// values of an enum: its name in upper snake case.
func valuePrefix(enum protoreflect.Name) string {
	var b strings.Builder
	runes := []rune(string(enum))
	for i, r := range runes {
		startsWord := i > 0 && unicode.IsUpper(r) &&
			(!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1]))
		if startsWord && runes[i-1] != '_' {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToUpper(r))
	}
	return b.String() + "_"
}

func reasonOf(value protoreflect.EnumValueDescriptor, prefix string) string {
	name := string(value.Name())
	if short := strings.TrimPrefix(name, prefix); short != "" {
		return short
	}
	return name
}

// domainIndex is the annotated enums of the program by domain.
type domainIndex struct {
	enums  int // how many enums were registered when it was built
	tables map[string]*table
}

var domains atomic.Pointer[domainIndex]

// tableByDomain finds the table of a domain among the generated enums that the
// program links. The index is rebuilt only when enums were registered since.
func tableByDomain(domain []byte) *table {
	index := domains.Load()
	if index != nil {
		if t, ok := index.tables[string(domain)]; ok {
			return t
		}
	}
	if enums := protoregistry.GlobalTypes.NumEnums(); index == nil || index.enums != enums {
		index = indexDomains(enums)
		domains.Store(index)
	}
	return index.tables[string(domain)]
}

// indexDomains lets the enum that comes first by name have a domain that two
// enums claim, so that every run decodes alike; Check reports the clash.
func indexDomains(enums int) *domainIndex {
	index := &domainIndex{enums: enums, tables: map[string]*table{}}
	protoregistry.GlobalTypes.RangeEnums(func(enum protoreflect.EnumType) bool {
		desc := enum.Descriptor()
		if _, annotated := tableOptions(desc); !annotated {
			return true
		}
		t := tableFor(desc)
		if other, taken := index.tables[t.domain]; !taken || desc.FullName() < other.desc.FullName() {
			index.tables[t.domain] = t
		}
		return true
	})
	return index
}

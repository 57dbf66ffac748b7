package tablediff

import (
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/codetable/grpc-codetable/interceptor/internal/table"
)

// TableChanges holds the changes of one table.
type TableChanges struct {
	Before, After protoreflect.EnumDescriptor // nil if that version lacks the table
	Changes       []Located                   // the most severe first
}

// Located is a change and the descriptor that it is about in each version: a
// value, a method or the enum. It is the enum if the version lacks the value or
// the method, and nil if the version lacks the table.
type Located struct {
	Change
	Before, After protoreflect.Descriptor
}

// CompareSets compares the tables of two sets. It matches tables by the name of
// the enum, or else by domain. Tables without a change have no Changes. The
// result is in the order of the domains; added tables come last.
func CompareSets(before, after *table.Set) []TableChanges {
	var list []TableChanges
	matched := map[*table.Table]bool{}
	declaredBefore, declaredAfter := declarations(before), declarations(after)
	for _, was := range before.Tables() {
		is := match(was, before, after)
		if is == nil {
			removed := theTable
			removed.Rule, removed.What, removed.Whom = ruleGone, "it is removed", "callers that handle its codes"
			list = append(list, TableChanges{Before: was.Desc, Changes: []Located{{removed, was.Desc, nil}}})
			continue
		}
		matched[is] = true
		changes := TableChanges{Before: was.Desc, After: is.Desc}
		for _, change := range Compare(describe(was, declaredBefore), describe(is, declaredAfter)) {
			changes.Changes = append(changes.Changes, Located{change, locate(before, was.Desc, change.Old, change.Method), locate(after, is.Desc, change.New, change.Method)})
		}
		list = append(list, changes)
	}
	for _, is := range after.Tables() {
		if !matched[is] {
			added := theTable
			added.Rule, added.What, added.Whom = ruleNew, "it is added", "callers, which may not have it"
			list = append(list, TableChanges{After: is.Desc, Changes: []Located{{added, nil, is.Desc}}})
		}
	}
	return list
}

// match returns the later version of a table, or nil if there is none. A table
// whose enum exists in both versions is never matched by domain.
func match(was *table.Table, before, after *table.Set) *table.Table {
	if is := byName(after, was.Desc.FullName()); is != nil {
		return is
	}
	if is := after.ByDomain([]byte(was.Domain)); is != nil && before.ByDomain([]byte(was.Domain)) == was && byName(before, is.Desc.FullName()) == nil {
		return is
	}
	return nil
}

func byName(set *table.Set, name protoreflect.FullName) *table.Table {
	desc, _ := set.Files().FindDescriptorByName(name)
	if enum, ok := desc.(protoreflect.EnumDescriptor); ok && table.IsAnnotated(enum) {
		return set.For(enum)
	}
	return nil
}

func locate(set *table.Set, enum protoreflect.EnumDescriptor, number *int32, method string) protoreflect.Descriptor {
	if number != nil {
		if value := enum.Values().ByNumber(protoreflect.EnumNumber(*number)); value != nil {
			return value
		}
	}
	if method != "" {
		if desc, err := set.Files().FindDescriptorByName(protoreflect.FullName(method)); err == nil {
			return desc
		}
	}
	return enum
}

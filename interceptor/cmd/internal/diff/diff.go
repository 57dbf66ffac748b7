// Package diff finds the changes between two versions of tables. The command
// diff and the plugin of buf report what it finds.
package diff

import (
	"cmp"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/term"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
	"github.com/codetable/grpc-codetable/interceptor/internal/tablediff"
)

// Version is one version of tables.
type Version struct {
	Files *protoregistry.Files
	// Own lists the files that are compared. Files has their imports too.
	Own []protoreflect.FileDescriptor
}

// Has reports whether the version has a file.
func (v Version) Has(path string) bool {
	_, err := v.Files.FindFileByPath(path)
	return err == nil
}

// Change is one change of a table.
type Change struct {
	tablediff.Located
	Table protoreflect.EnumDescriptor // the newer version, if there is one
}

// At returns what the change is about in the newer version, or in the older one
// if the newer one lacks the table.
func (c Change) At() protoreflect.Descriptor {
	if c.After != nil {
		return c.After
	}
	return c.Before
}

// Text returns the table, what has changed, how, and who is affected. Like all
// texts of this program it is safe for terminals.
func (c Change) Text() string {
	text := strings.TrimPrefix(c.String(), c.Class().String()+": ")
	return term.Safe(string(c.Table.FullName()) + ": " + text)
}

// BreakingRules returns the rules of the changes that break somebody.
func BreakingRules() []*tablediff.Rule {
	return slices.DeleteFunc(tablediff.Rules(), func(r *tablediff.Rule) bool { return r.Class != tablediff.Breaking })
}

// Compare returns the changes in the files that are compared, the most severe
// first, and those of a class table by table. It skips changes of imports. A
// method of the older version that is gone may have its table in an import.
func Compare(before, after Version) ([]Change, error) {
	older, err := table.NewSet(before.Files)
	if err != nil {
		return nil, err
	}
	newer, err := table.NewSet(after.Files)
	if err != nil {
		return nil, err
	}
	own := map[protoreflect.FileDescriptor]bool{}
	for _, file := range slices.Concat(before.Own, after.Own) {
		own[file] = true
	}
	var list []Change
	for _, t := range tablediff.CompareSets(older, newer) {
		enum := t.After
		if enum == nil {
			enum = t.Before
		}
		for _, located := range t.Changes {
			if c := (Change{located, enum}); own[c.At().ParentFile()] || c.Before != nil && own[c.Before.ParentFile()] {
				list = append(list, c)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b Change) int { return cmp.Compare(a.Class(), b.Class()) })
	return list, nil
}

// Package plugin runs the rules of codetable check and codetable diff as a
// plugin of buf.
package plugin

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"buf.build/go/bufplugin/check"
	"buf.build/go/bufplugin/descriptor"
	"buf.build/go/bufplugin/info"
	"buf.build/go/bufplugin/option"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/diff"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/lint"
)

// The categories select all rules of a type in buf.yaml.
const (
	lintCategory     = "CODETABLE"
	breakingCategory = "CODETABLE_BREAKING"
)

// localesOption lists the languages in which each table must have sentences for
// end users. Default: none.
const localesOption = "required_locales"

// Spec returns the rules of the plugin.
func Spec() *check.Spec {
	spec := &check.Spec{
		Categories: []*check.CategorySpec{
			{ID: lintCategory, Purpose: "Checks that tables of response codes have no fault."},
			{ID: breakingCategory, Purpose: "Checks that changes of tables of response codes break nobody."},
		},
		Info: &info.Spec{
			Documentation: "Rules for tables of response codes: enums with the option (codetable.v1.table).\n\n" +
				"The option " + localesOption + " lists the languages in which each table must have sentences for end users.",
			SPDXLicenseID: "apache-2.0",
			LicenseURL:    "https://www.apache.org/licenses/LICENSE-2.0",
		},
		Before: prepare,
	}
	for _, rule := range lint.Rules() {
		spec.Rules = append(spec.Rules, &check.RuleSpec{
			ID: rule.ID, CategoryIDs: []string{lintCategory}, Default: true, Purpose: rule.Purpose,
			Type: check.RuleTypeLint, Handler: handler(rule.ID, findFaults),
		})
	}
	for _, rule := range diff.BreakingRules() {
		spec.Rules = append(spec.Rules, &check.RuleSpec{
			ID: rule.ID, CategoryIDs: []string{breakingCategory}, Default: true, Purpose: rule.Purpose,
			Type: check.RuleTypeBreaking, Handler: handler(rule.ID, findChanges),
		})
	}
	return spec
}

// annotations by the ID of their rule. Each is the argument of AddAnnotation.
type annotations map[string][][]check.AddAnnotationOption

func (a annotations) add(rule string, options ...check.AddAnnotationOption) {
	a[rule] = append(a[rule], options)
}

// finder finds the annotations of all rules of a type.
type finder func(*results) (annotations, error)

func findFaults(r *results) (annotations, error)  { return r.faults() }
func findChanges(r *results) (annotations, error) { return r.changes() }

// results are those of a request. Its rules share them, because one run finds
// the annotations of all rules.
type results struct {
	faults, changes func() (annotations, error)
}

type resultsKey struct{}

func prepare(ctx context.Context, request check.Request) (context.Context, check.Request, error) {
	return context.WithValue(ctx, resultsKey{}, &results{
		faults:  sync.OnceValues(func() (annotations, error) { return faultsOf(request) }),
		changes: sync.OnceValues(func() (annotations, error) { return changesOf(request) }),
	}), request, nil
}

func handler(rule string, find finder) check.RuleHandler {
	return check.RuleHandlerFunc(func(ctx context.Context, w check.ResponseWriter, _ check.Request) error {
		found, err := find(ctx.Value(resultsKey{}).(*results))
		for _, options := range found[rule] {
			w.AddAnnotation(options...)
		}
		return err
	})
}

func faultsOf(request check.Request) (annotations, error) {
	locales, err := option.GetStringSliceValue(request.Options(), localesOption)
	if err != nil {
		return nil, err
	}
	if err := lint.ValidateLocales(locales); err != nil {
		return nil, fmt.Errorf("option %s: %w", localesOption, err)
	}
	now, err := version(request.FileDescriptors())
	if err != nil {
		return nil, err
	}
	faults, err := lint.Check(now.Files, now.Own, locales)
	found := annotations{}
	for _, f := range faults {
		found.add(f.Rule.ID, check.WithDescriptor(f.Descriptor), check.WithMessage(f.Error()))
	}
	return found, err
}

func changesOf(request check.Request) (annotations, error) {
	before, err := version(request.AgainstFileDescriptors())
	if err != nil {
		return nil, err
	}
	after, err := version(request.FileDescriptors())
	if err != nil {
		return nil, err
	}
	list, err := diff.Compare(before, after)
	found := annotations{}
	for _, c := range list {
		found.add(c.Rule.ID, append(placed(c, after), check.WithMessage(c.Text()))...)
	}
	return found, err
}

// placed returns the places of a change. What is removed has a place in the new
// version only if its file is still there. A place in an import would be ignored.
func placed(c diff.Change, after diff.Version) (options []check.AddAnnotationOption) {
	if c.Before != nil {
		options = append(options, check.WithAgainstDescriptor(c.Before))
	}
	if c.After != nil && slices.Contains(after.Own, c.After.ParentFile()) {
		return append(options, check.WithDescriptor(c.After))
	}
	if path := c.Before.ParentFile().Path(); after.Has(path) {
		options = append(options, check.WithFileName(path))
	}
	return options
}

// version returns a registry of all files, and lists those that are no imports.
func version(list []descriptor.FileDescriptor) (diff.Version, error) {
	v := diff.Version{Files: new(protoregistry.Files)}
	for _, file := range list {
		desc := file.ProtoreflectFileDescriptor()
		if err := v.Files.RegisterFile(desc); err != nil {
			return v, fmt.Errorf("read the descriptors of buf: %w", err)
		}
		if !file.IsImport() {
			v.Own = append(v.Own, desc)
		}
	}
	return v, nil
}

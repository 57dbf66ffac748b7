// Package plugin runs the rules of codetable check and codetable diff as a
// plugin of buf.
package plugin

import (
	"context"
	"fmt"
	"sync"

	"buf.build/go/bufplugin/check"
	"buf.build/go/bufplugin/descriptor"
	"buf.build/go/bufplugin/info"
	"buf.build/go/bufplugin/option"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/lint"
)

// The categories select all rules of a type in buf.yaml.
const (
	lintCategory = "CODETABLE"
)

// localesOption lists the languages in which each table must have sentences for
// end users. Default: none.
const localesOption = "required_locales"

// Spec returns the rules of the plugin.
func Spec() *check.Spec {
	spec := &check.Spec{
		Categories: []*check.CategorySpec{
			{ID: lintCategory, Purpose: "Checks that tables of response codes have no fault."},
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
	return spec
}

// annotations by the ID of their rule. Each is the argument of AddAnnotation.
type annotations map[string][][]check.AddAnnotationOption

func (a annotations) add(rule string, options ...check.AddAnnotationOption) {
	a[rule] = append(a[rule], options)
}

// finder finds the annotations of all rules of a type.
type finder func(*results) (annotations, error)

func findFaults(r *results) (annotations, error) { return r.faults() }

// results are those of a request. Its rules share them, because one run finds
// the annotations of all rules.
type results struct {
	faults func() (annotations, error)
}

type resultsKey struct{}

func prepare(ctx context.Context, request check.Request) (context.Context, check.Request, error) {
	return context.WithValue(ctx, resultsKey{}, &results{
		faults: sync.OnceValues(func() (annotations, error) { return faultsOf(request) }),
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
	files, own, err := register(request.FileDescriptors())
	if err != nil {
		return nil, err
	}
	faults, err := lint.Check(files, own, locales)
	found := annotations{}
	for _, f := range faults {
		found.add(f.Rule.ID, check.WithDescriptor(f.Descriptor), check.WithMessage(f.Error()))
	}
	return found, err
}

// register returns a registry of all files, and those that are no imports.
func register(list []descriptor.FileDescriptor) (*protoregistry.Files, []protoreflect.FileDescriptor, error) {
	files := new(protoregistry.Files)
	var own []protoreflect.FileDescriptor
	for _, file := range list {
		desc := file.ProtoreflectFileDescriptor()
		if err := files.RegisterFile(desc); err != nil {
			return nil, nil, fmt.Errorf("read the descriptors of buf: %w", err)
		}
		if !file.IsImport() {
			own = append(own, desc)
		}
	}
	return files, own, nil
}

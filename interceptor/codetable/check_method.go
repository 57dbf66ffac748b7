package codetable

import (
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/codetable/grpc-codetable/interceptor/internal/table"
)

// checkMethods checks the linked methods and those in the file of the enum. It
// checks the codes that they name of this table. For methods in the package of
// the enum it also reports domains that no linked table has.
func (f *faults) checkMethods(t *table.Table) {
	files := []protoreflect.FileDescriptor{t.Desc.ParentFile()}
	f.set.Files().RangeFiles(func(file protoreflect.FileDescriptor) bool {
		if file != files[0] {
			files = append(files, file)
		}
		return true
	})
	for _, file := range files {
		services := file.Services()
		for i := range services.Len() {
			methods := services.Get(i).Methods()
			for j := range methods.Len() {
				f.checkMethod(t, methods.Get(j))
			}
		}
	}
}

func (f *faults) checkMethod(t *table.Table, method protoreflect.MethodDescriptor) {
	options, _ := table.MethodOptions(method)
	f.place = "method " + string(method.FullName())
	for _, codes := range options.GetCodes() {
		domain := codes.GetDomain()
		linked := f.set.ByDomain([]byte(domain))
		switch {
		case domain == t.Domain && linked != nil && linked != t && method.ParentFile() != t.Desc.ParentFile():
			// The method means the other enum with this domain. Check reports
			// the shared domain as a fault of its own.
		case domain == t.Domain:
			f.checkDeclared(t, codes.GetReasons())
		case linked == nil && method.ParentFile().Package() == t.Desc.ParentFile().Package():
			f.add("no linked table has domain %q", domain)
		}
	}
}

func (f *faults) checkDeclared(t *table.Table, reasons []string) {
	if len(reasons) == 0 {
		f.add("names no reason of domain %q", t.Domain)
	}
	seen := map[string]bool{}
	for _, reason := range reasons {
		switch {
		case seen[reason]:
			f.add("reason %q is listed twice", reason)
		case t.ByReason(reason) == nil:
			f.add("domain %q has no reason %q", t.Domain, reason)
		}
		seen[reason] = true
	}
}

package tablecheck

import (
	"cmp"
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/codetable/grpc-codetable/interceptor/internal/table"
)

// checkMethods checks the methods in the files of the set and in the file of the
// enum. It checks the codes that they name of this table. For methods in the
// package of the enum it also reports domains that no table has.
func (c *checker) checkMethods(t *table.Table) {
	own := t.Desc.ParentFile()
	files := []protoreflect.FileDescriptor{own}
	c.set.Files().RangeFiles(func(file protoreflect.FileDescriptor) bool {
		if file != own {
			files = append(files, file)
		}
		return true
	})
	slices.SortFunc(files[1:], func(a, b protoreflect.FileDescriptor) int { return cmp.Compare(a.Path(), b.Path()) })
	for _, file := range files {
		for _, method := range methodsIn(file) {
			c.checkMethodFor(t, method)
		}
	}
}

func methodsIn(file protoreflect.FileDescriptor) (list []protoreflect.MethodDescriptor) {
	for i := range file.Services().Len() {
		methods := file.Services().Get(i).Methods()
		for j := range methods.Len() {
			list = append(list, methods.Get(j))
		}
	}
	return list
}

func (c *checker) checkMethodFor(t *table.Table, method protoreflect.MethodDescriptor) {
	options, _ := table.MethodOptions(method)
	c.at = method
	for _, codes := range options.GetCodes() {
		domain := codes.GetDomain()
		known := c.set.ByDomain([]byte(domain))
		switch {
		case domain == t.Domain && known != nil && known != t && method.ParentFile() != t.Desc.ParentFile():
			// The method means the other enum with this domain. The shared domain
			// is a fault of its own.
		case domain == t.Domain:
			c.checkDeclared(t, codes.GetReasons())
		case known == nil && method.ParentFile().Package() == t.Desc.ParentFile().Package():
			c.addUnknownDomain(domain)
		}
	}
}

// checkMethod checks all codes that a method names.
func (c *checker) checkMethod(method protoreflect.MethodDescriptor) {
	options, _ := table.MethodOptions(method)
	c.at = method
	for _, codes := range options.GetCodes() {
		if t := c.set.ByDomain([]byte(codes.GetDomain())); t != nil {
			c.checkDeclared(t, codes.GetReasons())
		} else {
			c.addUnknownDomain(codes.GetDomain())
		}
	}
}

func (c *checker) addUnknownDomain(domain string) {
	c.add(ruleMethod, "no known table has domain %q", domain)
}

func (c *checker) checkDeclared(t *table.Table, reasons []string) {
	if len(reasons) == 0 {
		c.add(ruleMethod, "names no reason of domain %q", t.Domain)
	}
	seen := map[string]bool{}
	for _, reason := range reasons {
		switch {
		case seen[reason]:
			c.add(ruleMethod, "reason %q is listed twice", reason)
		case t.ByReason(reason) == nil:
			c.add(ruleMethod, "domain %q has no reason %q", t.Domain, reason)
		}
		seen[reason] = true
	}
}

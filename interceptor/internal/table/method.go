package table

import (
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// Declared returns the codes that the option (codetable.v1.method) names for a
// method, in the order of the option, and whether the method has the option. It
// skips names that no table of the set lists; Check reports these.
func (s *Set) Declared(method protoreflect.MethodDescriptor) ([]*Entry, bool) {
	options, ok := MethodOptions(method)
	var list []*Entry
	for _, codes := range options.GetCodes() {
		t := s.ByDomain([]byte(codes.GetDomain()))
		if t == nil {
			continue
		}
		for _, reason := range codes.GetReasons() {
			if e := t.ByReason(reason); e != nil {
				list = append(list, e)
			}
		}
	}
	return list, ok
}

// FindMethod returns the linked descriptor of a method by its gRPC name, such
// as "/package.Service/Method", or nil if there is none.
func FindMethod(fullMethod string) protoreflect.MethodDescriptor {
	service, method, ok := strings.Cut(strings.TrimPrefix(fullMethod, "/"), "/")
	if !ok {
		return nil
	}
	desc, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(service))
	if err != nil {
		return nil
	}
	if s, ok := desc.(protoreflect.ServiceDescriptor); ok {
		return s.Methods().ByName(protoreflect.Name(method))
	}
	return nil
}

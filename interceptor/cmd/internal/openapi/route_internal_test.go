package openapi

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// field is a length-delimited field.
func field(number protowire.Number, value string) string {
	return string(protowire.AppendString(protowire.AppendTag(nil, number, protowire.BytesType), value))
}

// FuzzReadRule reads a google.api.HttpRule of a descriptor that arrived at run
// time. What is accepted has a path that can be written.
func FuzzReadRule(f *testing.F) {
	f.Add(field(2, "/v1/{name=shelves/*/items/**}") + field(ruleResponse, "item"))
	f.Add(field(4, "/v1") + field(ruleBody, "*") + field(ruleAdditional, field(5, "/v1/{a.b}")))
	f.Add(field(ruleCustom, field(customKind, "HEAD")+field(customPath, "/v1")))
	f.Add(field(2, "/{a}/{a}/{b.a}"))
	f.Add("\x12\xff")
	f.Fuzz(func(t *testing.T, raw string) {
		list, err := readRule([]byte(raw), true)
		if err != nil {
			return
		}
		for _, to := range list {
			path, segments := to.openAPIPath()
			if err := to.check(); err != nil || !strings.HasPrefix(path, "/") {
				t.Errorf("%+v: %q, %v", to, path, err)
			}
			for _, segment := range segments {
				if !strings.Contains(path, "{"+segment.name+"}") {
					t.Errorf("%s: no %s in %s", to.path, segment.name, path)
				}
			}
		}
	})
}

package openapi

import (
	"fmt"
	"regexp"
	"strings"
)

// variable is a part of a path such as {name} or {name=shelves/*}.
var variable = regexp.MustCompile(`\{([A-Za-z0-9_.]+)(?:=([^}]*))?\}`)

// segment is a variable in a path of OpenAPI, which matches one segment.
type segment struct {
	name  string
	field string // of the request, as in a.b
	part  int    // the number of the segment among those of the field, or 0 if it is the only one
}

// openAPIPath returns the path as OpenAPI has it. The literals of a pattern are
// part of the path: /v1/{item.name=shelves/*} becomes /v1/shelves/{name}. The
// name of a variable is the last one of its field if possible, because two
// operations of one path need the same names.
func (b binding) openAPIPath() (path string, segments []segment) {
	taken := map[string]bool{}
	path = variable.ReplaceAllStringFunc(b.path, func(text string) string {
		match := variable.FindStringSubmatch(text)
		name := match[1][strings.LastIndexByte(match[1], '.')+1:]
		if taken[name] {
			name = match[1]
		}
		taken[name] = true
		pattern := match[2]
		if pattern == "" {
			pattern = "*"
		}
		expanded, list := expand(name, match[1], pattern)
		segments = append(segments, list...)
		return expanded
	})
	return path, segments
}

// expand replaces each wildcard of a pattern by a variable.
func expand(name, field, pattern string) (string, []segment) {
	parts, wildcards := strings.Split(pattern, "/"), strings.Count(pattern, "*")-strings.Count(pattern, "**")
	var list []segment
	for i, part := range parts {
		if part != "*" && part != "**" {
			continue
		}
		s := segment{name, field, 0}
		if wildcards > 1 {
			s.part = len(list) + 1
			s.name = fmt.Sprintf("%s_%d", name, s.part)
		}
		list = append(list, s)
		parts[i] = "{" + s.name + "}"
	}
	return strings.Join(parts, "/"), list
}

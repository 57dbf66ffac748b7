package edge

import (
	"strings"
	"testing"
)

// TestParseRoutes takes no rule that it would serve in another way.
func TestParseRoutes(t *testing.T) {
	t.Parallel()
	const rule = "http: {rules: [{selector: a.B.C, post: /v1/c, body: '*'}]}"
	if routes, err := parseRoutes([]byte(rule)); err != nil || routes["/a.B/C"] != "/v1/c" {
		t.Errorf("routes %v, %v", routes, err)
	}
	for name, text := range map[string]string{
		"another verb":  strings.Replace(rule, "post:", "get:", 1),
		"a variable":    strings.Replace(rule, "/v1/c", "/v1/{c}", 1),
		"another place": strings.Replace(rule, "/v1/c", "/c", 1),
		"no body":       strings.Replace(rule, "'*'", "''", 1),
		"no method":     strings.Replace(rule, "a.B.C", "C", 1),
		"no YAML":       "{",
	} {
		if routes, err := parseRoutes([]byte(text)); err == nil {
			t.Errorf("%s: no error, and the routes %v", name, routes)
		}
	}
}

package docgen

import (
	"bytes"
	_ "embed"
	"html/template"
	"unicode"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/artefact"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/catalogue"
)

//go:embed page.html.tmpl
var page string

// HTML returns one page with all tables. It needs no other file and no script.
// The anchor of a code is its domain and reason, as in domain/REASON.
func HTML(c *catalogue.Catalogue) ([]artefact.File, error) {
	parsed, err := template.New("page").Funcs(template.FuncMap{
		"anchor": catalogue.Anchor, "fragment": catalogue.Fragment, "comment": comment, "pascal": catalogue.Pascal, "short": shortMethod,
	}).Parse(page)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteString("<!doctype html>\n" + HTMLMark + "\n") // the template would drop a comment
	if err := parsed.Execute(&b, c); err != nil {
		return nil, err
	}
	return []artefact.File{{Name: "codes.html", Content: bytes.Map(visible, b.Bytes())}}, nil
}

// visible replaces control characters and changes of direction by a space.
func visible(r rune) rune {
	if r != '\n' && !unicode.IsGraphic(r) {
		return ' '
	}
	return r
}

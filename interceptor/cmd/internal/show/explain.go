package show

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/catalogue"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/term"
)

// Explain writes all that is known of codes, one paragraph a code.
func Explain(w io.Writer, style term.Style, codes []Code) {
	for i, c := range codes {
		if i > 0 {
			fmt.Fprintln(w)
		}
		explain(term.Printer{Writer: w, Style: style}, c)
	}
}

func explain(p term.Printer, c Code) {
	p.Title(c.spec.String())
	p.Line("meaning", cmp.Or(c.Notes, c.Description))
	if c.Notes != "" && !strings.EqualFold(c.Notes, c.Description) {
		p.Line("published", c.Description)
	}
	p.Line("who acts", c.whoActs())
	p.Line("what to do", c.Resolution)
	p.Line("retry", c.advice)
	if c.Detail.Type != "" {
		p.Line("details", c.Detail.Type+": "+c.Detail.Subject)
	}
	p.Line("end user", c.sentences()...)
	p.Line("status", fmt.Sprintf("%d %s, HTTP %d", c.spec.GRPCCode(), c.GRPCCode, c.HTTPStatus))
	p.Line("public", c.public())
	if c.StatusBytes > 0 {
		p.Line("size", fmt.Sprintf("%d bytes without metadata; the default budget of a status is 4096", c.StatusBytes))
	}
	p.Line("methods", c.Methods...)
	p.Line("enum", c.Enum+" "+c.Value)
	p.Line("more", c.HelpURL)
}

func (c Code) failed() bool { return c.Public != nil }

func (c Code) whoActs() string {
	if !c.failed() {
		return "nobody: this is a success"
	}
	return catalogue.WhoActs(c.spec.Fault())
}

func (c Code) sentences() []string {
	if c.UserMessage != nil {
		return []string{c.UserMessage.Locale + ": " + c.UserMessage.Text}
	}
	list := make([]string, 0, len(c.UserMessages))
	for _, locale := range c.spec.Locales() {
		list = append(list, locale+": "+c.UserMessages[locale])
	}
	return list
}

// public says what a public boundary sends.
func (c Code) public() string {
	switch {
	case !c.failed():
		return ""
	case !c.Public.Masked:
		return "a public boundary sends the code as it is"
	case c.Public.delay > 0:
		return fmt.Sprintf("a public boundary masks the code: %s, retry in %s, a request id", c.Public.GRPCCode, c.Public.delay.Round(time.Second))
	default:
		return fmt.Sprintf("a public boundary masks the code: %s, a request id", c.Public.GRPCCode)
	}
}

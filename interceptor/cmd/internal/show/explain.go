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
	p := printer{w, style}
	for i, c := range codes {
		if i > 0 {
			fmt.Fprintln(w)
		}
		p.explain(c)
	}
}

type printer struct {
	io.Writer
	term.Style
}

const labelWidth = 12

// line writes labelled lines, if there is something to write.
func (p printer) line(label string, values ...string) {
	for _, value := range values {
		if value != "" {
			fmt.Fprintln(p, "  "+p.Dim(term.Pad(label, labelWidth))+term.Safe(value))
			label = ""
		}
	}
}

func (p printer) explain(c Code) {
	fmt.Fprintln(p, p.Bold(term.Safe(c.spec.String())))
	p.line("meaning", cmp.Or(c.Notes, c.Description))
	if c.Notes != "" && !strings.EqualFold(c.Notes, c.Description) {
		p.line("published", c.Description)
	}
	p.line("who acts", c.whoActs())
	p.line("what to do", c.Resolution)
	p.line("retry", c.retry())
	if c.Detail.Type != "" {
		p.line("details", c.Detail.Type+": "+c.Detail.Subject)
	}
	p.line("end user", c.sentences()...)
	p.line("status", fmt.Sprintf("%d %s, HTTP %d", c.spec.GRPCCode(), c.GRPCCode, c.HTTPStatus))
	p.line("public", c.public())
	if c.StatusBytes > 0 {
		p.line("size", fmt.Sprintf("%d bytes without metadata; the default budget of a status is 4096", c.StatusBytes))
	}
	p.line("methods", c.Methods...)
	p.line("enum", c.Enum+" "+c.Value)
	p.line("more", c.HelpURL)
}

func (c Code) failed() bool { return c.Public != nil }

func (c Code) whoActs() string {
	if !c.failed() {
		return "nobody: this is a success"
	}
	return catalogue.WhoActs(c.spec.Fault())
}

// retry is the advice at this moment.
func (c Code) retry() string {
	if !c.failed() {
		return ""
	}
	advice := catalogue.Advice(c.spec.Retry(), c.TimeZone)
	if c.NextWindow != "" {
		advice += ": at " + c.NextWindow + ", in " + c.wait.String()
	}
	return advice
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

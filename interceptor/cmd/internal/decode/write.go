package decode

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/catalogue"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/term"
)

// Write writes reports for people. Nothing from the input can control the
// terminal.
func Write(w io.Writer, style term.Style, reports []*Report, warnings []string) {
	for i, r := range reports {
		if i > 0 {
			fmt.Fprintln(w)
		}
		r.write(term.Printer{Writer: w, Style: style})
	}
	for i, warning := range warnings {
		if i == 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintln(w, style.Yellow("Note:")+" "+term.Safe(warning))
	}
}

func (r *Report) write(p term.Printer) {
	p.Title(r.title())
	if c := r.Code; c != nil {
		p.Line("meaning", cmp.Or(c.Notes, c.Description))
		if c.Fault != "" {
			p.Line("who acts", catalogue.WhoActs(c.spec.Fault()))
		}
		p.Line("what to do", c.Resolution)
		p.Line("more", c.HelpURL)
	}
	if r.Retry != nil {
		p.Line("retry", r.Retry.Advice)
		if r.NextWindow != "" && r.Retry.Delay != "" {
			p.Line("", "the server said: after "+r.Retry.Delay)
		}
	}
	if r.pushback != "" {
		p.Line("pushback", strings.Join(r.Response.Pushback, ", ")+": "+r.pushback)
	}
	if m := r.UserMessage; m != nil {
		p.Line("end user", m.Text+inBrackets(m.Locale))
	}
	if r.GRPCNumber != nil {
		p.Line("status", fmt.Sprintf("%s, HTTP %d", codeName(*r.GRPCNumber), r.HTTPStatus))
	}
	p.Line("message", r.Message)
	p.Line("masked", r.masked())
	p.Line("request id", r.RequestID)
	p.Line("details", lines(r.Details)...)
	p.Line("size", r.Size.String())
	p.Line("found", r.where())
	for _, warning := range r.Warnings {
		p.Line("note", warning)
	}
}

func (r *Report) masked() string {
	switch {
	case !r.Masked:
		return "no"
	case r.Code != nil:
		return "yes, for the caller: this log has the code"
	default:
		return "yes: the server hides the cause; its operator finds it by the request id"
	}
}

func lines(details []Detail) (list []string) {
	for _, d := range details {
		list = append(list, d.String())
	}
	return list
}

func inBrackets(s string) string {
	if s == "" {
		return ""
	}
	return " (" + s + ")"
}

// title names the code, or the status if there is no code.
func (r *Report) title() string {
	c := r.Code
	switch {
	case c == nil && r.Masked:
		return "a masked error"
	case c == nil && r.GRPCNumber != nil && *r.GRPCNumber == 0:
		return "OK: the call succeeded"
	case c == nil:
		return "a status without a code"
	}
	number, suffix := "", ""
	if c.Number != nil {
		number = " " + strconv.Itoa(int(*c.Number))
	}
	switch {
	case !c.TableKnown:
		suffix = "no table"
	case c.Refused:
		suffix = "refused by readers"
	case !c.Listed:
		suffix = "not in the table"
	}
	return c.Domain + number + " " + c.Reason + inBrackets(suffix)
}

func (r *Report) where() string {
	where := strings.Join(r.Forms, ", ") + ", line " + strconv.Itoa(r.Line)
	if status := r.Response.HTTPStatus; status != "" {
		where += "; HTTP status " + status
	}
	if contentType := r.Response.ContentType; contentType != "" {
		where += "; content type " + contentType
	}
	return where
}

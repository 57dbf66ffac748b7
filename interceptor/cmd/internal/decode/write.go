package decode

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/catalogue"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/term"
)

// Write writes reports for people. Those with the same content are written once,
// with the lines of all. Nothing from the input can control the terminal.
func Write(w io.Writer, style term.Style, reports []*Report, warnings []string) {
	for i, r := range unrepeated(reports) {
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

// repeated is a report, and where others with the same content were found.
type repeated struct {
	*Report
	count                    int
	forms, lines, requestIDs []string
}

func unrepeated(reports []*Report) (list []*repeated) {
	byContent := map[string]*repeated{}
	for _, r := range reports {
		key := r.content()
		if byContent[key] == nil {
			byContent[key] = &repeated{Report: r}
			list = append(list, byContent[key])
		}
		of := byContent[key]
		of.count++
		of.forms = appendNew(of.forms, r.Forms...)
		of.lines = appendNew(of.lines, strconv.Itoa(r.Line))
		if r.RequestID != "" {
			of.requestIDs = appendNew(of.requestIDs, r.RequestID)
		}
	}
	return list
}

// content returns what tells a report from others, as a key.
func (r *Report) content() string {
	key, _ := json.Marshal([]any{r.Code, r.GRPCNumber, r.Message, r.Masked, r.Details, r.Response, r.Warnings}) // the JSON of decode, which can't fail
	return string(key)
}

func appendNew(list []string, values ...string) []string {
	for _, value := range values {
		if !slices.Contains(list, value) {
			list = append(list, value)
		}
	}
	return list
}

// few returns the first values on one line.
func few(values []string) string {
	const shown = 5
	text := strings.Join(values[:min(len(values), shown)], ", ")
	if more := len(values) - shown; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

func (r *repeated) write(p term.Printer) {
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
	p.Line("request id", few(r.requestIDs))
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

func (r *repeated) where() string {
	where := strings.Join(r.forms, ", ")
	if r.count > 1 {
		where += fmt.Sprintf(", %d times", r.count)
	}
	if len(r.lines) == 1 {
		where += ", line " + r.lines[0]
	} else {
		where += ", lines " + few(r.lines)
	}
	if status := r.Response.HTTPStatus; status != "" {
		where += "; HTTP status " + status
	}
	if contentType := r.Response.ContentType; contentType != "" {
		where += "; content type " + contentType
	}
	return where
}

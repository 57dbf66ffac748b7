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
	p := printer{w, style}
	for i, r := range reports {
		if i > 0 {
			fmt.Fprintln(w)
		}
		p.report(r)
	}
	for i, warning := range warnings {
		if i == 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintln(w, style.Yellow("Note:")+" "+term.Safe(warning))
	}
}

type printer struct {
	io.Writer
	term.Style
}

func (p printer) report(r *Report) {
	fmt.Fprintln(p, p.Bold(term.Safe(r.title())))
	if c := r.Code; c != nil {
		p.line("meaning", cmp.Or(c.Notes, c.Description))
		if c.Fault != "" {
			p.line("who acts", catalogue.WhoActs(c.spec.Fault()))
		}
		p.line("what to do", c.Resolution)
		p.line("more", c.HelpURL)
	}
	if r.Retry != nil {
		p.line("retry", r.Retry.Advice)
		if r.NextWindow != "" && r.Retry.Delay != "" {
			p.line("", "the server said: after "+r.Retry.Delay)
		}
	}
	if r.Response != nil && len(r.Response.Pushback) > 0 {
		p.line("pushback", strings.Join(r.Response.Pushback, ", ")+": "+pushbackText(r.Response.Pushback))
	}
	if m := r.UserMessage; m != nil {
		text := m.Text
		if m.Locale != "" {
			text += " (" + m.Locale + ")"
		}
		p.line("end user", text)
	}
	if r.GRPCNumber != nil {
		p.line("status", fmt.Sprintf("%s, HTTP %d", codeName(*r.GRPCNumber), r.HTTPStatus))
	}
	p.line("message", r.Message)
	p.line("masked", map[bool]string{
		false: "no", true: "yes: the server hides the cause; its operator finds it by the request id",
	}[r.Masked])
	p.line("request id", r.RequestID)
	p.details(r.Details)
	p.size(r)
	p.line("found", r.where())
	for _, warning := range r.Warnings {
		fmt.Fprintln(p, "  "+p.Yellow(term.Pad("note", labelWidth))+term.Safe(warning))
	}
}

// title names the code, or the status if there is no code.
func (r *Report) title() string {
	switch {
	case r.Code == nil && r.Masked:
		return "a masked error"
	case r.Code == nil && r.GRPCNumber != nil && *r.GRPCNumber == 0:
		return "OK: the call succeeded"
	case r.Code == nil:
		return "a status without a code"
	}
	number := ""
	if r.Code.Number != nil {
		number = " " + strconv.Itoa(int(*r.Code.Number))
	}
	suffix := ""
	switch {
	case !r.Code.TableKnown:
		suffix = " (no table)"
	case r.Code.Refused:
		suffix = " (refused by readers)"
	case !r.Code.Listed:
		suffix = " (not in the table)"
	}
	return r.Code.Domain + number + " " + r.Code.Reason + suffix
}

const labelWidth = 12

// line writes a labelled line, if there is something to write.
func (p printer) line(label, value string) {
	if value != "" {
		fmt.Fprintln(p, "  "+term.Pad(label, labelWidth)+term.Safe(value))
	}
}

func (p printer) details(list []Detail) {
	for i, d := range list {
		value := string(d.Value)
		if d.Value == nil {
			value = fmt.Sprintf("%d bytes: %x", d.Size, d.raw[:min(len(d.raw), maxHex)])
			if d.Size > maxHex {
				value += "..."
			}
		}
		if d.Note != "" {
			value += " (" + d.Note + ")"
		}
		label := ""
		if i == 0 {
			label = "details"
		}
		p.line(label, d.Type+" "+value)
	}
}

// maxHex bounds the bytes of a raw detail in the text.
const maxHex = 64

func (p printer) size(r *Report) {
	s := r.Size
	about := ""
	switch {
	case s.Partial:
		about = "at least "
	case !s.Exact:
		about = "about "
	}
	budget, peer := "within", "fits"
	if !s.WithinBudget {
		budget = "OVER"
	}
	if !s.FitsPeer {
		peer = "does NOT fit"
	}
	p.line("size", fmt.Sprintf("%s%d bytes, %s the default budget of %d; headers of %d bytes, which %s a peer that accepts %d",
		about, s.Status, budget, s.Budget, s.Headers, peer, s.PeerLimit))
}

func (r *Report) where() string {
	where := strings.Join(r.Forms, ", ") + ", line " + strconv.Itoa(r.Line)
	if r.Response == nil {
		return where
	}
	if r.Response.HTTPStatus != "" {
		where += "; HTTP status " + r.Response.HTTPStatus
	}
	if r.Response.ContentType != "" {
		where += "; content type " + r.Response.ContentType
	}
	return where
}

package decode

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/codetable/grpc-codetable/interceptor/internal/wire"
)

// assemble makes statuses of pieces, which are in the order of the text. It
// also returns the warnings of pieces that belong to no status.
func assemble(pieces []piece, types Types) (found []*Found, orphans []string) {
	var groups [][]piece
	for _, p := range pieces {
		if last := len(groups) - 1; last >= 0 && joins(groups[last], p) {
			groups[last] = append(groups[last], p)
		} else {
			groups = append(groups, []piece{p})
		}
	}
	for _, group := range groups {
		if !slices.ContainsFunc(group, piece.identifies) {
			for _, p := range group {
				orphans = append(orphans, p.warnings...)
			}
			continue
		}
		f := build(group)
		if last := len(found) - 1; last >= 0 && sameStatus(found[last], f, types) {
			found[last].merge(f)
		} else {
			found = append(found, f)
		}
	}
	return found, orphans
}

// joins reports whether a piece belongs to the status of the pieces before it:
// those of one line of a log or of one JSON object, the headers of one
// response, headers and body, and the parts of a status in the output of a
// tool. A part that is there already starts another status.
func joins(group []piece, p piece) bool {
	has := func(kinds ...kind) bool {
		return slices.ContainsFunc(group, func(q piece) bool { return slices.Contains(kinds, q.kind) })
	}
	sameLine := group[len(group)-1].line == p.line
	headers := !slices.ContainsFunc(group, func(q piece) bool { return !q.kind.isHeader() })
	switch {
	case p.kind == httpStatus:
		return false
	case p.kind == loneDetail:
		start := has(blockStatus) || !slices.ContainsFunc(group, func(q piece) bool { return q.kind != loneDetail })
		second := isInfo(p) && slices.ContainsFunc(group, isInfo) && !has(blockStatus)
		return start && !second && !has(wholeStatus)
	case (p.kind == identity || p.kind == errorText) && has(p.kind):
		return sameLine && slices.ContainsFunc(group, func(q piece) bool { return q.kind == p.kind && repeats(q, p) })
	case p.kind != pushbackHeader && has(p.kind):
		return false
	case sameLine:
		return true
	case p.kind.isHeader():
		return headers || has(httpStatus, typeHeader)
	default:
		return p.kind == wholeStatus && headers && !has(statusHeader)
	}
}

func isInfo(p piece) bool {
	return slices.ContainsFunc(p.details, func(d *anypb.Any) bool { return wire.Is(d, wire.ErrorInfo) })
}

// repeats reports whether a log line says the same twice.
func repeats(a, b piece) bool {
	if a.kind == errorText {
		return *a.code == *b.code
	}
	var x, y errdetails.ErrorInfo
	return wire.Find(&spb.Status{Details: a.details}, &x) && wire.Find(&spb.Status{Details: b.details}, &y) &&
		x.GetDomain() == y.GetDomain() && x.GetReason() == y.GetReason()
}

// build makes the status of a group.
func build(group []piece) *Found {
	f := &Found{Status: &spb.Status{}, Line: group[0].line, JSON: map[*anypb.Any]string{}}
	byKind := slices.Clone(group)
	slices.SortStableFunc(byKind, func(a, b piece) int { return cmp.Compare(a.kind, b.kind) })
	f.partial = !slices.ContainsFunc(group, func(p piece) bool { return p.kind <= blockStatus && p.form != "" })
	var code, message *piece
	for i := range byKind {
		p := &byKind[i]
		if p.kind != loneDetail || len(f.Forms) == 0 {
			f.addForm(p.form)
		}
		f.Size = cmp.Or(f.Size, p.size)
		f.addValue(p)
		f.addDetails(p)
		f.Warnings = append(f.Warnings, p.warnings...)
		if p.code != nil {
			code = f.agree(code, p)
		}
		if p.message != nil {
			message = f.agreeOnMessage(message, p)
		}
	}
	if code != nil {
		f.HasCode, f.Status.Code = true, *code.code
	}
	if message != nil {
		f.Status.Message = *message.message
	}
	f.checkHTTP(byKind)
	return f
}

func (f *Found) addForm(form string) {
	if form != "" && !slices.Contains(f.Forms, form) {
		f.Forms = append(f.Forms, form)
	}
}

func (f *Found) addValue(p *piece) {
	switch p.kind {
	case pushbackHeader:
		f.Pushback = append(f.Pushback, p.value)
	case typeHeader:
		f.ContentType = p.value
	case httpStatus:
		f.HTTPStatus = p.value
	case requestID, identity:
		f.RequestID = cmp.Or(f.RequestID, p.value)
	case wholeStatus:
		f.HTTPStatus = cmp.Or(f.HTTPStatus, p.value)
	default:
	}
}

// addDetails adds the details of a piece. The ErrorInfo of a log is only used
// if the status has none.
func (f *Found) addDetails(p *piece) {
	var mine, logged errdetails.ErrorInfo
	if p.kind == identity && wire.Find(f.Status, &mine) {
		if wire.Find(&spb.Status{Details: p.details}, &logged) && (mine.GetDomain() != logged.GetDomain() || mine.GetReason() != logged.GetReason()) {
			f.Warnings = append(f.Warnings, fmt.Sprintf("the %s name %s %s, the status %s %s: the status is shown", p.form,
				quote(logged.GetDomain()), quote(logged.GetReason()), quote(mine.GetDomain()), quote(mine.GetReason())))
		}
		return
	}
	f.Status.Details = append(f.Status.Details, p.details...)
	maps.Copy(f.JSON, p.json)
}

// agree keeps the code of the first piece and reports another one.
func (f *Found) agree(first, p *piece) *piece {
	if first == nil {
		if !isCode(*p.code) {
			f.Warnings = append(f.Warnings, fmt.Sprintf("gRPC does not know the code %d", *p.code))
		}
		return p
	}
	if *first.code != *p.code {
		f.Warnings = append(f.Warnings, fmt.Sprintf("%s has the code %s, but %s has %s: the first is shown",
			first.form, codeName(*first.code), p.form, codeName(*p.code)))
		if first.kind == statusHeader && p.kind == codeHeader {
			f.Warnings = append(f.Warnings, "grpc-go reports a call with such a contradiction as INTERNAL")
		}
	}
	return first
}

// agreeOnMessage keeps the message of the first piece. A log can have added
// text to it.
func (f *Found) agreeOnMessage(first, p *piece) *piece {
	if first == nil || *first.message == "" {
		return p
	}
	if !strings.Contains(*p.message, *first.message) && !strings.Contains(*first.message, *p.message) {
		f.Warnings = append(f.Warnings, fmt.Sprintf("the %s has the message %s, but %s has %s: the first is shown",
			first.form, quote(*first.message), cmp.Or(p.form, "grpc-message"), quote(*p.message)))
	}
	return first
}

func (f *Found) checkHTTP(group []piece) {
	for _, p := range group {
		envelope := p.kind == wholeStatus && p.value != ""
		if want := strconv.Itoa(wire.HTTPStatus(codes.Code(f.Status.GetCode()))); envelope && f.HasCode && want != p.value {
			f.Warnings = append(f.Warnings, fmt.Sprintf("the envelope has the HTTP status %s, but %s is %s", quote(p.value), codeName(f.Status.GetCode()), want))
		}
		if envelope && f.HTTPStatus != p.value {
			f.Warnings = append(f.Warnings, fmt.Sprintf("the response has the HTTP status %s, but its body has %s", quote(f.HTTPStatus), quote(p.value)))
		}
	}
}

// sameStatus reports whether a tool printed one status in two forms.
func sameStatus(a, b *Found, types Types) bool {
	if slices.Equal(a.Forms, b.Forms) || a.HasCode != b.HasCode || a.Status.GetCode() != b.Status.GetCode() || a.Status.GetMessage() != b.Status.GetMessage() {
		return false
	}
	return slices.EqualFunc(a.Status.GetDetails(), b.Status.GetDetails(), func(x, y *anypb.Any) bool {
		options := proto.UnmarshalOptions{Resolver: types}
		m, err := anypb.UnmarshalNew(x, options)
		n, err2 := anypb.UnmarshalNew(y, options)
		if err != nil || err2 != nil {
			return proto.Equal(x, y)
		}
		return proto.Equal(m, n)
	})
}

// merge adds what another form of the same status has in addition.
func (f *Found) merge(other *Found) {
	for _, form := range other.Forms {
		f.addForm(form)
	}
	if f.Size == 0 {
		f.Size = other.Size
	}
	f.Pushback = append(f.Pushback, other.Pushback...)
	f.HTTPStatus = cmp.Or(f.HTTPStatus, other.HTTPStatus)
	f.ContentType = cmp.Or(f.ContentType, other.ContentType)
	f.RequestID = cmp.Or(f.RequestID, other.RequestID)
	f.Warnings = append(f.Warnings, other.Warnings...)
}

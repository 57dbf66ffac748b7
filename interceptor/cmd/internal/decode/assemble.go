package decode

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/codetable/grpc-codetable/interceptor/internal/wire"
)

// kind says which part of a status a piece is. A piece of a lower kind has
// priority where two contradict each other.
type kind int

const (
	wholeStatus   kind = iota // code, message and details
	statusHeader              // the same, in grpc-status-details-bin
	blockStatus               // code and message, to which details that follow belong
	codeHeader                // grpc-status
	errorText                 // code and message of the text of an error
	identity                  // ErrorInfo, perhaps with a code, a message and a request id
	loneDetail                // one detail
	messageHeader             // grpc-message
	pushbackHeader
	typeHeader
	httpStatus
	requestID
)

// isHeader reports whether a piece is a header of a response.
func (k kind) isHeader() bool {
	return k == statusHeader || k == codeHeader || k >= messageHeader && k <= httpStatus
}

// piece is a part of a status, as it was found at one place.
type piece struct {
	Notes

	kind     kind
	form     string // what it is, for the user
	at, line int

	code    *int32
	message *string
	details []*anypb.Any
	json    map[*anypb.Any]string // see Found.JSON
	size    int                   // of the serialized status, if it was

	response  Response
	envelope  string // the HTTP status in it
	requestID string
	masked    bool // see Found.Masked
}

// identifies reports whether a piece is enough for a status.
func (p piece) identifies() bool {
	return p.kind <= loneDetail && (p.kind != statusHeader || p.form != "")
}

// infoOf returns the first ErrorInfo of details, or nil.
func infoOf(details []*anypb.Any) *errdetails.ErrorInfo {
	info := &errdetails.ErrorInfo{}
	if !wire.Find(&spb.Status{Details: details}, info) {
		return nil
	}
	return info
}

func sameCode(a, b *errdetails.ErrorInfo) bool {
	return a.GetDomain() == b.GetDomain() && a.GetReason() == b.GetReason()
}

type group []piece

func (g group) has(kinds ...kind) bool {
	return slices.ContainsFunc(g, func(p piece) bool { return slices.Contains(kinds, p.kind) })
}

// assemble makes statuses of pieces, which are in the order of the text.
func (r *Result) assemble(pieces []piece) {
	var groups []group
	for _, p := range pieces {
		if last := len(groups) - 1; last >= 0 && groups[last].takes(p) {
			groups[last] = append(groups[last], p)
		} else {
			groups = append(groups, group{p})
		}
	}
	for _, g := range groups {
		if slices.ContainsFunc(g, piece.identifies) {
			r.Found = append(r.Found, g.status())
			continue
		}
		for _, p := range g {
			r.Warnings = append(r.Warnings, p.Warnings...)
		}
	}
}

// takes reports whether a piece belongs to the status of the pieces before it:
// those of one line of a log or of one JSON object, the headers of one
// response, headers and body, and the parts of a status in the output of a
// tool. A part that is there already starts another status.
func (g group) takes(p piece) bool {
	sameLine := g[len(g)-1].line == p.line
	headers := !slices.ContainsFunc(g, func(q piece) bool { return !q.kind.isHeader() })
	switch {
	case p.kind == httpStatus:
		return false
	case p.kind == loneDetail:
		start := g.has(blockStatus) || !slices.ContainsFunc(g, func(q piece) bool { return q.kind != loneDetail })
		hasInfo := func(q piece) bool { return wire.Has(&spb.Status{Details: q.details}, wire.ErrorInfo) }
		return start && (g.has(blockStatus) || !hasInfo(p) || !slices.ContainsFunc(g, hasInfo))
	case (p.kind == identity || p.kind == errorText) && g.has(p.kind):
		return sameLine && slices.ContainsFunc(g, func(q piece) bool { return q.kind == p.kind && repeats(q, p) })
	case p.kind != pushbackHeader && g.has(p.kind):
		return false
	case sameLine:
		return true
	case p.kind == blockStatus: // the status of the trailers before it
		return slices.ContainsFunc(g, func(q piece) bool { return q.kind.isHeader() && q.code != nil && *q.code == *p.code })
	case p.kind.isHeader():
		return headers || g.has(httpStatus, typeHeader)
	default:
		return p.kind == wholeStatus && headers && !g.has(statusHeader)
	}
}

// repeats reports whether a log line says the same twice.
func repeats(a, b piece) bool {
	if a.kind == errorText {
		return *a.code == *b.code
	}
	return sameCode(infoOf(a.details), infoOf(b.details))
}

// status makes the status of a group.
func (g group) status() *Found {
	f := &Found{Status: &spb.Status{}, Line: g[0].line, JSON: map[*anypb.Any]string{}}
	f.partial = !slices.ContainsFunc(g, func(p piece) bool { return p.kind <= blockStatus && p.form != "" })
	byKind := slices.Clone(g)
	slices.SortStableFunc(byKind, func(a, b piece) int { return cmp.Compare(a.kind, b.kind) })
	var code, message *piece
	var info *errdetails.ErrorInfo
	for i := range byKind {
		p := &byKind[i]
		if p.form != "" && !slices.Contains(f.Forms, p.form) && (p.kind != loneDetail || len(f.Forms) == 0) {
			f.Forms = append(f.Forms, p.form)
		}
		f.Size = cmp.Or(f.Size, p.size)
		f.RequestID = cmp.Or(f.RequestID, p.requestID)
		f.Response.add(p.response)
		switch {
		case p.kind == identity:
			info = f.addIdentity(p, info)
		case p.kind != loneDetail || f.Size == 0: // the serialized status has all details
			f.Status.Details = append(f.Status.Details, p.details...)
			maps.Copy(f.JSON, p.json)
		}
		f.Warnings = append(f.Warnings, p.Warnings...)
		if p.code != nil {
			code = f.agreeOnCode(code, p)
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
	if envelope := byKind[0].envelope; envelope != "" {
		f.checkEnvelope(envelope)
	}
	return f
}

// addIdentity adds the ErrorInfo of a log, if the status has none. It returns
// the ErrorInfo of the status.
func (f *Found) addIdentity(p *piece, mine *errdetails.ErrorInfo) *errdetails.ErrorInfo {
	logged := infoOf(p.details)
	if mine == nil {
		mine = infoOf(f.Status.GetDetails())
	}
	if mine == nil {
		f.Status.Details, f.Masked = append(f.Status.Details, p.details...), p.masked
		return logged
	}
	if sameCode(mine, logged) {
		f.Masked = f.Masked || p.masked
	} else {
		f.warn("the %s name %s %s, the status %s %s: the status is shown", p.form,
			quote(logged.GetDomain()), quote(logged.GetReason()), quote(mine.GetDomain()), quote(mine.GetReason()))
	}
	return mine
}

// agreeOnCode keeps the code of the first piece and reports another one.
func (f *Found) agreeOnCode(first, p *piece) *piece {
	if first == nil {
		if !isCode(*p.code) {
			f.warn("gRPC does not know the code %d", *p.code)
		}
		return p
	}
	if *first.code != *p.code {
		f.warn("%s has the code %s, but %s has %s: the first is shown", first.form, codeName(*first.code), p.form, codeName(*p.code))
		if first.kind == statusHeader && p.kind == codeHeader {
			f.warn("grpc-go reports a call with such a contradiction as INTERNAL")
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
		f.warn("the %s has the message %s, but %s has %s: the first is shown",
			first.form, quote(*first.message), cmp.Or(p.form, "grpc-message"), quote(*p.message))
	}
	return first
}

// checkEnvelope compares the HTTP status in an envelope with the code and with
// the response.
func (f *Found) checkEnvelope(status string) {
	if want := strconv.Itoa(wire.HTTPStatus(codes.Code(f.Status.GetCode()))); f.HasCode && want != status {
		f.warn("the envelope has the HTTP status %s, but %s is %s", quote(status), codeName(f.Status.GetCode()), want)
	}
	if of := &f.Response.HTTPStatus; *of == "" {
		*of = status
	} else if *of != status {
		f.warn("the response has the HTTP status %s, but its body has %s", quote(*of), quote(status))
	}
}

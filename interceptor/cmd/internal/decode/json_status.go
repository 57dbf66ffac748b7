package decode

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
)

// statusOf reads an object that is a status, in one of three forms:
//
//	google.rpc.Status  {"code": 9, "message": "…", "details": [{"@type": "…", …}]}
//	AIP-193            {"code": 400, "status": "FAILED_PRECONDITION", …}, in "error"
//	Connect            {"code": "failed_precondition", "message": "…", "details": [{"type": "…", "value": "base64"}]}
//
// Objects of other origin have a code and a message too. A status has details
// with a type, or no other members and a code of gRPC.
func (s *scanner) statusOf(m members, key string) (p piece, ok bool) {
	p = piece{kind: wholeStatus, form: "JSON of google.rpc.Status"}
	if message := m.get("message"); isString(message) {
		p.message = new(scalar(message))
	} else if message != nil {
		return p, false
	}
	number, isNumber := parseInt(m.text("code"))
	name, named := parseCode(m.text("status"))
	switch {
	case isNumber && named && isString(m.get("status")):
		p.form, p.code, p.value = "AIP-193 envelope", &name, m.text("code") // the HTTP status
	case isNumber && key == "error" && !isCode(number):
		p.form, p.value = "AIP-193 envelope", m.text("code")
		p.warn("the envelope has no status, so the gRPC code is not known")
	case isNumber:
		p.code = &number
	default:
		code, isCode := parseCode(m.text("code"))
		if !isCode {
			return p, false
		}
		p.form, p.code = "error of Connect", &code
	}
	for _, detail := range split(m.get("details")) {
		p.addDetail(s.types, detail.value)
	}
	seen := map[string]bool{}
	for _, member := range m {
		if seen[member.key] {
			p.warn("the JSON has %s twice: the last one is shown", quote(member.key))
			break
		}
		seen[member.key] = true
	}
	envelope := key == "error" && p.value != ""
	known := p.code != nil && isCode(*p.code) && *p.code != int32(codes.OK)
	bare := (envelope || known) && m.only("code", "message", "details", "status", "errors", "@type") && (p.message != nil || p.form == "error of Connect")
	return p, bare || len(p.details) > 0
}

func parseInt(s string) (int32, bool) {
	n, err := strconv.ParseInt(s, 10, 32)
	return int32(n), err == nil
}

// addDetail adds a detail, if the JSON is one: a message with @type, or the type
// and the bytes of Connect.
func (p *piece) addDetail(types Types, raw json.RawMessage) {
	if raw[0] != '{' {
		return
	}
	m := split(raw)
	detail := &anypb.Any{TypeUrl: m.text("@type")}
	switch name := m.text("type"); {
	case detail.TypeUrl != "":
		if !detailFromBytes(detail, m) {
			p.detailFromJSON(types, detail, raw)
		}
	case name != "":
		value, err := fromBase64(m.text("value"))
		if err != nil {
			p.warn("the value of detail %s is no base64", quote(name))
		}
		if !strings.Contains(name, "/") {
			name = "type.googleapis.com/" + name
		}
		detail.TypeUrl, detail.Value = name, value
	default:
		return
	}
	p.details = append(p.details, detail)
}

// detailFromBytes reads a detail whose type the writer did not know, in the
// form of package rest or of grpcurl.
func detailFromBytes(detail *anypb.Any, m members) bool {
	for _, key := range []string{"value", "@value"} {
		if raw := m.get(key); isString(raw) && m.only("@type", "@error", key) {
			b, err := fromBase64(scalar(raw))
			detail.Value = b
			return err == nil && !strings.HasPrefix(detail.GetTypeUrl(), "type.googleapis.com/google.protobuf.")
		}
	}
	return false
}

// detailFromJSON reads a detail as a message, or keeps its JSON.
func (p *piece) detailFromJSON(types Types, detail *anypb.Any, raw []byte) {
	url := detail.GetTypeUrl()
	err := errors.New("it is too large")
	if len(raw) <= maxReadable {
		err = protojson.UnmarshalOptions{Resolver: types}.Unmarshal(raw, detail)
		if err != nil && (protojson.UnmarshalOptions{Resolver: types, DiscardUnknown: true}).Unmarshal(raw, detail) == nil {
			p.warn("detail %s has fields that its type does not have: they are not shown", quote(url))
			return
		}
	}
	if err == nil {
		return
	}
	proto.Reset(detail)
	detail.TypeUrl = url
	if _, unknown := types.FindMessageByURL(url); unknown == nil {
		p.warn("detail %s can't be read: %s", quote(url), reasonOf(err))
	}
	if p.json == nil {
		p.json = map[*anypb.Any]string{}
	}
	p.json[detail] = string(raw)
}

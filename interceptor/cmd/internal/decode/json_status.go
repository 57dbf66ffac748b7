package decode

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
)

// maxReadable bounds a detail that is read as a message. A larger one is shown
// raw, because messages of type Any inside each other cost the square of their
// size.
const maxReadable = 64 << 10

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
	if message := m.get("message"); message != nil {
		if !isString(message) {
			return p, false
		}
		p.message = new(unmarshalString(message))
	}
	number, isNumber := parseInt(m.text("code"))
	name, named := parseCode(m.text("status"))
	switch {
	case isNumber && named && m.get("status")[0] == '"':
		p.form, p.code = "AIP-193 envelope", &name
		p.value = m.text("code") // the HTTP status
	case isNumber && isCode(number):
		p.code = &number
	case isNumber && key == "error":
		p.form, p.value = "AIP-193 envelope", m.text("code")
		p.warnings = append(p.warnings, "the envelope has no status, so the gRPC code is not known")
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
		if len(detail.value) > 0 && detail.value[0] == '{' {
			p.addDetail(s.types, split(detail.value))
		}
	}
	if key, twice := m.repeated(); twice {
		p.warnings = append(p.warnings, "the JSON has "+quote(key)+" twice: the last one is shown")
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

// addDetail adds a detail: a message with @type, or a type and its bytes.
// Objects of another form are no details.
func (p *piece) addDetail(types Types, m members) {
	if name := m.text("type"); name != "" && m.text("@type") == "" {
		raw, err := unbase64Value(m.text("value"))
		if err != nil {
			p.warnings = append(p.warnings, "the value of detail "+quote(name)+" is no base64")
		}
		if !strings.Contains(name, "/") {
			name = "type.googleapis.com/" + name
		}
		p.details = append(p.details, &anypb.Any{TypeUrl: name, Value: raw})
		return
	}
	url := m.text("@type")
	if url == "" {
		return
	}
	detail := &anypb.Any{TypeUrl: url}
	if !detailFromBytes(detail, m) {
		p.detailFromJSON(types, detail, m.marshal())
	}
	p.details = append(p.details, detail)
}

// detailFromBytes reads a detail whose type the writer did not know, in the
// form of package rest or of grpcurl.
func detailFromBytes(detail *anypb.Any, m members) bool {
	for _, key := range []string{"value", "@value"} {
		if raw := m.get(key); isString(raw) && m.only("@type", "@error", key) {
			b, err := unbase64Value(unmarshalString(raw))
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
			p.warnings = append(p.warnings, "detail "+quote(url)+" has fields that its type does not have: they are not shown")
			return
		}
	}
	if err == nil {
		return
	}
	proto.Reset(detail)
	detail.TypeUrl = url
	if _, unknown := types.FindMessageByURL(url); unknown == nil {
		p.warnings = append(p.warnings, "detail "+quote(url)+" can't be read: "+reasonOf(err))
	}
	if p.json == nil {
		p.json = map[*anypb.Any]string{}
	}
	p.json[detail] = string(raw)
}

func (m members) marshal() []byte {
	b := []byte{'{'}
	for i, member := range m {
		if i > 0 {
			b = append(b, ',')
		}
		key, _ := json.Marshal(member.key)
		b = append(append(append(b, key...), ':'), member.value...)
	}
	return append(b, '}')
}

func unbase64Value(s string) ([]byte, error) {
	return base64.RawStdEncoding.DecodeString(alphabet.Replace(s))
}

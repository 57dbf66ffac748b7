package plan

import (
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"strconv"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

const (
	statusKey  = "Grpc-Status"
	messageKey = "Grpc-Message"
	detailsKey = "Grpc-Status-Details-Bin"
	errorInfo  = "type.googleapis.com/google.rpc.ErrorInfo"
)

// Reply is a malformed reply of a hostile server.
type Reply struct {
	Name string
	// HTTPStatus is that of the response, 200 if 0. ContentType is
	// application/grpc if empty.
	HTTPStatus  int
	ContentType string
	// Body comes before the trailer. Without one the trailer is the header.
	Body []byte
	// Trailer ends the response, unless Reset says that the stream is reset.
	Trailer http.Header
	Reset   bool
	// Want is what the client must get.
	Want Want
}

// reply decides what the hostile server sends.
func (d dice) reply() Reply {
	spec := pick(d, Specs())
	for spec.GRPCCode() == codes.OK {
		spec = pick(d, Specs())
	}
	makers := []func(dice, codetable.Spec) Reply{
		dice.garbageDetails, dice.truncatedDetails, dice.contradiction, dice.wrongTypes, dice.hugeTrailer, dice.successCode,
		dice.doubtfulNumber, dice.badStatus, dice.badMessage, dice.mutated, dice.notGRPC, dice.badBody, dice.twoInfos,
	}
	r := pick(d, makers)(d, spec)
	if d.chance(3) && r.Body == nil {
		r.Body = []byte{0, 0, 0, 0, 0} // an empty message
	}
	if r.Trailer != nil && d.chance(4) {
		r.Trailer["Grpc-Retry-Pushback-Ms"] = pick(d, [][]string{{"x"}, {"-9223372036854775809"}, {"1", "2"}, {""}})
	}
	return r
}

// statusOf returns the status of a code as a server sends it.
func statusOf(spec codetable.Spec) *spb.Status {
	e, _ := codetable.FromError(spec.NewError())
	return e.GRPCStatus().Proto()
}

func encode(message *spb.Status) string {
	raw, err := proto.Marshal(message)
	if err != nil {
		panic(err) // a fault of this package
	}
	return base64.RawStdEncoding.EncodeToString(raw)
}

// trailer returns a trailer with these details, whose status agrees with code.
func trailer(code codes.Code, details string) http.Header {
	return http.Header{statusKey: {strconv.Itoa(int(code))}, messageKey: {"text"}, detailsKey: {details}}
}

func infoOf(spec codetable.Spec, reason, number string) *spb.Status {
	info, err := anypb.New(&errdetails.ErrorInfo{Domain: spec.Domain(), Reason: reason, Metadata: map[string]string{"code": number}})
	if err != nil {
		panic(err) // a fault of this package
	}
	return &spb.Status{Code: int32(spec.GRPCCode()), Message: "text", Details: []*anypb.Any{info}}
}

func coded(spec codetable.Spec) Want {
	return Want{Coded: true, Domain: spec.Domain(), Number: spec.Number(), Code: spec.GRPCCode()}
}

func (d dice) bytes(limit int) (raw []byte) {
	size := 1 + d.IntN(limit)
	for len(raw) < size {
		raw = binary.LittleEndian.AppendUint64(raw, d.Uint64())
	}
	return raw[:size]
}

func (d dice) garbageDetails(spec codetable.Spec) Reply {
	details := pick(d, []string{"", "=", "!!!!", "%%%", strings.Repeat("A", 4000), base64.StdEncoding.EncodeToString(d.bytes(300)), "AAAA=AAAA"})
	return Reply{Name: "garbage details", Trailer: trailer(spec.GRPCCode(), details), Want: Want{}}
}

func (d dice) truncatedDetails(spec codetable.Spec) Reply {
	details := encode(statusOf(spec))
	return Reply{Name: "truncated details", Trailer: trailer(spec.GRPCCode(), details[:d.IntN(len(details))]), Want: Want{AnyFailure: true}}
}

// contradiction has a status that is not the one in the details.
func (d dice) contradiction(spec codetable.Spec) Reply {
	other := (spec.GRPCCode() + 1 + codes.Code(d.Uint32N(14))) % 17
	r := Reply{Name: "contradicting status", Trailer: trailer(other, encode(statusOf(spec)))}
	switch other {
	case codes.OK:
		r.Want.Any = true // the call succeeded, whatever the details say
	case spec.GRPCCode():
		r.Want = coded(spec)
	default:
	}
	return r
}

func (d dice) wrongTypes(spec codetable.Spec) Reply {
	message := statusOf(spec)
	info := message.Details[0]
	nested, err := anypb.New(info)
	if err != nil {
		panic(err) // a fault of this package
	}
	message.Details = []*anypb.Any{pick(d, []*anypb.Any{
		nested,
		{TypeUrl: "type.googleapis.com/google.rpc.BadRequest", Value: info.Value},
		{TypeUrl: errorInfo, Value: []byte("\xff\xff\xff")},
		{TypeUrl: "", Value: info.Value},
		{TypeUrl: errorInfo + "x", Value: info.Value},
		{TypeUrl: errorInfo},
		{TypeUrl: "/", Value: d.bytes(90)},
	})}
	return Reply{Name: "wrong types", Trailer: trailer(spec.GRPCCode(), encode(message)), Want: Want{}}
}

func (d dice) hugeTrailer(spec codetable.Spec) Reply {
	message := statusOf(spec)
	for range d.IntN(300) {
		message.Details = append(message.Details, message.Details[0])
	}
	r := Reply{Name: "huge trailer", Trailer: trailer(spec.GRPCCode(), encode(message)), Want: coded(spec)}
	r.Trailer.Set(messageKey, d.text(60_000))
	for i := range d.IntN(200) {
		r.Trailer.Set("x-"+strconv.Itoa(i), d.text(200))
	}
	return r
}

// successCode names a success code, or none of the table, in a failure.
func (d dice) successCode(spec codetable.Spec) Reply {
	for _, one := range Specs() {
		if one.GRPCCode() == codes.OK && one.Domain() == spec.Domain() {
			message := infoOf(spec, one.Reason(), strconv.Itoa(int(one.Number())))
			return Reply{Name: "success code in a failure", Trailer: trailer(spec.GRPCCode(), encode(message)), Want: Want{}}
		}
	}
	return d.garbageDetails(spec)
}

func (d dice) doubtfulNumber(spec codetable.Spec) Reply {
	number := pick(d, []string{"", "-", "abc", "99999999999999999999", "0x10", " 9018", "-1", "9018\n", "\u0669", strings.Repeat("9", 9000)})
	message := infoOf(spec, pick(d, []string{"", "NO_SUCH_REASON", spec.Reason()}), number)
	return Reply{Name: "doubtful number", Trailer: trailer(spec.GRPCCode(), encode(message)), Want: Want{AnyFailure: true}}
}

// twoInfos has a foreign ErrorInfo before the one of the table.
func (d dice) twoInfos(spec codetable.Spec) Reply {
	message := statusOf(spec)
	foreign := infoOf(spec, "OTHER", "1")
	foreign.Details[0].Value = []byte("\x12\x07foreign")
	message.Details = append(foreign.Details, message.Details...)
	return Reply{Name: "two infos", Trailer: trailer(spec.GRPCCode(), encode(message)), Want: coded(spec)}
}

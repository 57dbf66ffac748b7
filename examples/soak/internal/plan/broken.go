package plan

import (
	"encoding/base64"
	"net/http"

	"google.golang.org/protobuf/proto"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// badStatus has a status that gRPC does not know. The details agree with none.
func (d dice) badStatus(spec codetable.Spec) Reply {
	r := Reply{Name: "bad status", Trailer: trailer(0, encode(statusOf(spec))), Want: Want{}}
	r.Trailer.Set(statusKey, pick(d, []string{"abc", "4294967295", "-1", "", "99999999999999999999", "0x9", "17 "}))
	return r
}

func (d dice) badMessage(spec codetable.Spec) Reply {
	r := Reply{Name: "bad message", Trailer: trailer(spec.GRPCCode(), encode(statusOf(spec))), Want: coded(spec)}
	r.Trailer.Set(messageKey, pick(d, []string{"%", "%f", "%ff%fe%00", "%zz", "%E4%B8", ""}))
	return r
}

// mutated is the status of a code with a few wrong bytes, which may be another
// code.
func (d dice) mutated(spec codetable.Spec) Reply {
	raw, err := proto.Marshal(statusOf(spec))
	if err != nil {
		panic(err) // a fault of this package
	}
	for range 1 + d.IntN(4) {
		raw[d.IntN(len(raw))] ^= 1 << d.IntN(8)
	}
	return Reply{
		Name: "mutated details", Trailer: trailer(spec.GRPCCode(), base64.RawStdEncoding.EncodeToString(raw)), Want: Want{AnyFailure: true},
	}
}

// notGRPC is what a proxy in front of a server sends.
func (d dice) notGRPC(codetable.Spec) Reply {
	return Reply{
		Name: "not gRPC", HTTPStatus: pick(d, []int{200, 204, 302, 400, 401, 404, 429, 500, 502, 503, 504}), ContentType: "text/html",
		Body: []byte("<html>" + d.text(5000)), Want: Want{},
	}
}

// badBody has a message that ends early, is too long or is compressed, or it has
// no trailer.
func (d dice) badBody(spec codetable.Spec) Reply {
	body := pick(d, [][]byte{
		{0, 0, 0, 0, 9, 1}, {0, 0xff, 0xff, 0xff, 0xff, 1}, {1, 0, 0, 0, 1, 1}, {7, 0, 0, 0, 0}, {0, 0, 0, 0, 2, 0xff, 0xff}, {0},
	})
	r := Reply{Name: "bad body", Body: body, Want: Want{AnyFailure: true}}
	switch d.IntN(3) {
	case 0:
		r.Reset, r.Want = true, Want{}
	case 1:
		r.Trailer, r.Want = http.Header{}, Want{}
	default:
		r.Trailer = trailer(spec.GRPCCode(), encode(statusOf(spec)))
	}
	return r
}

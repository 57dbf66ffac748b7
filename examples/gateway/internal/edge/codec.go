package edge

import (
	"encoding/json"

	"connectrpc.com/vanguard"
	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// codec is the JSON of protobuf, as Connect has it, with three exceptions: the
// status of a REST error, the names of enums, and the errors of its own.
type codec struct {
	vanguard.JSONCodec

	locale string // of its errors, or ""
}

func newCodec(locale string) func(vanguard.TypeResolver) vanguard.Codec {
	return func(types vanguard.TypeResolver) vanguard.Codec {
		return codec{vanguard.JSONCodec{
			MarshalOptions:   protojson.MarshalOptions{Resolver: types},
			UnmarshalOptions: protojson.UnmarshalOptions{Resolver: types},
		}, locale}
	}
}

// MarshalAppend implements [vanguard.Codec].
func (c codec) MarshalAppend(base []byte, msg proto.Message) ([]byte, error) {
	st, ok := msg.(*status.Status)
	if !ok {
		return c.JSONCodec.MarshalAppend(base, msg)
	}
	text, err := c.marshalStatus(st)
	return append(base, text...), err
}

// marshalStatus keeps a detail whose type it doesn't know. protojson would fail
// for it, and vanguard would then answer with no status at all (its issue 98).
func (c codec) marshalStatus(st *status.Status) ([]byte, error) {
	body := struct {
		Code    int32             `json:"code"`
		Message string            `json:"message"`
		Details []json.RawMessage `json:"details,omitempty"`
	}{Code: st.GetCode(), Message: st.GetMessage()}
	for _, detail := range st.GetDetails() {
		text, err := c.MarshalOptions.Marshal(detail)
		if err != nil {
			text, err = json.Marshal(struct {
				Type  string `json:"@type"`
				Value []byte `json:"value"`
			}{detail.GetTypeUrl(), detail.GetValue()})
		}
		if err != nil {
			return nil, err
		}
		body.Details = append(body.Details, text)
	}
	return json.Marshal(body)
}

// Unmarshal implements [vanguard.Codec]. A newer client may say more than this
// server understands: fields that it does not know are ignored. protojson would
// ignore the names of enums with them, and a default would take their place.
func (c codec) Unmarshal(data []byte, msg proto.Message) error {
	if c.JSONCodec.Unmarshal(data, msg) == nil {
		return nil
	}
	if err := c.lenient().Unmarshal(data, msg); err != nil {
		return c.malformed(data, msg, position.FindString(err.Error()))
	}
	if len(c.violations(data, msg.ProtoReflect().Descriptor())) > 0 {
		return c.malformed(data, msg, "")
	}
	return nil
}

func (c codec) lenient() protojson.UnmarshalOptions {
	opts := c.UnmarshalOptions
	opts.DiscardUnknown = true
	return opts
}

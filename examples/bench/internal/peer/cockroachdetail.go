package peer

import (
	"context"
	"strings"

	"github.com/cockroachdb/errors"
	"github.com/gogo/protobuf/proto"
	"github.com/gogo/protobuf/types"
	"google.golang.org/protobuf/types/known/anypb"
)

// cockroachDetail wraps a failure with one more payload. Its type has an encoder, but no decoder, as
// if only the server that returns it had the type. The library keeps such wrappers whole, also
// where it sends them on: its README calls this forward compatibility.
type cockroachDetail struct {
	error

	detail *anypb.Any
}

func (e *cockroachDetail) Unwrap() error { return e.error }

func withCockroachDetail(err error, detail *anypb.Any) error {
	return &cockroachDetail{error: err, detail: detail}
}

func encodeCockroachDetail(_ context.Context, err error) (string, []string, proto.Message) {
	e := (*cockroachDetail)(nil)
	if !errors.As(err, &e) {
		return "", nil, nil
	}
	return "", nil, &unlinkedMessage{detail: e.detail}
}

// unlinkedMessage is a message of a type that is not registered. Its methods are those that
// gogo/protobuf needs to pack it.
type unlinkedMessage struct{ detail *anypb.Any }

func (m *unlinkedMessage) Reset()                   {}
func (m *unlinkedMessage) String() string           { return m.detail.String() }
func (m *unlinkedMessage) ProtoMessage()            {}
func (m *unlinkedMessage) Marshal() ([]byte, error) { return m.detail.GetValue(), nil }

// XXX_MessageName is the name in the type URL.
func (m *unlinkedMessage) XXX_MessageName() string { //nolint:revive // the name is that of gogo/protobuf
	return m.detail.GetTypeUrl()[strings.LastIndex(m.detail.GetTypeUrl(), "/")+1:]
}

// unlinkedCockroach returns the payload of a wrapper whose type this program does not link, or nil.
func unlinkedCockroach(err error) *anypb.Any {
	encoded := errors.EncodeError(context.Background(), err)
	for wrapper := encoded.GetWrapper(); wrapper != nil; wrapper = wrapper.Cause.GetWrapper() {
		payload := wrapper.Details.FullDetails
		if payload == nil {
			continue
		}
		if types.UnmarshalAny(payload, &types.DynamicAny{}) != nil {
			return &anypb.Any{TypeUrl: payload.GetTypeUrl(), Value: payload.GetValue()}
		}
	}
	return nil
}

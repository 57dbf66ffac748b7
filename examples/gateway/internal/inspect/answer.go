package inspect

import (
	"strings"

	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// Answer is what a server answered when it was asked for a code. The names and values of
// the fields are those of the test vectors, where these have such a field.
type Answer struct {
	Asked       int32    `json:"asked"`
	Method      string   `json:"method"`
	Code        *int32   `json:"code"` // of the response of a successful call
	GRPCCode    int32    `json:"grpc_code"`
	GRPCMessage string   `json:"grpc_message"`
	Status      []byte   `json:"status"`  // a google.rpc.Status
	Details     []string `json:"details"` // full names of the types, in order
	Pushback    string   `json:"pushback"`
	Headers     bool     `json:"headers"` // sent before the error, so that gRPC ignores the pushback
	Reading     *Reading `json:"reading"`
	Problems    []string `json:"problems"`

	err error
}

// Reading is what the Go library reads of a failed call.
type Reading struct {
	Known       bool              `json:"known"`
	Code        *int32            `json:"code"`
	Reason      string            `json:"reason"`
	Domain      string            `json:"domain"`
	Fault       string            `json:"fault"`
	Retry       Retry             `json:"retry"`
	Metadata    map[string]string `json:"metadata"`
	UserMessage map[string]string `json:"user_message"` // by the locale that is asked for
	Masked      bool              `json:"masked"`
	RequestID   string            `json:"request_id"`
}

// Retry is the advice of a reading.
type Retry struct {
	Action  string `json:"action"`
	DelayMS int64  `json:"delay_ms"`
	Window  string `json:"window"`
}

// locales are those that a reading is asked for, as in the test vectors.
var locales = []string{"en", "zh-CN", "zh", "fr", "*"}

// pushbackKey is defined by gRFC A6.
const pushbackKey = "grpc-retry-pushback-ms"

// read fills in what was received.
func (a *Answer) read(response Response, err error, header, trailer metadata.MD) {
	a.err, a.Details, a.Problems = err, []string{}, []string{}
	if err == nil {
		if response.ProtoReflect().Has(response.ProtoReflect().Descriptor().Fields().ByName("code")) {
			a.Code = new(int32(response.GetCode())) // 0 is SUCCESS
		}
		return
	}
	message := status.Convert(err).Proto()
	a.GRPCCode, a.GRPCMessage = message.GetCode(), message.GetMessage()
	a.Status, _ = proto.Marshal(message) // a status that was received can be marshalled
	for _, detail := range message.GetDetails() {
		a.Details = append(a.Details, string(detail.MessageName()))
	}
	a.Pushback = strings.Join(trailer.Get(pushbackKey), ",")
	a.Headers = header != nil
	a.Reading = readError(err)
}

// readError returns the reading of a code or of a masked error, and nil for other errors.
func readError(err error) *Reading {
	if e, ok := codetable.FromError(err); ok {
		r := newReading(err, e.Retry(), func(locale string) string { return e.UserMessage(locale) })
		r.Known, r.Code, r.Reason, r.Domain = true, new(e.Number()), e.Reason(), e.Domain()
		r.Fault, r.Metadata = e.Fault().String(), e.Metadata()
		return r
	}
	if mask, ok := codetable.Masked(err); ok {
		r := newReading(err, mask.Retry(), func(string) string { return mask.UserMessage() })
		r.Masked = true
		return r
	}
	return nil
}

func newReading(err error, retry codetable.Retry, userMessage func(string) string) *Reading {
	r := &Reading{
		Fault:     codetablev1.Fault_FAULT_UNSPECIFIED.String(),
		Retry:     Retry{retry.Action.String(), retry.Delay.Milliseconds(), retry.Window.String()},
		Metadata:  map[string]string{},
		RequestID: codetable.RequestID(err), UserMessage: map[string]string{},
	}
	for _, locale := range locales {
		r.UserMessage[locale] = userMessage(locale)
	}
	return r
}

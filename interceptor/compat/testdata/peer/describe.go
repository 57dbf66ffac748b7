package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// call is how a call ended.
type call struct {
	Mode     string            `json:"mode"`
	Number   int32             `json:"number"`
	Kind     string            `json:"kind"`
	Status   []byte            `json:"status"`   // what was received
	Pushback []string          `json:"pushback"` // the values of the trailer
	Sent     map[string]string `json:"sent"`     // the parts of the status as text
	Read     map[string]string `json:"read"`     // what the client says of it
}

// windowLeft replaces the time left until a calendar window, and fixedID a random
// id.
const (
	windowLeft = 5400
	fixedID    = "AAAAAAAAAAAAAAAAAAAAAAAAAA"
)

func describe(number jverificationv1.ResponseCode, err error) call {
	spec, _ := codetable.Lookup(number)
	windowed := spec.Retry().Window != 0 && number != bare
	st := status.Convert(err).Proto()
	c := call{Sent: map[string]string{"code": status.Code(err).String(), "message": st.GetMessage()}, Read: read(err, windowed)}
	for i, detail := range st.GetDetails() {
		m, err := detail.UnmarshalNew()
		if err != nil {
			c.Sent[fmt.Sprint("detail ", i)] = err.Error()
			continue
		}
		fix(m, windowed)
		c.Sent[string(detail.MessageName())] = text(m)
		detail.Value, _ = proto.MarshalOptions{Deterministic: true}.Marshal(m)
	}
	c.Status, _ = proto.MarshalOptions{Deterministic: true}.Marshal(st)
	return c
}

// text returns a message as JSON without the white space, which is random.
func text(m proto.Message) string {
	var b bytes.Buffer
	raw, err := protojson.Marshal(m)
	if err == nil {
		err = json.Compact(&b, raw)
	}
	if err != nil {
		return err.Error()
	}
	return b.String()
}

func fix(m proto.Message, windowed bool) {
	switch m := m.(type) {
	case *errdetails.RequestInfo:
		if len(m.GetRequestId()) == len(fixedID) {
			m.RequestId = fixedID
		}
	case *errdetails.RetryInfo:
		if windowed {
			m.RetryDelay = &durationpb.Duration{Seconds: windowLeft, Nanos: min(m.GetRetryDelay().GetNanos(), 1)}
		}
	}
}

// read returns what a caller of the library can decide by.
func read(err error, windowed bool) map[string]string {
	code, ok := codetable.CodeOf[jverificationv1.ResponseCode](err)
	facts := map[string]string{"failed": strconv.FormatBool(err != nil), "has a code": strconv.FormatBool(ok)}
	if ok {
		facts["code"] = strconv.Itoa(int(code))
	}
	e, ok := codetable.FromError(err)
	if !ok {
		return facts
	}
	retry := e.Retry()
	if windowed {
		retry.Delay = windowLeft
	}
	for name, value := range map[string]any{
		"number": e.Number(), "reason": e.Reason(), "domain": e.Domain(), "message": e.Message(), "metadata": e.Metadata(),
		"fault": e.Fault(), "action": retry.Action, "delay": int64(retry.Delay), "window": retry.Window, "remote": e.Remote(),
		"en": e.UserMessage("en"), "zh-CN": e.UserMessage("zh-CN"), "fr": e.UserMessage("fr"),
	} {
		facts[name] = fmt.Sprint(value)
	}
	return facts
}

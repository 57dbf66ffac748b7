package openapi

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/anypb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
	"github.com/codetable/grpc-codetable/interceptor/rest"
)

// answer returns the status and the body that package rest writes for a code, or
// that a server of the Connect protocol writes.
func (b *builder) answer(spec codetable.Spec, to binding) (httpStatus string, body object) {
	var opts []codetable.ErrorOption
	if spec.Retry().Window != codetablev1.CalendarWindow_CALENDAR_WINDOW_UNSPECIFIED {
		opts = append(opts, codetable.WithRetryAfter(42*time.Minute)) // the time left depends on the clock
	}
	request, reply := &http.Request{Header: http.Header{"Accept-Language": {b.config.Language}}}, &recorder{header: http.Header{}}
	rest.WriteError(reply, request, spec.NewError(opts...))
	_ = json.Unmarshal(reply.Bytes(), &body) // package rest writes JSON
	if to.connect {
		body = connectError(spec, body)
	}
	return strconv.Itoa(reply.status), body
}

// recorder keeps a reply.
type recorder struct {
	bytes.Buffer
	header http.Header
	status int
}

func (r *recorder) Header() http.Header    { return r.header }
func (r *recorder) WriteHeader(status int) { r.status = status }

// connectError is the form of https://connectrpc.com/docs/protocol/#error-codes.
func connectError(spec codetable.Spec, status object) object {
	var details []any
	list, _ := status["details"].([]any)
	for _, detail := range list {
		debug, _ := detail.(object)
		typeURL, _ := debug[anyKey].(string)
		var packed anypb.Any
		raw, err := json.Marshal(debug)
		if err == nil {
			err = protojson.Unmarshal(raw, &packed)
		}
		if err != nil {
			continue // rest makes only details that are linked
		}
		debug = maps.Clone(debug)
		delete(debug, anyKey)
		details = append(details, object{
			"type": path.Base(typeURL), "value": base64.RawStdEncoding.EncodeToString(packed.GetValue()), "debug": debug,
		})
	}
	return object{"code": connectCode(table.CodeName(spec.GRPCCode())), "message": status["message"], "details": details}
}

// connectCode returns the name of a gRPC code in the Connect protocol.
func connectCode(name string) string {
	if name == "CANCELLED" {
		return "canceled"
	}
	return strings.ToLower(name)
}

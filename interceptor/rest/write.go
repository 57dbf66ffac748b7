package rest

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
	"github.com/codetable/grpc-codetable/interceptor/internal/wire"
)

// WriteOption configures [WriteError]. Only this package can implement it.
type WriteOption interface{ applyWrite(c *writeConfig) }

type writeOption func(*writeConfig)

func (o writeOption) applyWrite(c *writeConfig) { o(c) }

type writeConfig struct {
	translator *interceptor.Translator
	envelope   bool
}

// WithTranslator sets the translator, which decides what the caller may see.
// WriteError panics if t is nil. Default: a translator without options, which
// is not a public boundary.
func WithTranslator(t *interceptor.Translator) WriteOption {
	return writeOption(func(c *writeConfig) { c.translator = t })
}

// WithErrorEnvelope writes the JSON form that AIP-193 defines for HTTP:
//
//	{"error": {"code": 404, "message": "…", "status": "NOT_FOUND", "details": […]}}
//
// Default: the JSON form of google.rpc.Status, in which code is the number of
// the gRPC code.
func WithErrorEnvelope() WriteOption {
	return writeOption(func(c *writeConfig) { c.envelope = true })
}

var plainTranslator = interceptor.NewTranslator()

// WriteError answers an HTTP request with the status of an error. It sends the
// same status as a server interceptor, so a handler without an interceptor
// leaks nothing either. For a nil error it writes nothing.
//
// The HTTP status is the one that google.rpc.Code documents for the gRPC code.
// Retry-After, in seconds, comes from RetryInfo. Content-Language comes from
// LocalizedMessage, whose language the request selects with Accept-Language. A
// detail whose type is not linked in the program is written with its type URL
// and its bytes in base64. The answer forbids caching.
//
// It can be the error handler of grpc-gateway, for handlers in process and for
// handlers behind a connection:
//
//	runtime.WithErrorHandler(func(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, err error) {
//		rest.WriteError(w, r, err)
//	})
func WriteError(w http.ResponseWriter, r *http.Request, err error, opts ...WriteOption) {
	if err == nil {
		return
	}
	c := &writeConfig{translator: plainTranslator}
	for _, opt := range opts {
		opt.applyWrite(c)
	}
	message := c.translator.Translate(withLanguage(r), err).Status.Proto()
	header := w.Header()
	header.Del("Content-Length") // the length of the body that the handler wanted to write
	header.Set("Content-Type", "application/json")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-store")
	if delay, ok := wire.RetryDelay(message); ok {
		header.Set("Retry-After", strconv.FormatInt(int64(table.WholeSeconds(delay)/time.Second), 10))
	}
	var localized errdetails.LocalizedMessage
	if wire.Find(message, &localized) && localized.GetLocale() != "" {
		header.Set("Content-Language", localized.GetLocale())
	}
	httpStatus := wire.HTTPStatus(codes.Code(message.GetCode()))
	w.WriteHeader(httpStatus)
	_, _ = w.Write(c.document(message, httpStatus)) // the peer may have closed the connection
}

// withLanguage copies the languages of the request to the metadata where a
// translator looks for them.
func withLanguage(r *http.Request) context.Context {
	languages := r.Header.Values("Accept-Language")
	if len(languages) == 0 {
		return r.Context()
	}
	md, _ := metadata.FromIncomingContext(r.Context())
	md = md.Copy() // never nil
	md.Set("accept-language", strings.Join(languages, ","))
	return metadata.NewIncomingContext(r.Context(), md)
}

// document is the body of the answer.
type document struct {
	Code    int               `json:"code"`
	Message string            `json:"message"`
	Status  string            `json:"status,omitempty"`
	Details []json.RawMessage `json:"details,omitempty"`
}

func (c *writeConfig) document(message *spb.Status, httpStatus int) []byte {
	d := document{Code: int(message.GetCode()), Message: message.GetMessage()}
	for _, detail := range message.GetDetails() {
		d.Details = append(d.Details, detailJSON(detail))
	}
	var body any = d
	if c.envelope {
		d.Code, d.Status = httpStatus, table.CodeName(codes.Code(message.GetCode()))
		body = map[string]document{"error": d}
	}
	b, _ := json.Marshal(body) // each detail is valid JSON
	return append(b, '\n')
}

// detailJSON also checks the result, because JSON allows fewer levels of
// nesting than protobuf.
func detailJSON(detail *anypb.Any) json.RawMessage {
	if b, err := protojson.Marshal(detail); err == nil && json.Valid(b) {
		return b
	}
	raw, _ := json.Marshal(map[string]any{"@type": detail.GetTypeUrl(), "value": detail.GetValue()}) // a string and bytes always marshal
	return raw
}

package edge

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"

	"connectrpc.com/connect"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

var position = regexp.MustCompile(`\(line \d+:\d+\)`)

// malformed is the error for a body that protojson refuses. Of protojson's
// error it tells the place alone: the rest quotes the body, which holds phone
// numbers and tokens. A request of the service gets the code that the gateway
// itself has for fields that are not valid.
func (c codec) malformed(data []byte, msg proto.Message, place string) error {
	message := msg.ProtoReflect().Descriptor()
	text := strings.TrimSpace(fmt.Sprintf("the body is not the JSON of a %s %s", message.Name(), place))
	ours := jverificationv1.File_jiguang_jverification_v1_verification_service_proto.Package()
	if message.ParentFile().Package() != ours {
		return connect.NewError(connect.CodeInvalidArgument, errors.New(text))
	}
	opts := []codetable.ErrorOption{codetable.WithMessage(text)}
	if violations := c.violations(data, message); len(violations) > 0 {
		opts = append(opts, codetable.WithDetail(&errdetails.BadRequest{FieldViolations: violations}))
	}
	spec, _ := codetable.Lookup(parameterInvalid)
	if c.locale != "" {
		text, locale := spec.UserMessage(c.locale)
		opts = append(opts, codetable.WithDetail(&errdetails.LocalizedMessage{Locale: locale, Message: text}))
	}
	return asConnect(spec.NewError(opts...))
}

// worded is an error whose text is that of its status.
type worded struct {
	error

	text string
}

func (e worded) Error() string { return e.text }
func (e worded) Unwrap() error { return e.error }

// asConnect is the form in which vanguard takes an error with details.
func asConnect(err error) *connect.Error {
	st := status.Convert(err)
	converted := connect.NewError(connect.Code(st.Code()), worded{err, st.Message()})
	for _, detail := range st.Proto().GetDetails() {
		if added, err := connect.NewErrorDetail(detail); err == nil { // always so for an Any
			converted.AddDetail(added)
		}
	}
	return converted
}

// fill makes an empty body one that lacks all its fields, as in protobuf.
// Vanguard would send the server no message, which is Internal.
func fill(r *http.Request) {
	if r.ContentLength == 0 {
		r.ContentLength = -1
		r.Header.Del("Content-Encoding") // nothing has none
	}
	if r.Header.Get("Content-Encoding") == "" {
		r.Body = &objectOfNothing{ReadCloser: r.Body}
	}
}

// objectOfNothing reads {} where there is nothing to read.
type objectOfNothing struct {
	io.ReadCloser

	begun bool
}

// Read implements [io.Reader].
func (b *objectOfNothing) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.begun || n > 0 || !errors.Is(err, io.EOF) {
		b.begun = b.begun || n > 0
		return n, err
	}
	b.begun = true
	b.ReadCloser = struct {
		io.Reader
		io.Closer
	}{strings.NewReader("{}"), b.ReadCloser}
	return b.ReadCloser.Read(p)
}

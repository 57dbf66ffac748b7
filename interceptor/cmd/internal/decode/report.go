package decode

import (
	"cmp"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/catalogue"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
	"github.com/codetable/grpc-codetable/interceptor/internal/wire"
)

// Tables are the tables that statuses are read with, and the types of details.
type Tables struct {
	*codetable.Resolver
	Types Types
}

// NewTables returns the tables of a resolver, and the types of files.
func NewTables(resolver *codetable.Resolver, files *protoregistry.Files) *Tables {
	return &Tables{resolver, Types{dynamicpb.NewTypes(files)}}
}

// of returns the table of a domain, or nil.
func (t *Tables) of(domain string) *table.Table {
	for _, enum := range t.Tables() {
		if found := table.For(enum); found.Domain == domain {
			return found
		}
	}
	return nil
}

// Types finds the types of messages, first among those that the program links.
type Types struct{ *dynamicpb.Types }

// FindMessageByURL finds the type of a detail.
func (t Types) FindMessageByURL(url string) (protoreflect.MessageType, error) {
	if linked, err := protoregistry.GlobalTypes.FindMessageByURL(url); err == nil {
		return linked, nil
	}
	return t.Types.FindMessageByURL(url)
}

// Report is what a status means. docs/codetable.md documents its JSON.
type Report struct {
	Line        int          `json:"line"`
	Forms       []string     `json:"forms"`
	Code        *Code        `json:"code"`
	Retry       *Retry       `json:"retry,omitempty"`
	NextWindow  string       `json:"nextWindow,omitempty"` // when the window that follows now begins
	TimeZone    string       `json:"timeZone,omitempty"`
	UserMessage *UserMessage `json:"userMessage,omitempty"`
	GRPCCode    string       `json:"grpcCode"`
	GRPCNumber  *int32       `json:"grpcNumber"`
	HTTPStatus  int          `json:"httpStatus,omitempty"`
	Message     string       `json:"message"`
	Masked      bool         `json:"masked"`
	RequestID   string       `json:"requestId,omitempty"`
	Details     []Detail     `json:"details"`
	Size        Size         `json:"size"`
	Response    Response     `json:"response,omitzero"`
	Notes

	pushback string // what gRPC's own retry does
}

// Code identifies a code. The texts are those of the table.
type Code struct {
	Domain      string `json:"domain"`
	Number      *int32 `json:"number"`
	Reason      string `json:"reason"`
	Listed      bool   `json:"listed"`
	TableKnown  bool   `json:"tableKnown"`
	Refused     bool   `json:"refused,omitempty"` // by readers: see the warnings
	Fault       string `json:"fault,omitempty"`
	Description string `json:"description,omitempty"`
	Notes       string `json:"notes,omitempty"`
	Resolution  string `json:"resolution,omitempty"`
	HelpURL     string `json:"helpUrl,omitempty"`

	spec codetable.Spec
}

// UserMessage is a sentence for an end user.
type UserMessage struct {
	Text   string `json:"text"`
	Locale string `json:"locale,omitempty"`
}

// Describe reads a status with the tables. lang is an Accept-Language list; ""
// selects the default language of the table.
func Describe(f *Found, tables *Tables, lang string) *Report {
	r := &Report{
		Line: f.Line, Forms: f.Forms, Message: f.Status.GetMessage(), RequestID: f.RequestID, Size: sizeOf(f), Response: f.Response,
		Masked: f.Masked, Notes: f.Notes,
	}
	r.setDetails(f, tables.Types)
	failed := proto.CloneOf(f.Status)
	if !f.HasCode {
		failed.Code = int32(codes.Unknown) // logs do not always have the gRPC code
	}
	err := status.ErrorProto(failed)
	r.RequestID = cmp.Or(codetable.RequestID(err), r.RequestID)
	r.setSent(f.Status)
	infos := r.errorInfos(f.Status, tables)
	if e, ok := tables.FromError(err); ok {
		r.setError(e, tables, lang)
	} else if mask, ok := codetable.Masked(err); ok {
		r.Masked = true
		r.Retry = newRetry(mask.Retry(), catalogue.Advice(mask.Retry(), ""))
	} else if len(infos) > 0 && infos[0].GetDomain()+infos[0].GetReason() != "" {
		r.setUnread(f, infos[0], tables)
	}
	r.setStatus(f)
	r.compareMessage(tables)
	r.setPushback(f.Response.Pushback)
	return r
}

// setSent sets the advice and the sentence that the server sent.
func (r *Report) setSent(message *spb.Status) {
	if delay, ok := wire.RetryDelay(message); ok {
		r.Retry = newRetry(codetable.Retry{Delay: delay}, "the server asks to wait "+delay.String()+" before the call is repeated")
	}
	if text, locale := localized(message); text != "" {
		r.UserMessage = &UserMessage{text, locale}
	}
}

func localized(message *spb.Status) (text, locale string) {
	var sent errdetails.LocalizedMessage
	wire.Find(message, &sent)
	return sent.GetMessage(), sent.GetLocale()
}

// setStatus sets the gRPC code and the HTTP status.
func (r *Report) setStatus(f *Found) {
	code, listed := f.Status.GetCode(), r.Code != nil && r.Code.Listed
	switch {
	case !f.HasCode && !listed:
		r.warn("there is no gRPC code")
		return
	case !f.HasCode:
		code = int32(r.Code.spec.GRPCCode())
		r.warn("there is no gRPC code: the one of the table is shown")
	case listed && !r.Masked && !r.Code.Refused && r.Code.spec.GRPCCode() != codes.Code(code):
		r.warn("the table has the gRPC code %s for this code, the status has %s", codeName(int32(r.Code.spec.GRPCCode())), codeName(code))
	}
	r.GRPCNumber, r.GRPCCode = &code, name(code)
	r.HTTPStatus = wire.HTTPStatus(codes.Code(code))
}

package table

import (
	"fmt"
	"strings"
	"time"

	"google.golang.org/grpc/codes"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
)

// Document is everything that a table defines for a code. Its JSON is that of
// codetable.Spec.
type Document struct {
	Number       int32             `json:"number"`
	Reason       string            `json:"reason"`
	Domain       string            `json:"domain"`
	Listed       bool              `json:"listed"`
	GRPCCode     string            `json:"grpcCode"`
	Description  string            `json:"description,omitempty"`
	Notes        string            `json:"notes,omitempty"`
	Resolution   string            `json:"resolution,omitempty"`
	Fault        string            `json:"fault,omitempty"`
	Retry        RetryDocument     `json:"retry,omitzero"`
	Detail       DetailDocument    `json:"detail,omitzero"`
	HelpURL      string            `json:"helpUrl,omitempty"`
	UserMessages map[string]string `json:"userMessages,omitempty"`
}

// RetryDocument is the document of a Retry. The delay has the JSON form of
// google.protobuf.Duration, such as "1s".
type RetryDocument struct {
	Action string `json:"action"`
	Delay  string `json:"delay,omitempty"`
	Window string `json:"window,omitempty"`
}

// DetailDocument is the standard error detail that a code carries.
type DetailDocument struct {
	Type    string `json:"type"`
	Subject string `json:"subject"`
}

// Document returns the document of a number with this entry.
func (e *Entry) Document(number int32) Document {
	d := Document{
		Number: number, Reason: e.Reason, Domain: e.Table.Domain, Listed: e.Listed, GRPCCode: CodeName(e.GRPCCode),
		Description: e.Options.GetDescription(), Notes: e.Options.GetNotes(), Resolution: e.Options.GetResolution(),
		HelpURL: e.HelpURL(number),
	}
	if fault := e.Options.GetFault(); fault != codetablev1.Fault_FAULT_UNSPECIFIED {
		d.Fault = FaultName(fault)
	}
	if e.Retry != (Retry{}) {
		d.Retry = e.Retry.Document()
	}
	if detail := e.Options.GetDetail(); detail.GetType() != codetablev1.DetailType_DETAIL_TYPE_UNSPECIFIED {
		d.Detail = DetailDocument{strings.TrimPrefix(detail.GetType().String(), "DETAIL_TYPE_"), detail.GetSubject()}
	}
	for i, locale := range e.messages.locales {
		if d.UserMessages == nil {
			d.UserMessages = make(map[string]string, len(e.messages.locales))
		}
		d.UserMessages[locale] = e.messages.texts[i]
	}
	return d
}

// Document returns the document of the advice.
func (r Retry) Document() RetryDocument {
	d := RetryDocument{Action: r.ActionName()}
	if r.Delay > 0 {
		d.Delay = strings.TrimRight(fmt.Sprintf("%d.%09d", r.Delay/time.Second, r.Delay%time.Second), "0")
		d.Delay = strings.TrimSuffix(d.Delay, ".") + "s"
	}
	if r.Window != codetablev1.CalendarWindow_CALENDAR_WINDOW_UNSPECIFIED {
		d.Window = strings.TrimPrefix(r.Window.String(), "CALENDAR_WINDOW_")
	}
	return d
}

// ActionName returns the name of the action without its prefix.
func (r Retry) ActionName() string { return strings.TrimPrefix(r.Action.String(), "RETRY_ACTION_") }

// FaultName returns the name of a fault without its prefix.
func FaultName(fault codetablev1.Fault) string { return strings.TrimPrefix(fault.String(), "FAULT_") }

// CodeName returns the name of google.rpc.Code, such as "NOT_FOUND".
func CodeName(code codes.Code) string {
	return strings.TrimPrefix(codetablev1.GrpcCode(code).String(), "GRPC_CODE_")
}

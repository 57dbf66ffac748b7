package codetable

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/internal/wire"
)

// MarshalJSON encodes the content of the error without the cause.
func (e *Error) MarshalJSON() ([]byte, error) {
	if !e.valid() {
		return []byte("null"), nil
	}
	return json.Marshal(struct {
		Number   int32             `json:"number"`
		Reason   string            `json:"reason"`
		Domain   string            `json:"domain"`
		GRPCCode string            `json:"grpcCode"`
		Message  string            `json:"message"`
		Fault    string            `json:"fault"`
		Retry    Retry             `json:"retry"`
		Metadata map[string]string `json:"metadata,omitempty"`
		Remote   bool              `json:"remote,omitempty"`
	}{
		e.Number(), e.Reason(), e.Domain(), wire.CodeName(e.GRPCStatus().Code()), e.Message(),
		faultName(e.Fault()), e.Retry(), e.addedMetadata(), e.Remote(),
	})
}

// MarshalJSON encodes everything that the table defines for the code.
func (s Spec) MarshalJSON() ([]byte, error) {
	type detail struct {
		Type    string `json:"type"`
		Subject string `json:"subject"`
	}
	document := struct {
		Number       int32             `json:"number"`
		Reason       string            `json:"reason"`
		Domain       string            `json:"domain"`
		Listed       bool              `json:"listed"`
		GRPCCode     string            `json:"grpcCode"`
		Description  string            `json:"description,omitempty"`
		Notes        string            `json:"notes,omitempty"`
		Resolution   string            `json:"resolution,omitempty"`
		Fault        string            `json:"fault,omitempty"`
		Retry        *Retry            `json:"retry,omitempty"`
		Detail       *detail           `json:"detail,omitempty"`
		HelpURL      string            `json:"helpUrl,omitempty"`
		UserMessages map[string]string `json:"userMessages,omitempty"`
	}{
		Number: s.Number(), Reason: s.Reason(), Domain: s.Domain(), Listed: s.Listed(),
		GRPCCode: wire.CodeName(s.GRPCCode()), Description: s.Description(), Notes: s.Notes(),
		Resolution: s.Resolution(), HelpURL: s.HelpURL(),
	}
	if fault := s.Fault(); fault != codetablev1.Fault_FAULT_UNSPECIFIED {
		document.Fault = faultName(fault)
	}
	if retry := s.Retry(); retry != (Retry{}) {
		document.Retry = &retry
	}
	if typ, subject := s.Detail(); typ != codetablev1.DetailType_DETAIL_TYPE_UNSPECIFIED {
		document.Detail = &detail{strings.TrimPrefix(typ.String(), "DETAIL_TYPE_"), subject}
	}
	locales, texts := s.entry().Messages()
	for i, locale := range locales {
		if document.UserMessages == nil {
			document.UserMessages = make(map[string]string, len(locales))
		}
		document.UserMessages[locale] = texts[i]
	}
	return json.Marshal(document)
}

// MarshalJSON encodes the action, the window if there is one, and the delay in
// the JSON form of google.protobuf.Duration, such as "1s".
func (r Retry) MarshalJSON() ([]byte, error) {
	document := struct {
		Action string `json:"action"`
		Delay  string `json:"delay,omitempty"`
		Window string `json:"window,omitempty"`
	}{Action: r.action()}
	if r.Delay > 0 {
		document.Delay = strings.TrimRight(fmt.Sprintf("%d.%09d", r.Delay/time.Second, r.Delay%time.Second), "0")
		document.Delay = strings.TrimSuffix(document.Delay, ".") + "s"
	}
	if r.Window != codetablev1.CalendarWindow_CALENDAR_WINDOW_UNSPECIFIED {
		document.Window = strings.TrimPrefix(r.Window.String(), "CALENDAR_WINDOW_")
	}
	return json.Marshal(document)
}

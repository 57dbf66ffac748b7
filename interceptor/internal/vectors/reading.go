package main

import (
	"maps"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// locales are the locales that each reading is asked for, and the language of
// each answer: the two of the table, a shorter form, and two that get the
// default locale.
var locales = map[string]string{"en": "en", "zh-CN": "zh-CN", "zh": "zh-CN", "fr": "en", "*": "en"}

// reading returns the reading that the table defines for a code.
func reading(spec codetable.Spec) *Reading {
	r := &Reading{
		Known: true, Code: new(spec.Number()), Reason: spec.Reason(), Domain: domain,
		Fault: spec.Fault().String(),
		Retry: Retry{
			Action: spec.Retry().Action.String(), DelayMS: spec.Retry().Delay.Milliseconds(), Window: spec.Retry().Window.String(),
		},
		Metadata:    code(spec.Number()),
		UserMessage: map[string]string{},
	}
	for asked, found := range locales {
		r.UserMessage[asked], _ = spec.UserMessage(found)
	}
	return r
}

// unlisted returns the reading of a code that the table does not list, with the
// reason that was sent.
func unlisted(number int32, reason string) *Reading {
	spec, _ := codetable.Lookup(jverificationv1.ResponseCode(number))
	r := reading(spec)
	r.Reason = reason
	return r
}

// unknown returns the reading of an ErrorInfo that the table does not know.
func unknown(info *errdetails.ErrorInfo, number *int32) *Reading {
	r := &Reading{
		Code: number, Reason: info.GetReason(), Domain: info.GetDomain(),
		Fault: codetablev1.Fault_FAULT_UNSPECIFIED.String(),
		Retry: Retry{
			Action: codetablev1.RetryAction_RETRY_ACTION_UNSPECIFIED.String(),
			Window: codetablev1.CalendarWindow_CALENDAR_WINDOW_UNSPECIFIED.String(),
		},
		Metadata:    map[string]string{},
		UserMessage: map[string]string{},
	}
	maps.Copy(r.Metadata, info.GetMetadata())
	return r.saying("")
}

// masked returns the reading of a masked error.
func masked(action codetablev1.RetryAction, delay time.Duration, id string) *Reading {
	r := unknown(nil, nil).with(id)
	r.Masked = true
	r.Retry.Action, r.Retry.DelayMS = action.String(), delay.Milliseconds()
	return r
}

// with sets the request id.
func (r *Reading) with(id string) *Reading {
	r.RequestID = id
	return r
}

// saying sets the sentence of some locales, or of all if none is named.
func (r *Reading) saying(text string, asked ...string) *Reading {
	for locale := range locales {
		if len(asked) == 0 {
			r.UserMessage[locale] = text
		}
	}
	for _, locale := range asked {
		r.UserMessage[locale] = text
	}
	return r
}

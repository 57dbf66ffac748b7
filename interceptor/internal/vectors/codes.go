package main

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"strconv"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

const (
	domain = "jverification.jiguang.cn"
	// windowLeft replaces the time left until a calendar window, so that the
	// file does not depend on the date.
	windowLeft = 90 * time.Minute
)

type vectorCase struct {
	name    string
	status  *spb.Status
	reading *Reading
}

// locales are the locales that each reading is asked for, and the language of
// each answer: the two of the table, a shorter form, and two that get the
// default locale.
var locales = map[string]string{"en": "en", "zh-CN": "zh-CN", "zh": "zh-CN", "fr": "en", "*": "en"}

// codeCases returns each code as a server sends it, and a few codes that the
// table does not list.
func codeCases() []vectorCase {
	var cases []vectorCase
	for code, spec := range codetable.All[jverificationv1.ResponseCode]() {
		if spec.GRPCCode() != codes.OK {
			cases = append(cases, vectorCase{fmt.Sprintf("code %d", code), sent(spec), reading(spec)})
		}
	}
	for _, number := range []jverificationv1.ResponseCode{424242, -7, math.MinInt32, math.MaxInt32} {
		spec, _ := codetable.Lookup(number)
		cases = append(cases, vectorCase{fmt.Sprintf("code %d, not listed", number), sent(spec), reading(spec)})
	}
	return cases
}

// sent returns the status of a code with the first details of the wire
// contract. Readers do not use the other details.
func sent(spec codetable.Spec) *spb.Status {
	st := &spb.Status{Code: int32(spec.GRPCCode()), Message: cmp.Or(spec.Notes(), "the response code is not listed")}
	add(st, &errdetails.ErrorInfo{Reason: spec.Reason(), Domain: domain, Metadata: code(spec.Number())})
	if delay := delayOf(spec); delay > 0 {
		add(st, &errdetails.RetryInfo{RetryDelay: durationpb.New(delay)})
	}
	return st
}

func delayOf(spec codetable.Spec) time.Duration {
	if spec.Retry().Window != codetablev1.CalendarWindow_CALENDAR_WINDOW_UNSPECIFIED {
		return windowLeft
	}
	return spec.Retry().Delay
}

// reading returns the reading that the table defines for a code.
func reading(spec codetable.Spec) *Reading {
	r := &Reading{
		Known: true, Code: new(spec.Number()), Reason: spec.Reason(), Domain: domain,
		Fault: spec.Fault().String(),
		Retry: Retry{
			Action: spec.Retry().Action.String(), DelayMS: delayOf(spec).Milliseconds(), Window: spec.Retry().Window.String(),
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
	for asked := range locales {
		r.UserMessage[asked] = ""
	}
	return r
}

func code(number int32) map[string]string {
	return map[string]string{"code": strconv.Itoa(int(number))}
}

func add(st *spb.Status, details ...proto.Message) {
	for _, detail := range details {
		raw, ok := detail.(*anypb.Any)
		if !ok {
			raw = new(anypb.Any)
			if err := anypb.MarshalFrom(raw, detail, proto.MarshalOptions{Deterministic: true}); err != nil {
				panic(err) // the messages of this file are valid UTF-8
			}
		}
		st.Details = append(st.Details, raw)
	}
}

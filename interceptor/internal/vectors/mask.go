package main

import (
	"fmt"
	"strconv"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// maskCases are errors that a server hides: errors without a code, and at a
// public boundary codes of which the operator is at fault or that are not listed.
func maskCases() []vectorCase {
	cases := []vectorCase{
		hiddenCase("an error without a code", bare(false), hidden{}),
		hiddenCase("an error without a code, in no language", withLanguage(bare(false), "zh"), hidden{}),
		hiddenCase("an error without a code, public", bare(true), hidden{}),
		hiddenCase("an error without a code, public, zh", withLanguage(bare(true), "zh"), hidden{language: "zh-CN"}),
		hiddenCase("an error without a code, public, fr", withLanguage(bare(true), "fr"), hidden{language: "en"}),
		hiddenCase("an error without a code, the least budget", withBudget(bare(true), 1024), hidden{}),
	}
	for code, spec := range codetable.All[jverificationv1.ResponseCode]() {
		if spec.Fault() == codetablev1.Fault_FAULT_OPERATOR {
			cases = append(cases, hiddenCase(fmt.Sprintf("code %d, public", code), public(code), hiddenOf(spec)))
		}
	}
	for _, code := range []jverificationv1.ResponseCode{424242, -7} {
		cases = append(cases, hiddenCase(fmt.Sprintf("code %d, not listed, public", code), public(code), hidden{}))
	}
	return append(cases, append(hiddenOptionCases(), visibleCases()...)...)
}

// hiddenOptionCases have options of the caller. The delay of a mask is in whole
// seconds. A delay of more than a minute means a calendar window, and that of a
// window is at least 61 s.
func hiddenOptionCases() []vectorCase {
	after := func(code jverificationv1.ResponseCode, ms int64) Send {
		s := public(code)
		s.RetryAfterMS = &ms
		return s
	}
	secret := public(jverificationv1.ResponseCode_RESPONSE_CODE_INSUFFICIENT_BALANCE)
	secret.Message, secret.Metadata = "the balance of account 7 is 0", map[string]string{"account": "7"}
	inOneMinute := withLanguage(after(qpsLimit, 60000), "zh")
	return []vectorCase{
		hiddenCase("SAME_REQUEST at once", after(qpsLimit, 0), hidden{wait: new(time.Duration(0))}),
		hiddenCase("SAME_REQUEST after 1.001 s", after(qpsLimit, 1001), hidden{wait: new(2 * time.Second)}),
		hiddenCase("SAME_REQUEST after a minute, zh", inOneMinute, hidden{wait: new(time.Minute), language: "zh-CN"}),
		hiddenCase("SAME_REQUEST after 60.001 s", after(qpsLimit, 60001), hidden{wait: new(61 * time.Second)}),
		hiddenCase("NEXT_WINDOW in 5 s", after(tooManyToday, 5000), hidden{wait: new(61 * time.Second)}),
		hiddenCase("NEXT_WINDOW in 90.5 s", after(tooManyToday, 90500), hidden{wait: new(91 * time.Second)}),
		hiddenCase("a message and metadata", secret, hidden{}),
		hiddenCase("an operator must act, with a delay", after(jverificationv1.ResponseCode_RESPONSE_CODE_AUTH_FAILED, 1000), hidden{}),
	}
}

// visibleCases are codes that a public boundary does not hide.
func visibleCases() []vectorCase {
	const upstream = jverificationv1.ResponseCode_RESPONSE_CODE_INTERNAL_ERROR
	chinese := contentOf(tokenExpired)
	chinese.language = "zh-CN"
	return []vectorCase{
		sentCase("the end user is at fault", withLanguage(public(tokenExpired), "zh"), chinese),
		sentCase("the caller is at fault", public(invalidParameters), contentOf(invalidParameters)),
		sentCase("the upstream is at fault", public(upstream), contentOf(upstream)),
	}
}

// hidden is a masked error.
type hidden struct {
	wait     *time.Duration // nil: waiting does not help
	language string         // of the neutral sentence; "" if there is none
}

func hiddenOf(spec codetable.Spec) hidden {
	switch spec.Retry().Action {
	case codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST:
		return hidden{wait: new(spec.Retry().Delay)}
	case codetablev1.RetryAction_RETRY_ACTION_NEXT_WINDOW:
		return hidden{wait: new(windowLeft)}
	default:
		return hidden{}
	}
}

func hiddenCase(name string, s Send, h hidden) vectorCase {
	want, pushback := masked(codetablev1.RetryAction_RETRY_ACTION_UNSPECIFIED, 0, requestID), "-1"
	if h.wait != nil {
		want = masked(codetablev1.RetryAction_RETRY_ACTION_NEXT_WINDOW, *h.wait, requestID)
		if *h.wait <= time.Minute {
			want = masked(codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST, *h.wait, requestID)
			pushback = strconv.FormatInt(h.wait.Milliseconds(), 10)
		}
	}
	if h.language != "" {
		want.saying(neutral(h.language).GetMessage())
	}
	return vectorCase{name: name, status: hiddenStatus(h.wait, h.language), reading: want, send: &s, pushback: pushback}
}

// hiddenStatus returns what a server sends of an error that it hides.
func hiddenStatus(wait *time.Duration, language string) *spb.Status {
	st := statusOf(codes.Internal, "internal error", requestInfo(requestID))
	if wait != nil {
		st = statusOf(codes.Unavailable, "service temporarily unavailable", requestInfo(requestID), retryInfo(*wait))
	}
	if language != "" {
		add(st, neutral(language))
	}
	return st
}

// neutral returns the sentence of the table that does not depend on a code.
func neutral(language string) *errdetails.LocalizedMessage {
	spec, _ := codetable.Lookup(tokenExpired)
	text, _ := spec.NeutralMessage(language)
	return localized(language, text)
}

func bare(public bool) Send {
	return Send{Metadata: map[string]string{}, Public: public, Budget: defaultBudget, RequestID: requestID}
}

func public(code jverificationv1.ResponseCode) Send {
	s := given(code)
	s.Public = true
	return s
}

func withLanguage(s Send, accept string) Send {
	s.AcceptLanguage = accept
	return s
}

func withBudget(s Send, budget int) Send {
	s.Budget = budget
	return s
}

package main

import (
	"maps"
	"math"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// hostileCases returns statuses that are incomplete, that contradict
// themselves, or that no server of this project sends.
func hostileCases() []vectorCase {
	var cases []vectorCase
	cases = append(cases, partialCases()...)
	cases = append(cases, refusedCases()...)
	cases = append(cases, unlistedCases()...)
	cases = append(cases, foreignCases()...)
	return append(cases, bulkyCases()...)
}

func info(reason, domain string, metadata map[string]string) *errdetails.ErrorInfo {
	return &errdetails.ErrorInfo{Reason: reason, Domain: domain, Metadata: metadata}
}

// failure returns a status with the code of TOKEN_EXPIRED_OR_NOT_EXIST and any
// details.
func failure(details ...proto.Message) *spb.Status {
	st := &spb.Status{Code: int32(codes.FailedPrecondition), Message: "failed"}
	add(st, details...)
	return st
}

// expired returns the reading of TOKEN_EXPIRED_OR_NOT_EXIST with additional
// metadata.
func expired(metadata map[string]string) *Reading {
	spec, _ := codetable.Lookup(jverificationv1.ResponseCode_RESPONSE_CODE_TOKEN_EXPIRED_OR_NOT_EXIST)
	r := reading(spec)
	maps.Copy(r.Metadata, metadata)
	return r
}

const (
	reason = "TOKEN_EXPIRED_OR_NOT_EXIST"
	number = "9003"
)

// malformed is not a valid message: its length exceeds the number of bytes.
var malformed = &anypb.Any{TypeUrl: "type.googleapis.com/google.rpc.ErrorInfo", Value: []byte{0x0a, 0x7f, 'x'}}

var unlinked = &anypb.Any{TypeUrl: "type.googleapis.com/acme.v9.Unlinked", Value: []byte{0x0a, 0x01, 'x'}}

func partialCases() []vectorCase {
	qps, _ := codetable.Lookup(jverificationv1.ResponseCode_RESPONSE_CODE_QPS_LIMIT)
	whole := info(reason, domain, map[string]string{"code": number})
	return []vectorCase{
		{"no metadata: the reason speaks", failure(info(reason, domain, nil)), expired(nil)},
		{"reason only, other metadata", failure(info(reason, domain, map[string]string{"id": "1"})), expired(map[string]string{"id": "1"})},
		{"number only", failure(info("", domain, map[string]string{"code": number})), expired(nil)},
		{"number and reason disagree: the number counts", failure(info("QPS_LIMIT", domain, map[string]string{"code": number})), expired(nil)},
		{"code is not a number: the reason speaks", failure(info(reason, domain, map[string]string{"code": "x9003"})), expired(nil)},
		{"code with a sign: the reason speaks", failure(info(reason, domain, map[string]string{"code": "+1804"})), expired(nil)},
		{"code with white space: the reason speaks", failure(info(reason, domain, map[string]string{"code": " 1804"})), expired(nil)},
		{"code beyond int32: the reason speaks", failure(info(reason, domain, map[string]string{"code": "2147483648"})), expired(nil)},
		{"code with leading zeros", failure(info(reason, domain, map[string]string{"code": "0009003"})), expired(nil)},
		{"two ErrorInfo of the table: the first counts", failure(whole, info("QPS_LIMIT", domain, map[string]string{"code": "1804"})), expired(nil)},
		{"an ErrorInfo of another domain stands first", failure(info("OTHER", "example.com", map[string]string{"code": "1"}), whole), expired(nil)},
		{"a malformed ErrorInfo stands first", failure(malformed, whole), expired(nil)},
		{"an unknown detail stands first", failure(unlinked, whole, unlinked), expired(nil)},
		{"another prefix in the type URL", failure(&anypb.Any{TypeUrl: "example.com/types/google.rpc.ErrorInfo", Value: marshal(whole)}), expired(nil)},
		{"no RetryInfo: the delay of the table", failure(info("QPS_LIMIT", domain, map[string]string{"code": "1804"})), reading(qps)},
	}
}

func refusedCases() []vectorCase {
	success := info("VERIFY_CONSISTENT", domain, map[string]string{"code": "9000"})
	byReason := info("SUCCESS", domain, nil)
	ok := failure(info(reason, domain, map[string]string{"code": number}))
	ok.Code = int32(codes.OK)
	return []vectorCase{
		{"a success code in a failure is refused", failure(success), unknown(success, nil)},
		{"a success reason in a failure is refused", failure(byReason), unknown(byReason, nil)},
		{"the status is OK", ok, nil},
		{"no details", failure(), nil},
		{"no ErrorInfo", failure(&errdetails.RetryInfo{RetryDelay: durationpb.New(time.Second)}, unlinked), nil},
		{"a malformed ErrorInfo alone", failure(malformed), nil},
	}
}

func foreignCases() []vectorCase {
	foreign := info("STOCKOUT", "compute.googleapis.com", map[string]string{"zone": "us-east1-a", "code": "17"})
	plain := info("STOCKOUT", "compute.googleapis.com", nil)
	similar := info(reason, "JVERIFICATION.jiguang.cn", map[string]string{"code": number})
	withAdvice := unknown(foreign, new(int32(17)))
	withAdvice.Retry.DelayMS = 2500
	for locale := range withAdvice.UserMessage {
		withAdvice.UserMessage[locale] = "Sold out."
	}
	return []vectorCase{
		{"another domain", failure(plain), unknown(plain, nil)},
		{"another domain with a number, advice and a sentence", failure(foreign,
			&errdetails.RetryInfo{RetryDelay: durationpb.New(2500 * time.Millisecond)},
			&errdetails.LocalizedMessage{Locale: "en", Message: "Sold out."}), withAdvice},
		{"a domain that differs in case", failure(similar), unknown(similar, new(int32(9003)))},
	}
}

// unlistedCases are codes with the domain of the table that the table does not
// list. They are never a success.
func unlistedCases() []vectorCase {
	anonymous := unlisted(math.MinInt32, "NO_SUCH_REASON")
	anonymous.Metadata = map[string]string{"id": "1"} // no number was sent
	withSentence := unlisted(9998, "NEW_IN_A_LATER_TABLE")
	for locale := range withSentence.UserMessage {
		withSentence.UserMessage[locale] = "这是新的错误。"
	}
	newer := map[string]string{"code": "9998"}
	return []vectorCase{
		{
			"an unknown reason without a number: the least number that the table does not list",
			failure(info("NO_SUCH_REASON", domain, map[string]string{"id": "1"})), anonymous,
		},
		{"a code of a later table", failure(info("NEW_IN_A_LATER_TABLE", domain, newer)), unlisted(9998, "NEW_IN_A_LATER_TABLE")},
		{
			"a code of a later table, with its sentence",
			failure(info("NEW_IN_A_LATER_TABLE", domain, newer), &errdetails.LocalizedMessage{Locale: "zh-CN", Message: "这是新的错误。"}),
			withSentence,
		},
		{"a code of a later table, without a reason", failure(info("", domain, newer)), unlisted(9998, "UNRECOGNIZED_CODE")},
		{
			"a code of a later table, with a reason that is far too long",
			failure(info(strings.Repeat("R", 1000), domain, newer)), unlisted(9998, strings.Repeat("R", 63)),
		},
	}
}

func bulkyCases() []vectorCase {
	long := strings.Repeat("验证 ", 2000)
	whole := info(reason, domain, map[string]string{"code": number, "trace": long})
	return []vectorCase{
		{"a value that is far too long", failure(whole), expired(map[string]string{"trace": long})},
		{"a reason that is far too long", failure(info(strings.Repeat("R", 1000), domain, map[string]string{"code": number})), expired(nil)},
	}
}

func marshal(m proto.Message) []byte {
	raw := &spb.Status{}
	add(raw, m)
	return raw.GetDetails()[0].GetValue()
}

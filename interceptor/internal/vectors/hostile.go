package main

import (
	"maps"
	"math"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

const (
	reason = "TOKEN_EXPIRED_OR_NOT_EXIST"
	number = "9003"
)

// expired returns the reading of TOKEN_EXPIRED_OR_NOT_EXIST with additional
// metadata.
func expired(metadata map[string]string) *Reading {
	spec, _ := codetable.Lookup(tokenExpired)
	r := reading(spec)
	maps.Copy(r.Metadata, metadata)
	return r
}

// malformed is not a valid message: its length exceeds the number of bytes.
var malformed = raw("ErrorInfo", []byte{0x0a, 0x7f, 'x'})

var unlinked = &anypb.Any{TypeUrl: "type.googleapis.com/acme.v9.Unlinked", Value: []byte{0x0a, 0x01, 'x'}}

// partialCases are statuses that are incomplete or that contradict themselves.
func partialCases() []vectorCase {
	whole := info(reason, domain, map[string]string{"code": number})
	nameless := info("", domain, nil)
	signed := info("", domain, map[string]string{"code": "+9003"})
	return []vectorCase{
		{name: "no metadata: the reason speaks", status: failure(info(reason, domain, nil)), reading: expired(nil)},
		{name: "reason only, other metadata", status: failure(info(reason, domain, map[string]string{"id": "1"})), reading: expired(map[string]string{"id": "1"})},
		{name: "number only", status: failure(info("", domain, map[string]string{"code": number})), reading: expired(nil)},
		{name: "number and reason disagree: the number counts", status: failure(info("QPS_LIMIT", domain, map[string]string{"code": number})), reading: expired(nil)},
		{name: "code is not a number: the reason speaks", status: failure(info(reason, domain, map[string]string{"code": "x9003"})), reading: expired(nil)},
		{name: "code with a sign: the reason speaks", status: failure(info(reason, domain, map[string]string{"code": "+1804"})), reading: expired(nil)},
		{name: "code with white space: the reason speaks", status: failure(info(reason, domain, map[string]string{"code": " 1804"})), reading: expired(nil)},
		{name: "code in other digits: the reason speaks", status: failure(info(reason, domain, map[string]string{"code": "١٨٠٤"})), reading: expired(nil)},
		{name: "code beyond int32: the reason speaks", status: failure(info(reason, domain, map[string]string{"code": "2147483648"})), reading: expired(nil)},
		{name: "code with leading zeros", status: failure(info(reason, domain, map[string]string{"code": "0009003"})), reading: expired(nil)},
		{name: "neither a number nor a reason", status: failure(nameless), reading: unknown(nameless, nil)},
		{name: "no reason, and code is not a number", status: failure(signed), reading: unknown(signed, nil)},
		{name: "an unknown detail stands first", status: failure(unlinked, whole, unlinked), reading: expired(nil)},
		{name: "another prefix in the type URL", status: failure(&anypb.Any{TypeUrl: "example.com/types/google.rpc.ErrorInfo", Value: marshal(whole)}), reading: expired(nil)},
		{name: "another name with the same end", status: failure(&anypb.Any{TypeUrl: "type.googleapis.com/my.google.rpc.ErrorInfo", Value: marshal(whole)})},
		{name: "fields that occur twice: the last counts", status: failure(raw("ErrorInfo",
			field(1, "QPS_LIMIT"), field(2, "example.com"), entry("code", "1804"), field(1, reason), field(2, domain), entry("code", number),
		)), reading: expired(nil)},
		{name: "an empty ErrorInfo", status: failure(info("", "", nil)), reading: unknown(nil, nil)},
		{name: "entries without a key or a value", status: failure(raw(
			"ErrorInfo", marshal(whole), field(3, string(field(1, "k"))), field(3, string(field(2, "v"))),
		)), reading: expired(map[string]string{"k": "", "": "v"})},
		{name: "fields that ErrorInfo does not have", status: failure(raw("ErrorInfo", field(9, "x"), marshal(whole), []byte{0x78, 0x01})), reading: expired(nil)},
		{name: "a request id", status: failure(whole, requestInfo(requestID)), reading: expired(nil).with(requestID)},
	}
}

// readDelayCases are codes with a RetryInfo.
func readDelayCases() []vectorCase {
	wait := func(name string, ms int64, details ...proto.Message) vectorCase {
		spec, _ := codetable.Lookup(qpsLimit)
		want := reading(spec)
		want.Retry.DelayMS = ms
		return vectorCase{name: name, status: failure(append(details, info("QPS_LIMIT", domain, code(int32(qpsLimit))))...), reading: want}
	}
	broken := raw("RetryInfo", marshal(retryInfo(time.Minute)), []byte{0xff})
	forever := &errdetails.RetryInfo{RetryDelay: &durationpb.Duration{Seconds: math.MaxInt64, Nanos: math.MaxInt32}}
	never := &errdetails.RetryInfo{RetryDelay: &durationpb.Duration{Seconds: math.MinInt64, Nanos: math.MinInt32}}
	return []vectorCase{
		wait("no RetryInfo: the delay of the table", 1000),
		wait("RetryInfo stands first", 2500, retryInfo(2500*time.Millisecond)),
		wait("RetryInfo without a delay", 0, &errdetails.RetryInfo{}),
		wait("two RetryInfo: the first counts", 2000, retryInfo(2*time.Second), retryInfo(3*time.Second)),
		wait("a malformed RetryInfo: the delay of the table", 1000, broken),
		wait("a malformed RetryInfo stands first", 3000, broken, retryInfo(3*time.Second)),
		wait("a negative delay is zero", 0, retryInfo(-time.Hour)),
		wait("a delay that is far too long is the longest of 64 bits of nanoseconds", math.MaxInt64/int64(time.Millisecond), forever),
		wait("a negative delay that is far too long is zero", 0, never),
	}
}

// refusedCases must not be read, or not as a code: a success code in a failure,
// nothing to read, and details that contradict the header grpc-status.
func refusedCases() []vectorCase {
	success := info("VERIFY_CONSISTENT", domain, map[string]string{"code": "9000"})
	byReason := info("SUCCESS", domain, nil)
	whole := info(reason, domain, map[string]string{"code": number})
	ok := statusOf(codes.OK, "failed", whole)
	contradiction := func(name string, header codes.Code, c vectorCase) vectorCase {
		c.name, c.header = "contradiction: "+name, new(int32(header))
		return c
	}
	mask := statusOf(codes.Unavailable, "service temporarily unavailable", requestInfo(requestID), retryInfo(time.Second))
	return []vectorCase{
		{name: "a success code in a failure", status: failure(success), reading: unknown(success, nil)},
		{name: "a success reason in a failure", status: failure(byReason), reading: unknown(byReason, nil)},
		{name: "the status is OK", status: ok},
		{name: "the status is OK and masked", status: statusOf(codes.OK, "failed", requestInfo(requestID))},
		{name: "no details", status: failure()},
		{name: "no ErrorInfo", status: failure(retryInfo(time.Second), unlinked)},
		{name: "a malformed ErrorInfo alone", status: failure(malformed)},
		contradiction("another code in the details", codes.NotFound, vectorCase{status: failure(whole)}),
		contradiction("OK in the details", codes.FailedPrecondition, vectorCase{status: ok}),
		contradiction("OK in the header", codes.OK, vectorCase{status: failure(whole)}),
		contradiction("a masked error", codes.Internal, vectorCase{status: mask}),
		contradiction("another domain", codes.NotFound, vectorCase{status: failure(info("STOCKOUT", "compute.googleapis.com", nil))}),
		contradiction("no details", codes.NotFound, vectorCase{status: failure()}),
	}
}

func foreignCases() []vectorCase {
	foreign := info("STOCKOUT", "compute.googleapis.com", map[string]string{"zone": "us-east1-a", "code": "17"})
	plain := info("STOCKOUT", "compute.googleapis.com", nil)
	similar := info(reason, "JVERIFICATION.jiguang.cn", map[string]string{"code": number})
	withAdvice := unknown(foreign, new(int32(17))).saying("Sold out.").with(requestID)
	withAdvice.Retry.DelayMS = 2500
	return []vectorCase{
		{name: "another domain", status: failure(plain), reading: unknown(plain, nil)},
		{name: "another domain with a number, advice, a sentence and a request id", status: failure(
			foreign, retryInfo(2500*time.Millisecond), localized("en", "Sold out."), requestInfo(requestID),
		), reading: withAdvice},
		{name: "a domain that differs in case", status: failure(similar), reading: unknown(similar, new(int32(9003)))},
	}
}

// unlistedCases are codes with the domain of the table that the table does not
// list. They are never a success. The sentence that was sent replaces the
// sentence of the table in its own language.
func unlistedCases() []vectorCase {
	anonymous := unlisted(math.MinInt32, "NO_SUCH_REASON")
	anonymous.Metadata = map[string]string{"id": "1"} // no number was sent
	prototype := unlisted(math.MinInt32, "constructor")
	prototype.Metadata = map[string]string{}
	newer := map[string]string{"code": "9998"}
	sent := func(name string, asked []string, sentences ...*errdetails.LocalizedMessage) vectorCase {
		st, want := failure(info("NEW_IN_A_LATER_TABLE", domain, newer)), unlisted(9998, "NEW_IN_A_LATER_TABLE")
		for _, sentence := range sentences {
			add(st, sentence)
		}
		if len(asked) > 0 {
			want.saying(sentences[0].GetMessage(), asked...)
		}
		return vectorCase{name: "with a sentence: " + name, status: st, reading: want}
	}
	return []vectorCase{
		{
			name:   "an unknown reason without a number: the least number that the table does not list",
			status: failure(info("NO_SUCH_REASON", domain, map[string]string{"id": "1"})), reading: anonymous,
		},
		{name: "a reason that JavaScript objects have", status: failure(info("constructor", domain, nil)), reading: prototype},
		{name: "a code of a later table", status: failure(info("NEW_IN_A_LATER_TABLE", domain, newer)), reading: unlisted(9998, "NEW_IN_A_LATER_TABLE")},
		{name: "a code of a later table, without a reason", status: failure(info("", domain, newer)), reading: unlisted(9998, "UNRECOGNIZED_CODE")},
		{
			name:   "a code of a later table, with a reason that is far too long",
			status: failure(info(strings.Repeat("R", 1000), domain, newer)), reading: unlisted(9998, strings.Repeat("R", 63)),
		},
		{
			name:   "a code of a later table, with a reason that is cut at a rune",
			status: failure(info("R"+strings.Repeat("é", 1000), domain, newer)), reading: unlisted(9998, "R"+strings.Repeat("é", 31)),
		},
		inLanguage("a caller with a language", 424242, "zh", "zh-CN"),
		sent("zh-CN", []string{"zh-CN", "zh"}, localized("zh-CN", "这是新的错误。")),
		sent("zh-CN in another case", []string{"zh-CN", "zh"}, localized("ZH-cn", "这是新的错误。")),
		sent("the default language", []string{"en", "fr", "*"}, localized("en", "A new error.")),
		sent("a language that the table lacks", []string{"fr"}, localized("fr", "Une nouvelle erreur.")),
		sent("no language", nil, localized("", "A new error.")),
		sent("not a language", nil, localized("@@@", "A new error.")),
		sent("an empty one", nil, localized("en", "")),
		sent("two: the first counts", []string{"fr"}, localized("fr", "Une nouvelle erreur."), localized("en", "A new error.")),
	}
}

func bulkyCases() []vectorCase {
	long := strings.Repeat("验证 ", 2000)
	whole := info(reason, domain, map[string]string{"code": number, "trace": long})
	near := map[string]string{"code": number, "trace": strings.Repeat("t", 4000)}
	many := failure()
	for range 40 {
		add(many, unlinked)
	}
	add(many, info(reason, domain, map[string]string{"code": number}), retryInfo(3*time.Second))
	late := expired(nil)
	late.Retry.DelayMS = 3000
	return []vectorCase{
		{name: "a value near the budget", status: failure(info(reason, domain, near)), reading: expired(near)},
		{name: "a value that is far too long", status: failure(whole), reading: expired(map[string]string{"trace": long})},
		{name: "a reason that is far too long", status: failure(info(strings.Repeat("R", 1000), domain, map[string]string{"code": number})), reading: expired(nil)},
		{name: "many details stand first", status: many, reading: late},
	}
}

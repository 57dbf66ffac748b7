package main

import (
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
)

// severalCases have more than one ErrorInfo. The first one that names a failing
// code of the table is read, or else the first readable one.
func severalCases() []vectorCase {
	whole := info(reason, domain, map[string]string{"code": number})
	qps := info("QPS_LIMIT", domain, map[string]string{"code": "1804"})
	newer := info("NEW_IN_A_LATER_TABLE", domain, map[string]string{"code": "9998"})
	success := info("VERIFY_CONSISTENT", domain, map[string]string{"code": "9000"})
	nameless := info("", domain, nil)
	one := info("ONE", "one.example.com", map[string]string{"code": "1"})
	two := info("TWO", "two.example.com", map[string]string{"code": "2"})
	return []vectorCase{
		{name: "two of the table: the first counts", status: failure(whole, qps), reading: expired(nil)},
		{name: "another domain stands first", status: failure(one, whole), reading: expired(nil)},
		{name: "another domain stands last", status: failure(whole, one), reading: expired(nil)},
		{name: "a malformed one stands first", status: failure(malformed, whole), reading: expired(nil)},
		{name: "a malformed one stands last", status: failure(whole, malformed), reading: expired(nil)},
		{name: "a success stands first", status: failure(success, whole), reading: expired(nil)},
		{name: "a success stands last", status: failure(whole, success), reading: expired(nil)},
		{name: "one without a number and a reason stands first", status: failure(nameless, whole), reading: expired(nil)},
		{name: "a code that is not listed stands first", status: failure(newer, whole), reading: unlisted(9998, "NEW_IN_A_LATER_TABLE")},
		{name: "another domain, a success and a malformed one stand first", status: failure(one, success, malformed, whole), reading: expired(nil)},
		{name: "two other domains: the first counts", status: failure(one, two), reading: unknown(one, new(int32(1)))},
		{name: "a success, then another domain", status: failure(success, one), reading: unknown(success, nil)},
		{name: "another domain, then a success", status: failure(one, success), reading: unknown(one, new(int32(1)))},
		{name: "a malformed one, then another domain", status: failure(malformed, one), reading: unknown(one, new(int32(1)))},
		{name: "two, and a request id", status: failure(one, whole, requestInfo(requestID)), reading: expired(nil).with(requestID)},
	}
}

// maskedCases have a RequestInfo and no ErrorInfo.
func maskedCases() []vectorCase {
	const (
		none   = codetablev1.RetryAction_RETRY_ACTION_UNSPECIFIED
		same   = codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST
		window = codetablev1.RetryAction_RETRY_ACTION_NEXT_WINDOW
	)
	id, sorry := requestInfo(requestID), localized("zh-CN", "服务暂时不可用，请稍后再试。")
	is := func(name string, want *Reading, code codes.Code, details ...proto.Message) vectorCase {
		return vectorCase{name: name, status: statusOf(code, "internal error", details...), reading: want}
	}
	broken, brokenRetry := raw("RequestInfo", []byte{0xff}), raw("RetryInfo", marshal(retryInfo(time.Minute)), []byte{0xff})
	return []vectorCase{
		is("Internal", masked(none, 0, requestID), codes.Internal, id),
		is("Internal with a sentence", masked(none, 0, requestID).saying(sorry.GetMessage()), codes.Internal, id, sorry),
		is("Unknown, with other details", masked(none, 0, requestID), codes.Unknown, unlinked, id),
		is("Unavailable without a delay", masked(none, 0, requestID), codes.Unavailable, id),
		is("Unavailable with a sentence", masked(same, time.Second, requestID).saying(sorry.GetMessage()), codes.Unavailable, id, retryInfo(time.Second), sorry),
		is("Unavailable at once", masked(same, 0, requestID), codes.Unavailable, id, retryInfo(0)),
		is("Unavailable for 1.5 s", masked(same, 1500*time.Millisecond, requestID), codes.Unavailable, id, retryInfo(1500*time.Millisecond)),
		is("Unavailable for a minute", masked(same, time.Minute, requestID), codes.Unavailable, id, retryInfo(time.Minute)),
		is("Unavailable for 60.001 s", masked(window, time.Minute+time.Millisecond, requestID), codes.Unavailable, id, retryInfo(time.Minute+time.Millisecond)),
		is("Unavailable for an hour", masked(window, time.Hour, requestID), codes.Unavailable, id, retryInfo(time.Hour)),
		is("a negative delay", masked(same, 0, requestID), codes.Unavailable, id, retryInfo(-time.Second)),
		is("another code with a delay", masked(none, time.Second, requestID), codes.ResourceExhausted, id, retryInfo(time.Second)),
		is("RetryInfo without a delay", masked(same, 0, requestID), codes.Unavailable, id, &errdetails.RetryInfo{}),
		is("a malformed RetryInfo", masked(none, 0, requestID), codes.Unavailable, id, brokenRetry),
		is("a malformed RetryInfo stands first", masked(same, time.Second, requestID), codes.Unavailable, id, brokenRetry, retryInfo(time.Second)),
		is("an empty request id", masked(none, 0, ""), codes.Internal, requestInfo("")),
		is("a malformed RequestInfo", masked(none, 0, ""), codes.Internal, broken),
		is("a malformed RequestInfo stands first", masked(none, 0, requestID), codes.Internal, broken, id),
		is("two: the first counts", masked(none, 0, requestID), codes.Internal, id, requestInfo("other")),
		is("a malformed ErrorInfo is not masked", nil, codes.Internal, malformed, id),
	}
}

package main

import (
	"time"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

// Relay is the status of a failed call, and what a server sends whose handler
// returns the error of this call.
type Relay struct {
	Name           string `json:"name"`
	Received       []byte `json:"received"` // a google.rpc.Status
	ReceivedCode   int32  `json:"received_grpc_code"`
	Public         bool   `json:"public"`
	AcceptLanguage string `json:"accept_language"`
	RequestID      string `json:"request_id"`
	Status         []byte `json:"status"`
	GRPCCode       int32  `json:"grpc_code"`
	Pushback       string `json:"pushback"`
}

type relayCase struct {
	name     string
	received *spb.Status
	header   codes.Code // default: the code of the status
	accept   string
	internal bool        // the server is not a public boundary
	sent     *spb.Status // nil: what was received
	pushback string      // default: -1
}

func (c relayCase) relay() Relay {
	sent, header, pushback := c.sent, c.header, c.pushback
	if sent == nil {
		sent = c.received
	}
	if header == codes.OK {
		header = codes.Code(c.received.GetCode())
	}
	if pushback == "" {
		pushback = "-1"
	}
	return Relay{
		Name: c.name, Received: bytesOf(c.received), ReceivedCode: int32(header), Public: !c.internal, AcceptLanguage: c.accept,
		RequestID: requestID, Status: bytesOf(sent), GRPCCode: sent.GetCode(), Pushback: pushback,
	}
}

func relays() []Relay {
	var list []Relay
	for _, cases := range [][]relayCase{shownRelays(), hiddenRelays(), waitingRelays(), uncodedRelays(), internalRelays()} {
		for _, c := range cases {
			list = append(list, c.relay())
		}
	}
	return list
}

// The codes of the cases: one that the public may see, and one that it must not
// see.
var (
	shown   = info(reason, domain, map[string]string{"code": number})
	noMoney = info("INSUFFICIENT_BALANCE", domain, map[string]string{"code": "1805"})
	foreign = info("STOCKOUT", "compute.googleapis.com", nil)
)

// shownRelays are codes that the public may see. All that was received is sent.
func shownRelays() []relayCase {
	upstream := jverificationv1.ResponseCode_RESPONSE_CODE_INTERNAL_ERROR
	busy := info("INTERNAL_ERROR", domain, code(int32(upstream)))
	inChinese := contentOf(tokenExpired)
	inChinese.language = "zh-CN"
	received := inChinese
	received.language = ""
	return []relayCase{
		{name: "a code", received: failure(shown)},
		{name: "a code with other details", received: failure(unlinked, shown, unlinked, requestInfo("id of the upstream"))},
		{name: "a code with its reason only", received: failure(info(reason, domain, nil))},
		{name: "a code with its number only", received: failure(info("", domain, map[string]string{"code": number}))},
		{name: "a code beside another domain", received: failure(foreign, shown)},
		{name: "a code and a language", received: received.status(), accept: "zh", sent: inChinese.status()},
		{name: "a code with a sentence in another language", received: failure(shown, localized("fr", "Expiré.")), accept: "zh"},
		{name: "SAME_REQUEST", received: statusOf(codes.Internal, "failed", busy, retryInfo(3*time.Second)), pushback: "3000"},
		{name: "SAME_REQUEST with the delay of the table", received: statusOf(codes.Internal, "failed", busy), pushback: "1000"},
	}
}

func hiddenRelays() []relayCase {
	success := info("VERIFY_CONSISTENT", domain, map[string]string{"code": "9000"})
	newer := info("NEW_IN_A_LATER_TABLE", domain, map[string]string{"code": "9998"})
	badText := raw("ErrorInfo", marshal(shown), entry("content", "\xff"))
	hide := func(name string, details ...proto.Message) relayCase {
		return relayCase{name: name, received: failure(details...), sent: hiddenStatus(nil, "")}
	}
	inChinese := hide("an operator must act, and a language", noMoney, localized("zh-CN", "余额不足。"))
	inChinese.accept, inChinese.sent = "zh", hiddenStatus(nil, "zh-CN")
	return []relayCase{
		hide("an operator must act", noMoney),
		inChinese,
		hide("a code that is not listed", newer),
		hide("an unknown reason", info("NEW_IN_A_LATER_TABLE", domain, nil)),
		hide("number and reason disagree", info("NOT_PROOF", domain, map[string]string{"code": number})),
		hide("code is not a number", info(reason, domain, map[string]string{"code": "x9003"})),
		hide("neither a number nor a reason", info("", domain, nil)),
		hide("a success", success),
		hide("a code, then one of which the operator is at fault", shown, noMoney),
		hide("a code, then one that is not listed", shown, newer),
		hide("a code, then a success", shown, success),
		hide("a success, then a code", success, shown),
		hide("a code, then a malformed ErrorInfo", shown, malformed),
		hide("a code, then one with invalid UTF-8", shown, badText),
		hide("invalid UTF-8", badText),
	}
}

// waitingRelays are hidden errors for which waiting helps.
func waitingRelays() []relayCase {
	qps := info("QPS_LIMIT", domain, map[string]string{"code": "1804"})
	tomorrow := info("BEYOND_DAILY_FREQUENCY_LIMIT", domain, map[string]string{"code": "9007"})
	broken := raw("RetryInfo", []byte{0xff})
	wait := func(name string, pushback string, delay time.Duration, details ...proto.Message) relayCase {
		return relayCase{name: name, received: statusOf(codes.ResourceExhausted, "failed", details...), sent: hiddenStatus(&delay, ""), pushback: pushback}
	}
	return []relayCase{
		wait("SAME_REQUEST of an operator", "3000", 3*time.Second, qps, retryInfo(3*time.Second)),
		wait("SAME_REQUEST of an operator, in whole seconds", "3000", 3*time.Second, qps, retryInfo(2001*time.Millisecond)),
		wait("SAME_REQUEST of an operator, with the delay of the table", "1000", time.Second, qps),
		wait("SAME_REQUEST of an operator, with a malformed RetryInfo", "1000", time.Second, qps, broken),
		wait("SAME_REQUEST of an operator after more than a minute", "-1", 61*time.Second, qps, retryInfo(60500*time.Millisecond)),
		wait("NEXT_WINDOW of an operator", "-1", 2*time.Hour, tomorrow, retryInfo(2*time.Hour)),
		wait("NEXT_WINDOW of an operator in 5 s", "-1", 61*time.Second, tomorrow, retryInfo(5*time.Second)),
		wait("two codes of an operator: the stricter advice", "-1", 61*time.Second, qps, tomorrow, retryInfo(5*time.Second)),
		{name: "two codes of an operator: waiting does not help both", received: failure(qps, noMoney), sent: hiddenStatus(nil, "")},
	}
}

// uncodedRelays are errors without a code. All are hidden.
func uncodedRelays() []relayCase {
	second, hour := time.Second, time.Hour
	id := requestInfo("IDOFTHEUPSTREAM")
	internal := hiddenStatus(nil, "")
	return []relayCase{
		{name: "no details", received: statusOf(codes.NotFound, "the token of +8613800138000"), sent: internal},
		{name: "another domain", received: failure(foreign), sent: internal},
		{name: "Canceled by the upstream", received: statusOf(codes.Canceled, "context canceled"), sent: internal},
		{name: "a contradiction", received: failure(shown), header: codes.NotFound, sent: internal},
		{name: "the credentials of this server", received: statusOf(codes.Unauthenticated, "invalid API key"), sent: internal},
		{name: "Unavailable", received: statusOf(codes.Unavailable, "connection refused: 10.0.0.7"), sent: internal},
		{
			name: "Unavailable with RetryInfo", received: statusOf(codes.Unavailable, "later", retryInfo(second)),
			sent: hiddenStatus(new(61*time.Second), ""),
		},
		{name: "masked", received: statusOf(codes.Internal, "internal error", id), sent: internal},
		{
			name: "masked, and a language", received: statusOf(codes.Internal, "internal error", id, localized("fr", "Désolé.")),
			accept: "zh", sent: hiddenStatus(nil, "zh-CN"),
		},
		{
			name: "masked for a second", received: statusOf(codes.Unavailable, "service temporarily unavailable", id, retryInfo(second)),
			sent: hiddenStatus(&second, ""), pushback: "1000",
		},
		{
			name: "masked for an hour", received: statusOf(codes.Unavailable, "service temporarily unavailable", id, retryInfo(hour)),
			sent: hiddenStatus(&hour, ""),
		},
	}
}

// internalRelays are sent by a server that is not a public boundary. It sends
// all that it received.
func internalRelays() []relayCase {
	qps := info("QPS_LIMIT", domain, map[string]string{"code": "1804"})
	cases := []relayCase{
		{name: "an operator must act", received: failure(noMoney, unlinked)},
		{name: "SAME_REQUEST", received: statusOf(codes.ResourceExhausted, "failed", qps, retryInfo(3*time.Second)), pushback: "3000"},
		{name: "a code that is not listed", received: failure(info("NEW_IN_A_LATER_TABLE", domain, map[string]string{"code": "9998"}))},
		{name: "two codes", received: failure(shown, qps)},
		{name: "a code, then a malformed ErrorInfo", received: failure(shown, malformed)},
		{name: "a malformed ErrorInfo", received: failure(malformed)},
		{name: "a success", received: failure(info("SUCCESS", domain, nil))},
		{name: "another domain", received: failure(foreign, retryInfo(time.Second))},
		{name: "no details", received: statusOf(codes.NotFound, "not here")},
		{name: "masked for a second", received: statusOf(codes.Unavailable, "later", requestInfo("IDOFTHEUPSTREAM"), retryInfo(time.Second))},
	}
	for i := range cases {
		cases[i].name, cases[i].internal = "internal: "+cases[i].name, true
	}
	return cases
}

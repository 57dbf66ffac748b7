package main

import (
	"strings"
	"time"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

// optionCases are codes with the options of an error. An option that is not
// valid is left out, and the code is sent nevertheless.
func optionCases() []vectorCase {
	return append(messageCases(), append(metadataCases(), delayCases()...)...)
}

// messageCases have messages of the caller. The message is cut to 1 KiB in gRPC's
// percent encoding, in which "验" has nine bytes.
func messageCases() []vectorCase {
	say := func(name, option, sent string) vectorCase {
		s, c := given(tokenExpired), contentOf(tokenExpired)
		s.Message, c.message = option, sent
		return sentCase(name, s, c)
	}
	ascii, wide, percent := strings.Repeat("m", 3000), strings.Repeat("验", 1000), strings.Repeat("%", 1000)
	return []vectorCase{
		say("a message", "the token was used before", "the token was used before"),
		say("a message in Chinese", "令牌已使用 100%", "令牌已使用 100%"),
		say("a message of 1 KiB", ascii[:1024], ascii[:1024]),
		say("a message that is too long", ascii, ascii[:1024]),
		say("a message that is too long in percent encoding", wide, wide[:3*(1024/9)]),
		say("a message of percent signs", percent, percent[:1024/3]),
	}
}

func metadataCases() []vectorCase {
	enter := func(name string, option, sent map[string]string) vectorCase {
		s, c := given(tokenExpired), contentOf(tokenExpired)
		s.Metadata, c.metadata = option, sent
		return sentCase(name, s, c)
	}
	whole := map[string]string{"id": "117270465679982592", "exID": "订单 7", "empty": "", "a-b_9": "x"}
	long := map[string]string{"trace": strings.Repeat("t", 3000)}
	key := "k" + strings.Repeat("y", 63)
	return []vectorCase{
		enter("metadata", whole, whole),
		enter("a key of 64 characters", map[string]string{key: "v"}, map[string]string{key: "v"}),
		enter("a long value within the budget", long, long),
		enter("the key of the number is reserved", map[string]string{"code": "1804", "id": "1"}, map[string]string{"id": "1"}),
		enter("keys that AIP-193 does not allow", map[string]string{
			"": "v", "k": "v", "Id": "v", "9id": "v", "_id": "v", "a.b": "v", "a b": "v", "clé": "v", key + "y": "v", "id": "1",
		}, map[string]string{"id": "1"}),
	}
}

func delayCases() []vectorCase {
	wait := func(name string, s Send, c content, ms int64) vectorCase {
		s.RetryAfterMS = &ms
		return sentCase(name, s, c)
	}
	const day = 24 * time.Hour
	return []vectorCase{
		wait("SAME_REQUEST after 2.5 s", given(qpsLimit), contentOf(qpsLimit), 2500),
		wait("SAME_REQUEST at once", given(qpsLimit), contentOf(qpsLimit), 0),
		wait("SAME_REQUEST after more milliseconds than gRPC parses", given(qpsLimit), contentOf(qpsLimit), (30 * day).Milliseconds()),
		wait("NEW_INPUT after 45 s", given(tooSoon), contentOf(tooSoon), 45000),
		wait("NEW_INPUT of a code without a delay", given(tokenExpired), contentOf(tokenExpired), 1),
		wait("NEXT_WINDOW in 7 s", given(tooManyToday), contentOf(tooManyToday), 7000),
		wait("NEVER with a delay", given(invalidParameters), contentOf(invalidParameters), 1000),
		wait("a negative delay is not valid", given(qpsLimit), contentOf(qpsLimit), -1),
	}
}

// languageCases have languages of the caller. Lists are in the form of the HTTP
// header Accept-Language, of which 256 bytes are read.
func languageCases() []vectorCase {
	asked := []struct{ name, accept, found string }{
		{"en", "en", "en"},
		{"zh-CN", "zh-CN", "zh-CN"},
		{"zh", "zh", "zh-CN"},
		{"another case", "ZH-cn", "zh-CN"},
		{"a region that the table lacks", "en-GB", "en"},
		{"a language that the table lacks", "fr", "en"},
		{"any", "*", "en"},
		{"a list", "fr-CH, zh-CN;q=0.9, en;q=0.8, *;q=0.5", "zh-CN"},
		{"a list in another order", "en;q=0.3, zh-CN;q=0.7", "zh-CN"},
		{"a list without white space", "fr;q=0.9,zh;q=0.1", "zh-CN"},
		{"a language with the weight 0", "zh-CN;q=0", "en"},
		{"garbage", "@@@", "en"},
		{"a name that JavaScript objects have", "constructor", "en"},
		{"commas", ",,,", "en"},
		{"256 bytes", strings.Repeat("fr,", 84) + "  zh", "zh-CN"},
		{"a language after 256 bytes", strings.Repeat("fr,", 100) + "zh", "en"},
		{"a long list that begins with zh", "zh," + strings.Repeat("fr,", 1000), "zh-CN"},
		{"a tag of more than 256 bytes", "zh-" + strings.Repeat("x", 300), "en"},
	}
	cases := make([]vectorCase, 0, len(asked))
	for _, c := range asked {
		cases = append(cases, inLanguage(c.name, tokenExpired, c.accept, c.found))
	}
	return cases
}

func inLanguage(name string, code jverificationv1.ResponseCode, accept, found string) vectorCase {
	s, c := given(code), contentOf(code)
	s.AcceptLanguage, c.language = accept, found
	return sentCase(name, s, c)
}

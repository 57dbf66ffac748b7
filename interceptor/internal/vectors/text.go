package main

import (
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
)

// textCases contain strings that are not valid UTF-8. The parsers of protobuf
// refuse a message with such a string: a detail is unreadable, and so are all
// details if the string is a type URL. There is no case with such a message of
// the status, because the header grpc-message contains the message too, and the
// implementations of gRPC treat the header in different ways.
func textCases() []vectorCase {
	return append(infoTextCases(), otherTextCases()...)
}

func infoTextCases() []vectorCase {
	valid := info(reason, domain, map[string]string{"code": number})
	unreadable := []struct {
		name   string
		detail *anypb.Any
	}{
		{"the reason", raw("ErrorInfo", field(1, reason+"\xff"), field(2, domain), entry("code", number))},
		{"the reason, overlong", raw("ErrorInfo", field(1, "\xc0\x80"), field(2, domain), entry("code", number))},
		{"the reason, a surrogate", raw("ErrorInfo", field(1, "\xed\xa0\x80"), field(2, domain), entry("code", number))},
		{"the reason, beyond U+10FFFF", raw("ErrorInfo", field(1, "\xf4\x90\x80\x80"), field(2, domain), entry("code", number))},
		{"the domain", raw("ErrorInfo", field(1, reason), field(2, "example.com\xff"), entry("code", number))},
		{"a key", raw("ErrorInfo", marshal(valid), entry("k\xff", "v"))},
		{"a value", raw("ErrorInfo", marshal(valid), entry("content", "a\xe9b"))},
		{"the number", raw("ErrorInfo", field(1, reason), field(2, domain), entry("code", "\xff"))},
		{"a reason that occurs twice", raw("ErrorInfo", field(1, "\xff"), marshal(valid))},
		{"a value that occurs twice", raw("ErrorInfo", entry("code", "\xff"), marshal(valid))},
	}
	cases := make([]vectorCase, 0, 3*len(unreadable))
	for _, c := range unreadable {
		cases = append(cases,
			vectorCase{name: c.name, status: failure(c.detail)},
			vectorCase{name: c.name + ", and a valid ErrorInfo", status: failure(c.detail, valid), reading: expired(nil)},
			vectorCase{name: c.name + ", and a request id", status: failure(c.detail, requestInfo(requestID))},
		)
	}
	return cases
}

func otherTextCases() []vectorCase {
	valid := info(reason, domain, map[string]string{"code": number})
	foreign := info("STOCKOUT", "compute.googleapis.com", nil)
	id, sentence := requestInfo(requestID), raw("LocalizedMessage", field(1, "en"), field(2, "\xff"))
	locale := raw("LocalizedMessage", field(2, "Sorry."), field(1, "\xff")) // the text itself is valid
	is := func(name string, want *Reading, details ...proto.Message) vectorCase {
		return vectorCase{name: name, status: failure(details...), reading: want}
	}
	return []vectorCase{
		is("another detail", expired(nil), raw("Help", field(1, string(field(1, "\xff")))), valid),
		is("the sentence of a masked error", masked(0, 0, requestID), id, sentence),
		is("the sentence of a masked error, and a valid one", masked(0, 0, requestID).saying("Sorry."), id, sentence, localized("en", "Sorry.")),
		is("the locale of the sentence of a masked error", masked(0, 0, requestID), id, locale),
		is("the locale of the sentence of a code that is not listed", unlisted(9998, "UNRECOGNIZED_CODE"), info("", domain, code(9998)), locale),
		is("the locale of the sentence of another domain", unknown(foreign, nil), foreign, locale),
		is("the request id", masked(0, 0, ""), raw("RequestInfo", field(1, "\xff"))),
		is("the serving data beside the request id", masked(0, 0, ""), raw("RequestInfo", field(1, requestID), field(2, "\xff"))),
		withURL("the type URL of an ErrorInfo", failure(), "type.googleapis.com/google.rpc.ErrorInfo\xff", marshal(valid)),
		withURL("the host in the type URL of an ErrorInfo", failure(), "\xff/google.rpc.ErrorInfo", marshal(valid)),
		withURL("the type URL of another detail", failure(valid), "type.googleapis.com/\xff", nil),
		withURL("the type URL of a detail of a masked error", statusOf(codes.Internal, "internal error", id), "type.googleapis.com/\xff", nil),
	}
}

// withURL adds a detail whose type URL is not valid UTF-8. Nothing can be read
// then.
func withURL(name string, st *spb.Status, url string, value []byte) vectorCase {
	detail := append(field(1, url), field(2, string(value))...)
	return vectorCase{name: name, status: st, raw: append(bytesOf(st), field(3, string(detail))...)}
}

// field returns a field of a message that is a string, bytes or a message.
func field(number protowire.Number, value string) []byte {
	return protowire.AppendString(protowire.AppendTag(nil, number, protowire.BytesType), value)
}

// entry returns an entry of ErrorInfo.metadata.
func entry(key, value string) []byte {
	return field(3, string(append(field(1, key), field(2, value)...)))
}

package interceptor

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/internal/rpcdetail"
	"github.com/codetable/grpc-codetable/interceptor/internal/text"
)

const (
	detailsField protowire.Number = 3 // of google.rpc.Status

	maxReason = 63  // AIP-193
	maxDomain = 253 // of a DNS name
)

// fit makes a status that can be sent: valid UTF-8 in the message, and small
// enough for the budget. It returns the names of what it left out, and leaves
// a status that can be sent untouched.
func fit(message *spb.Status, budget int) []string {
	var shed []string
	if !utf8.ValidString(message.GetMessage()) {
		message.Message = text.Clean(message.GetMessage())
		shed = append(shed, "message")
	}
	if fits(message, budget) {
		return shed
	}
	if short := text.CutMessage(message.GetMessage(), messageShare(budget)); short != message.GetMessage() {
		message.Message = short
		shed = append(slices.DeleteFunc(shed, func(s string) bool { return s == "message" }), "message")
	}
	return append(shed, shrink(message, budget)...)
}

// fits tells whether the headers grpc-message and, where there are details,
// grpc-status-details-bin (in base64) keep within their shares.
func fits(message *spb.Status, budget int) bool {
	header := text.EncodedLen(message.GetMessage())
	if len(message.GetDetails()) == 0 {
		return header <= base64Len(budget)+messageShare(budget)
	}
	size := proto.Size(message)
	return size <= budget && header+base64Len(size) <= base64Len(budget)+messageShare(budget)
}

// messageShare is what grpc-message may take beside the budget, 1 KiB of the
// default.
func messageShare(budget int) int { return budget / 4 }

func base64Len(n int) int { return (n + 2) / 3 * 4 }

// shrink brings the serialized status within the budget, in the order that
// WithDetailBudget documents.
func shrink(message *spb.Status, budget int) []string {
	message.ProtoReflect().SetUnknown(nil)
	info := newTrimmer(message)
	info.cut(1 << 10)
	over := proto.Size(message) - budget
	shed := dropDetails(message, info.detail, over)
	for _, limit := range []int{256, 64} {
		if proto.Size(message) > budget {
			info.cut(limit)
		}
	}
	if over := proto.Size(message) - budget; over > 0 {
		info.drop(over)
	}
	if info.trimmed {
		shed = append(shed, "metadata")
	}
	return shed
}

// dropDetails drops whole details until `over` bytes are gone. It keeps the
// ErrorInfo that carries the code, and the first RetryInfo.
func dropDetails(message *spb.Status, carrier *anypb.Any, over int) []string {
	order := make([]int, 0, len(message.GetDetails()))
	retry := false
	for i, detail := range message.GetDetails() {
		switch {
		case detail == carrier:
		case !retry && slimRetryInfo(detail):
			retry = true
		default:
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(rank(message.Details[a]), rank(message.Details[b])), cmp.Compare(b, a))
	})
	var shed []string
	gone := map[int]bool{}
	for _, i := range order {
		if over <= 0 {
			break
		}
		over -= detailSize(message.Details[i])
		gone[i] = true
		shed = append(shed, string(message.Details[i].MessageName()))
	}
	i := -1
	message.Details = slices.DeleteFunc(message.Details, func(*anypb.Any) bool { i++; return gone[i] })
	return shed
}

// slimRetryInfo leaves nothing in a RetryInfo but the delay, so that it can
// always be kept. It reports false for what is none.
func slimRetryInfo(detail *anypb.Any) bool {
	var retry errdetails.RetryInfo
	if detail.MessageName() != rpcdetail.RetryInfo || proto.Unmarshal(detail.GetValue(), &retry) != nil {
		return false
	}
	delay := durationpb.New(retry.GetRetryDelay().AsDuration())
	replace(detail, rpcdetail.Pack(&errdetails.RetryInfo{RetryDelay: delay}))
	return true
}

// replace keeps the place of a detail and nothing else of it.
func replace(detail, by *anypb.Any) {
	proto.Reset(detail)
	detail.TypeUrl, detail.Value = by.GetTypeUrl(), by.GetValue()
}

// rank orders details by what their loss costs the caller, the least first.
func rank(detail *anypb.Any) int {
	name := detail.MessageName()
	switch {
	case name.Parent() != rpcdetail.ErrorInfo.Parent():
		return 0
	case name == rpcdetail.Help, name == rpcdetail.DebugInfo, name == rpcdetail.ErrorInfo:
		return 1
	case name == rpcdetail.LocalizedMessage:
		return 2
	case name == rpcdetail.RequestInfo:
		return 4
	default:
		return 3
	}
}

func detailSize(detail *anypb.Any) int {
	return protowire.SizeTag(detailsField) + protowire.SizeBytes(proto.Size(detail))
}

// trimmer shortens the ErrorInfo that carries the code of a status.
type trimmer struct {
	detail  *anypb.Any // nil where there is none that can be read
	info    errdetails.ErrorInfo
	trimmed bool
}

// newTrimmer takes the ErrorInfo that decoding takes, or else the first one.
func newTrimmer(message *spb.Status) *trimmer {
	t := &trimmer{}
	for _, detail := range message.GetDetails() {
		if detail.MessageName() != rpcdetail.ErrorInfo {
			continue
		}
		alone := &spb.Status{Code: message.GetCode(), Details: []*anypb.Any{detail}}
		if e, ok := codetable.FromError(status.FromProto(alone).Err()); ok {
			t.take(detail, &errdetails.ErrorInfo{Reason: e.Reason(), Domain: e.Domain(), Metadata: e.Metadata()})
			if _, sent := t.info.GetMetadata()["code"]; sent {
				t.info.Metadata["code"] = strconv.Itoa(int(e.Number())) // leading zeros could be cut to another number
			}
			break
		}
		if t.detail == nil {
			t.take(detail, nil)
		}
	}
	return t
}

// take falls back on what was decoded where the bytes do not unmarshal, as
// those with invalid UTF-8.
func (t *trimmer) take(detail *anypb.Any, decoded *errdetails.ErrorInfo) {
	err := proto.Unmarshal(detail.GetValue(), &t.info)
	switch {
	case err == nil:
		t.detail = detail
	case decoded != nil:
		proto.Reset(&t.info)
		proto.Merge(&t.info, decoded)
		t.detail = detail
		t.repack()
	}
}

// cut shortens every value to limit bytes, and the rest to what AIP-193 allows.
func (t *trimmer) cut(limit int) {
	changed := len(t.info.ProtoReflect().GetUnknown()) > 0 || len(t.detail.GetTypeUrl()) > len(rpcdetail.ErrorInfoURL)
	t.info.ProtoReflect().SetUnknown(nil)
	short := func(s *string, limit int) {
		if len(*s) > limit {
			*s, changed = text.Cut(*s, limit), true
		}
	}
	short(&t.info.Reason, maxReason)
	short(&t.info.Domain, maxDomain)
	for key, value := range t.info.GetMetadata() {
		short(&value, limit)
		t.info.Metadata[key] = value
	}
	if changed {
		t.repack()
	}
}

// drop removes entries until `over` bytes are gone, the most useful last.
func (t *trimmer) drop(over int) {
	useful := map[string]int{"content": 1, "exId": 2, "id": 3}
	keys := slices.SortedFunc(maps.Keys(t.info.GetMetadata()), func(a, b string) int {
		return cmp.Or(cmp.Compare(useful[a], useful[b]), cmp.Compare(b, a))
	})
	for _, key := range keys {
		if over <= 0 {
			break
		}
		if key == "code" {
			continue
		}
		over -= entrySize(key, t.info.Metadata[key])
		delete(t.info.Metadata, key)
	}
	t.repack()
}

// entrySize is what an entry takes of the serialized ErrorInfo.
func entrySize(key, value string) int {
	const tag = 1 // of the metadata field, of the key and of the value
	return tag + protowire.SizeBytes(tag+protowire.SizeBytes(len(key))+tag+protowire.SizeBytes(len(value)))
}

func (t *trimmer) repack() {
	if t.detail == nil {
		return
	}
	replace(t.detail, rpcdetail.Pack(&t.info))
	t.trimmed = true
}

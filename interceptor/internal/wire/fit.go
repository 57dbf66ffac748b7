package wire

import (
	"cmp"
	"slices"
	"strconv"
	"unicode/utf8"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/codetable/grpc-codetable/interceptor/internal/table"
	"github.com/codetable/grpc-codetable/interceptor/internal/text"
)

// Fit changes a status so that it can be sent: valid UTF-8, a message that is
// not empty, and a size within the budget. WithDetailBudget documents the order
// in which parts are removed. Fit returns the names of the removed parts, each
// once, and whether it changed the status.
func Fit(set *table.Set, message *spb.Status, budget int) (shed []string, changed bool) {
	if message.GetCode() < 0 { // gRPC can't read a negative code
		message.Code, changed = int32(codes.Unknown), true
	}
	if message.GetMessage() == "" {
		message.Message, changed = codes.Code(message.GetCode()).String(), true
	}
	if !utf8.ValidString(message.GetMessage()) {
		message.Message = text.Clean(message.GetMessage())
		shed = append(shed, "message")
	}
	message.Details = slices.DeleteFunc(message.Details, func(detail *anypb.Any) bool {
		bad := !utf8.ValidString(detail.GetTypeUrl())
		if bad {
			shed = append(shed, unnamed)
		}
		return bad || detail == nil
	})
	if fits(message, budget) {
		return unique(shed), changed || len(shed) > 0
	}
	message.ProtoReflect().SetUnknown(nil)
	if short := text.CutMessage(message.GetMessage(), messageShare(budget)); short != message.GetMessage() {
		message.Message = short
		shed = append(shed, "message")
	}
	c := newCodeInfo(set, message)
	c.cut(1 << 10)
	shed = append(shed, dropDetails(message, c.detail, proto.Size(message)-budget)...)
	if over := proto.Size(message) - budget; over > 0 {
		c.drop(over)
	}
	if c.cutAny {
		shed = append(shed, "metadata")
	}
	return unique(shed), true
}

// unnamed stands for a detail without a valid name.
const unnamed = "detail"

func unique(names []string) []string {
	seen := make(map[string]bool, len(names))
	return slices.DeleteFunc(names, func(name string) bool {
		again := seen[name]
		seen[name] = true
		return again
	})
}

// fits reports whether the status is within the budget, and whether the headers
// grpc-message and grpc-status-details-bin (base64, only if there are details)
// are within their shares.
func fits(message *spb.Status, budget int) bool {
	size := proto.Size(message)
	header := text.EncodedLen(message.GetMessage())
	if len(message.GetDetails()) > 0 {
		header += base64Len(size)
	}
	return size <= budget && header <= base64Len(budget)+messageShare(budget)
}

// messageShare is the size that grpc-message may have in addition to the
// budget. It is 1 KiB for the default budget.
func messageShare(budget int) int { return budget / 4 }

func base64Len(n int) int { return (n + 2) / 3 * 4 }

// dropDetails drops details until `over` bytes are removed. It starts with the
// details that matter least to the caller, and among these with the last one.
// It keeps the ErrorInfo of the code and the first RetryInfo.
func dropDetails(message *spb.Status, carrier *anypb.Any, over int) (shed []string) {
	keep := map[*anypb.Any]bool{carrier: true}
	if i := slices.IndexFunc(message.Details, stripRetryInfo); i >= 0 {
		keep[message.Details[i]] = true
	}
	order := slices.Clone(message.Details)
	slices.Reverse(order)
	slices.SortStableFunc(order, func(a, b *anypb.Any) int { return cmp.Compare(rank(a), rank(b)) })
	gone := map[*anypb.Any]bool{}
	for _, detail := range order {
		if over <= 0 {
			break
		}
		if !keep[detail] {
			over -= protowire.SizeTag(3) + protowire.SizeBytes(proto.Size(detail))
			gone[detail] = true
			shed = append(shed, cmp.Or(string(detail.MessageName()), unnamed))
		}
	}
	message.Details = slices.DeleteFunc(message.Details, func(detail *anypb.Any) bool { return gone[detail] })
	return shed
}

// rank orders details by how much they matter to the caller. The lowest rank is
// dropped first.
func rank(detail *anypb.Any) int {
	name := detail.MessageName()
	switch {
	case name.Parent() != ErrorInfo.Parent():
		return 0
	case name == Help, name == DebugInfo, name == ErrorInfo:
		return 1
	case name == LocalizedMessage:
		return 2
	case name == RequestInfo:
		return 4
	default:
		return 3
	}
}

// stripRetryInfo removes everything but the delay from a RetryInfo, so that it
// is small enough to keep. It returns false for any other detail.
func stripRetryInfo(detail *anypb.Any) bool {
	var retry errdetails.RetryInfo
	if !Is(detail, RetryInfo) || proto.Unmarshal(detail.GetValue(), &retry) != nil {
		return false
	}
	stripped := PackRetryInfo(retry.GetRetryDelay().AsDuration())
	proto.Reset(detail)
	detail.TypeUrl, detail.Value = stripped.GetTypeUrl(), stripped.GetValue()
	return true
}

// codeInfo is the ErrorInfo of the code of a status: the one that decoding
// uses, or else the first one.
type codeInfo struct {
	detail               *anypb.Any // nil if there is no ErrorInfo to keep
	reason, domain, code string
	metadata             []Pair
	cutAny               bool
}

// newCodeInfo never cuts the domain and the number, because a cut value would
// name another code. It keeps the domain of a table of the set whatever its
// length. It drops the ErrorInfo of an unknown domain that is longer than a DNS
// name.
func newCodeInfo(set *table.Set, message *spb.Status) *codeInfo {
	named, info, at, ok := decodeInfo(set, message)
	if !ok {
		at = slices.IndexFunc(message.GetDetails(), func(detail *anypb.Any) bool { return Is(detail, ErrorInfo) })
		if at < 0 {
			return &codeInfo{}
		}
		if info = scan(message.Details[at].GetValue()); info.unreadable || len(info.domain) > MaxDomain {
			return &codeInfo{}
		}
	}
	c := &codeInfo{
		detail:   message.Details[at],
		reason:   string(info.reason),
		domain:   string(info.domain),
		code:     string(info.code),
		metadata: info.pairs(),
	}
	if len(c.code) > len("-2147483648") {
		c.code = ""
	}
	if named.Numbered {
		c.code = strconv.Itoa(int(named.Number))
	}
	if named.Entry == nil || named.Entry.Reason != c.reason {
		c.reason = text.Cut(c.reason, MaxReason)
	}
	return c
}

// cut shortens every value to limit bytes and drops unknown fields.
func (c *codeInfo) cut(limit int) {
	for i, p := range c.metadata {
		c.metadata[i].Value = text.Cut(p.Value, limit)
	}
	c.repack(c.metadata)
}

// drop removes entries until `over` bytes are removed, the largest first.
func (c *codeInfo) drop(over int) {
	order := slices.Clone(c.metadata)
	slices.SortStableFunc(order, func(a, b Pair) int {
		return cmp.Compare(b.size(), a.size())
	})
	gone := map[string]bool{}
	for _, p := range order {
		if over <= 0 {
			break
		}
		over -= protowire.SizeTag(infoMetadata) + protowire.SizeBytes(p.size())
		gone[p.Key] = true
	}
	c.repack(slices.DeleteFunc(c.metadata, func(p Pair) bool { return gone[p.Key] }))
}

func (p Pair) size() int { return entrySize(len(p.Key), len(p.Value)) }

func (c *codeInfo) repack(metadata []Pair) {
	c.metadata = metadata
	if c.detail == nil {
		return
	}
	before := len(c.detail.GetValue())
	packInfo(c.detail, appendInfo(nil, c.reason, c.domain, c.code, metadata))
	c.cutAny = c.cutAny || len(c.detail.GetValue()) < before
}

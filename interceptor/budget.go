package interceptor

import (
	"cmp"
	"maps"
	"slices"
	"unicode/utf8"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/codetable/grpc-codetable/interceptor/internal/text"
)

const (
	errorInfoName   = protoreflect.FullName("google.rpc.ErrorInfo")
	retryInfoName   = protoreflect.FullName("google.rpc.RetryInfo")
	localizedName   = protoreflect.FullName("google.rpc.LocalizedMessage")
	requestInfoName = protoreflect.FullName("google.rpc.RequestInfo")
	helpName        = protoreflect.FullName("google.rpc.Help")
	debugInfoName   = protoreflect.FullName("google.rpc.DebugInfo")

	detailsField protowire.Number = 3 // of google.rpc.Status

	// maxMessage is what the percent-encoded message has beside the budget.
	maxMessage = 1 << 10
	maxReason  = 63  // AIP-193
	maxDomain  = 253 // of a DNS name
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
	if headerBytes(message) <= base64Len(budget)+maxMessage {
		return shed
	}
	if short := text.CutMessage(message.GetMessage(), maxMessage); short != message.GetMessage() {
		message.Message = short
		shed = append(slices.DeleteFunc(shed, func(s string) bool { return s == "message" }), "message")
	}
	return append(shed, shrink(message, budget)...)
}

// headerBytes is what a status takes of the header list: grpc-message, and,
// where there are details, grpc-status-details-bin in base64.
func headerBytes(message *spb.Status) int {
	n := text.EncodedLen(message.GetMessage())
	if len(message.GetDetails()) > 0 {
		n += base64Len(proto.Size(message))
	}
	return n
}

func base64Len(n int) int { return (n + 2) / 3 * 4 }

// shrink brings the serialized status within the budget, in the order that
// WithDetailBudget documents.
func shrink(message *spb.Status, budget int) []string {
	info := newTrimmer(message)
	info.cut(1 << 10)
	over := proto.Size(message) - budget
	shed := dropDetails(message, over)
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

// dropDetails drops whole details until `over` bytes are gone.
func dropDetails(message *spb.Status, over int) []string {
	order := make([]int, 0, len(message.GetDetails()))
	kept := map[protoreflect.FullName]bool{}
	for i, detail := range message.GetDetails() {
		name := detail.MessageName()
		if keep := name == errorInfoName || name == retryInfoName; keep && !kept[name] {
			kept[name] = true
			continue
		}
		order = append(order, i)
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

// rank orders details by what their loss costs the caller, the least first.
func rank(detail *anypb.Any) int {
	name := detail.MessageName()
	switch {
	case name.Parent() != errorInfoName.Parent():
		return 0
	case name == helpName, name == debugInfoName, name == errorInfoName:
		return 1
	case name == localizedName:
		return 2
	case name == requestInfoName:
		return 4
	default:
		return 3
	}
}

func detailSize(detail *anypb.Any) int {
	return protowire.SizeTag(detailsField) + protowire.SizeBytes(proto.Size(detail))
}

// trimmer shortens the first ErrorInfo of a status.
type trimmer struct {
	detail  *anypb.Any // nil where there is none that can be read
	info    errdetails.ErrorInfo
	trimmed bool
}

func newTrimmer(message *spb.Status) *trimmer {
	t := &trimmer{}
	for _, detail := range message.GetDetails() {
		if detail.MessageName() == errorInfoName && proto.Unmarshal(detail.GetValue(), &t.info) == nil {
			t.detail = detail
			break
		}
	}
	return t
}

// cut shortens every value to limit bytes, and the rest to what AIP-193 allows.
func (t *trimmer) cut(limit int) {
	changed := len(t.info.ProtoReflect().GetUnknown()) > 0
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
		over -= len(key) + len(t.info.Metadata[key]) // a little less than what it takes
		delete(t.info.Metadata, key)
	}
	t.repack()
}

func (t *trimmer) repack() {
	value, err := proto.MarshalOptions{Deterministic: true}.Marshal(&t.info)
	if t.detail == nil || err != nil {
		return
	}
	t.detail.Value, t.trimmed = value, true
}

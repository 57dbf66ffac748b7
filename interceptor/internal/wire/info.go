package wire

import (
	"iter"
	"slices"
	"strings"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/codetable/grpc-codetable/interceptor/internal/table"
	"github.com/codetable/grpc-codetable/interceptor/internal/text"
)

// CodeKey is wire contract: the key of the number in ErrorInfo.metadata.
const CodeKey = "code"

// Limits of AIP-193, in bytes.
const (
	MaxKey    = 64
	MaxReason = 63
	MaxDomain = 253 // of a DNS name
)

// Field numbers of google.rpc.ErrorInfo, and of an entry of its metadata.
const (
	infoReason   protowire.Number = 1
	infoDomain   protowire.Number = 2
	infoMetadata protowire.Number = 3
	entryKey     protowire.Number = 1
	entryValue   protowire.Number = 2
)

// Pair is an entry of ErrorInfo.metadata.
type Pair struct{ Key, Value string }

// info is a google.rpc.ErrorInfo, unparsed.
type info struct {
	reason, domain, code []byte
	metadata             []byte // from its first entry on
	unreadable           bool
}

// Named is what an ErrorInfo of a linked table says.
type Named struct {
	Entry    *table.Entry // the unlisted one for what the table does not list
	Number   int32
	Numbered bool // whether the number was sent

	// Failing is false where it names a success, which a failed status can't be,
	// or nothing at all.
	Failing bool
	// Doubtful says that the number and the reason contradict each other, or that
	// neither tells which code it is. Only Infos looks.
	Doubtful bool
}

// name trusts metadata.code, then the reason.
func name(t *table.Table, i info) Named {
	n := Named{Entry: t.Unlisted, Number: t.Absent}
	if number, ok := parseNumber(i.code); ok {
		n.Number, n.Numbered = number, true
		n.Entry = t.Entry(n.Number)
	} else if e := t.ByReason(string(i.reason)); e != nil {
		n.Number, n.Entry = e.Number, e
	}
	n.Failing = n.Entry.GRPCCode != codes.OK && (n.Entry.Listed || n.Numbered || len(i.reason) > 0)
	return n
}

// doubtful reports whether the number and the reason contradict each other, or
// neither tells which code it is.
func (n Named) doubtful(i info) bool {
	switch {
	case !n.Numbered && (!n.Entry.Listed || len(i.code) > 0):
		return true
	case !n.Entry.Listed || len(i.reason) == 0:
		return false
	default:
		return n.Entry.Table.ByReason(string(i.reason)) != n.Entry
	}
}

// infos yields each ErrorInfo of a status, and its place among the details.
func infos(message *spb.Status) iter.Seq2[int, info] {
	return func(yield func(int, info) bool) {
		for at, detail := range message.GetDetails() {
			if Is(detail, ErrorInfo) && !yield(at, scan(detail.GetValue())) {
				return
			}
		}
	}
}

// Number returns the number of the first code of the table in a failed status.
func Number(t *table.Table, message *spb.Status) (int32, bool) {
	if message.GetCode() == int32(codes.OK) {
		return t.Absent, false
	}
	for _, i := range infos(message) {
		if i.unreadable || string(i.domain) != t.Domain {
			continue
		}
		if n := name(t, i); n.Failing {
			return n.Number, true
		}
	}
	return t.Absent, false
}

// Infos yields each ErrorInfo of a status whose domain is that of a linked
// table, and a Named without an entry for each that can't be read.
func Infos(message *spb.Status) iter.Seq[Named] {
	return func(yield func(Named) bool) {
		for _, i := range infos(message) {
			var n Named
			if t := table.ByDomain(i.domain); t != nil && !i.unreadable {
				n = name(t, i)
				n.Doubtful = n.doubtful(i)
			} else if !i.unreadable {
				continue
			}
			if !yield(n) {
				return
			}
		}
	}
}

// decodeInfo finds the first ErrorInfo of a failed status that names a failing
// code of a linked table, and its place among the details.
func decodeInfo(message *spb.Status) (Named, info, int, bool) {
	if message.GetCode() == int32(codes.OK) {
		return Named{}, info{}, 0, false
	}
	for at, i := range infos(message) {
		t := table.ByDomain(i.domain)
		if t == nil || i.unreadable {
			continue
		}
		if n := name(t, i); n.Failing {
			return n, i, at, true
		}
	}
	return Named{}, info{}, 0, false
}

// pairs returns the metadata but the code, sorted by key. Unlike
// proto.Unmarshal it keeps a value with invalid UTF-8, made valid. The last
// value of a key counts.
func (i info) pairs() []Pair {
	var list []Pair
	for b := i.metadata; len(b) > 0; {
		field, value, n := consume(b)
		if n < 0 {
			break
		}
		b = b[n:]
		if field != infoMetadata {
			continue
		}
		if key, val, ok := scanEntry(value); ok && string(key) != CodeKey {
			list = append(list, Pair{text.Clean(string(key)), text.Clean(string(val))})
		}
	}
	return SortPairs(list)
}

// SortPairs sorts by key, and keeps the last of several values of a key.
func SortPairs(list []Pair) []Pair {
	if len(list) < 2 {
		return list
	}
	slices.SortStableFunc(list, func(a, b Pair) int { return strings.Compare(a.Key, b.Key) })
	slices.Reverse(list) // CompactFunc keeps the first
	list = slices.CompactFunc(list, func(a, b Pair) bool { return a.Key == b.Key })
	slices.Reverse(list)
	return list
}

// appendInfo writes an ErrorInfo. An empty code is left out.
func appendInfo[S string | []byte](b []byte, reason, domain string, code S, metadata []Pair) []byte {
	b = appendString(b, infoReason, reason)
	b = appendString(b, infoDomain, domain)
	if len(code) > 0 {
		b = appendEntry(b, CodeKey, code)
	}
	for _, p := range metadata {
		b = appendEntry(b, p.Key, p.Value)
	}
	return b
}

func appendEntry[S string | []byte](b []byte, key string, value S) []byte {
	b = appendLength(b, infoMetadata, entrySize(len(key), len(value)))
	b = append(appendLength(b, entryKey, len(key)), key...)
	return append(appendLength(b, entryValue, len(value)), value...)
}

// entrySize is the size of an entry without its own tag and length.
func entrySize(key, value int) int {
	const tags = 2
	return tags + protowire.SizeBytes(key) + protowire.SizeBytes(value)
}

func packInfo(detail *anypb.Any, value []byte) {
	detail.TypeUrl, detail.Value = errorInfoURL, value
	detail.ProtoReflect().SetUnknown(nil)
}

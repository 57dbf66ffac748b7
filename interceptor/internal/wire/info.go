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
)

// CodeKey is the key of the number in ErrorInfo.metadata. It is wire contract.
const CodeKey = "code"

// Limits of AIP-193, in bytes.
const (
	MaxKey    = 64
	MaxReason = 63
	MaxDomain = 253 // the maximum length of a DNS name
)

// Field numbers of google.rpc.ErrorInfo and of an entry of its metadata.
const (
	infoReason   protowire.Number = 1
	infoDomain   protowire.Number = 2
	infoMetadata protowire.Number = 3
	entryKey     protowire.Number = 1
	entryValue   protowire.Number = 2
)

// Pair is an entry of ErrorInfo.metadata.
type Pair struct{ Key, Value string }

// info is a google.rpc.ErrorInfo whose fields are not yet converted.
type info struct {
	reason, domain, code []byte
	metadata             []byte // starts with the first entry
	unreadable           bool
}

// Named is the code that an ErrorInfo of a known table names.
type Named struct {
	Entry    *table.Entry // Table.Unlisted if the table does not list the code
	Number   int32
	Numbered bool // the number was sent

	// Failing is false if the ErrorInfo names a success, which a failed status
	// must not do, or no code at all.
	Failing bool
	// Ambiguous reports that the number and the reason contradict each other,
	// or that neither identifies a code. Only Infos sets it.
	Ambiguous bool
}

// name uses metadata.code, or else the reason.
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

// ambiguous reports whether the number and the reason contradict each other, or
// neither identifies a code.
func (n Named) ambiguous(i info) bool {
	switch {
	case !n.Numbered && (!n.Entry.Listed || len(i.code) > 0):
		return true
	case !n.Entry.Listed || len(i.reason) == 0:
		return false
	default:
		return n.Entry.Table.ByReason(string(i.reason)) != n.Entry
	}
}

// infos yields each ErrorInfo of a status and its index among the details.
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

// Infos yields the code of each ErrorInfo whose domain is the domain of a table
// of the set. For each unreadable ErrorInfo it yields a Named without an entry.
func Infos(set *table.Set, message *spb.Status) iter.Seq[Named] {
	return func(yield func(Named) bool) {
		for _, i := range infos(message) {
			var n Named
			if t := set.ByDomain(i.domain); t != nil && !i.unreadable {
				n = name(t, i)
				n.Ambiguous = n.ambiguous(i)
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
// code of a table of the set, and its index among the details.
func decodeInfo(set *table.Set, message *spb.Status) (Named, info, int, bool) {
	if message.GetCode() == int32(codes.OK) {
		return Named{}, info{}, 0, false
	}
	for at, i := range infos(message) {
		t := set.ByDomain(i.domain)
		if t == nil || i.unreadable {
			continue
		}
		if n := name(t, i); n.Failing {
			return n, i, at, true
		}
	}
	return Named{}, info{}, 0, false
}

// pairs returns the metadata without the code, sorted by key. If a key occurs
// several times, the last value is used.
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
			list = append(list, Pair{string(key), string(val)})
		}
	}
	return SortPairs(list)
}

// SortPairs sorts by key and keeps the last of several values of a key.
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

// entrySize returns the size of an entry without its own tag and length.
func entrySize(key, value int) int {
	const tags = 2
	return tags + protowire.SizeBytes(key) + protowire.SizeBytes(value)
}

func packInfo(detail *anypb.Any, value []byte) {
	detail.TypeUrl, detail.Value = errorInfoURL, value
	detail.ProtoReflect().SetUnknown(nil)
}

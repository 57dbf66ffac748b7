package codetabletest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/internal/text"
)

const (
	maxValue   = 200 // bytes of a value in a line
	maxEntries = 8   // lines for the metadata, and lines for the details
)

// Diff returns the differences of two errors, one line for each, or "" if there
// are none. It compares number, reason, domain, gRPC code, message, metadata,
// retry, details, and whether there is a cause.
//
// Two errors with a code are compared with [codetable.Error.Equal], also if
// they are still gRPC statuses. A difference of the causes alone is no
// difference. Two errors without a code are the same if errors.Is finds one in
// the other or if their texts are equal.
//
// The result has at most 30 lines. Values of more than 200 bytes are cut.
func Diff(want, got error) string {
	a, isCode := codetable.FromError(want)
	b, alsoCode := codetable.FromError(got)
	var l list
	switch {
	case isCode && alsoCode && !a.Equal(b):
		l.compareCodes(a, b)
	case isCode != alsoCode, !isCode && !same(want, got):
		l.add("error", shownError(want), shownError(got))
	}
	return strings.Join(l, "\n")
}

func same(want, got error) bool {
	if want == nil || got == nil {
		return want == nil && got == nil
	}
	return errors.Is(want, got) || errors.Is(got, want) || text.Of(want) == text.Of(got)
}

func shownError(err error) string {
	if err == nil {
		return "nil"
	}
	return shown(text.Of(err))
}

// shown returns a text on one line, cut to maxValue.
func shown(s string) string {
	s = text.OneLine(s)
	if short := text.Cut(s, maxValue); short != s {
		return short + "..."
	}
	return s
}

// list collects lines.
type list []string

func (l *list) add(name, want, got string) {
	if want != got {
		*l = append(*l, name+": want "+want+", got "+got)
	}
}

func (l *list) compareCodes(want, got *codetable.Error) {
	l.add("number", strconv.Itoa(int(want.Number())), strconv.Itoa(int(got.Number())))
	l.add("reason", shown(want.Reason()), shown(got.Reason()))
	l.add("domain", want.Domain(), got.Domain())
	l.add("gRPC code", want.GRPCStatus().Code().String(), got.GRPCStatus().Code().String())
	l.addQuoted("message", want.GRPCStatus().Message(), got.GRPCStatus().Message())
	l.compareMetadata(want.Metadata(), got.Metadata())
	l.add("retry", advice(want.Retry()), advice(got.Retry()))
	l.compareDetails(want.Details(), got.Details())
	if len(*l) == 0 {
		l.add("status", "other bytes", "a status that differs in another field")
	}
	l.add("cause", cause(want), cause(got))
}

// addQuoted also reports texts that differ only after the cut.
func (l *list) addQuoted(name, want, got string) {
	a, b := quote(want), quote(got)
	if want != got && a == b {
		b = fmt.Sprintf("a text that differs after %d bytes", maxValue)
	}
	l.add(name, a, b)
}

func quote(s string) string {
	if short := text.Cut(s, maxValue); short != s {
		return strconv.Quote(short) + "..."
	}
	return strconv.Quote(s)
}

// advice ignores the time left until a calendar window.
func advice(r codetable.Retry) string {
	if r.Window != codetablev1.CalendarWindow_CALENDAR_WINDOW_UNSPECIFIED {
		r.Delay = 0
	}
	return r.String()
}

func cause(err *codetable.Error) string {
	if err.Unwrap() == nil || err.Remote() { // the cause of a received error is its status
		return "no cause"
	}
	return "a cause"
}

// compareMetadata ignores the number, which has a line of its own.
func (l *list) compareMetadata(want, got map[string]string) {
	keys := maps.Clone(want)
	maps.Copy(keys, got)
	delete(keys, "code")
	var differ list
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		name := "metadata " + shown(key)
		a, wanted := want[key]
		b, sent := got[key]
		switch {
		case !wanted:
			differ.add(name, "none", quote(b))
		case !sent:
			differ.add(name, quote(a), "none")
		default:
			differ.addQuoted(name, a, b)
		}
	}
	l.addFirst("metadata", differ)
}

// addFirst limits the number of lines of one kind.
func (l *list) addFirst(kind string, lines list) {
	if more := len(lines) - maxEntries; more > 0 {
		lines = append(lines[:maxEntries], fmt.Sprintf("%s: %d more differ", kind, more))
	}
	*l = append(*l, lines...)
}

// compareDetails compares only the names of ErrorInfo and RetryInfo: other
// lines show their content.
func (l *list) compareDetails(want, got []proto.Message) {
	a, b := names(want), names(got)
	if !slices.Equal(a, b) {
		l.add("details", shown(strings.Join(a, " ")), shown(strings.Join(b, " ")))
		return
	}
	var differ list
	for i, name := range a {
		if name != "google.rpc.ErrorInfo" && name != "google.rpc.RetryInfo" && !proto.Equal(want[i], got[i]) {
			differ.addQuoted("detail "+shown(name), fmt.Sprint(want[i]), fmt.Sprint(got[i]))
		}
	}
	l.addFirst("details", differ)
}

func names(details []proto.Message) (list []string) {
	for _, detail := range details {
		name := string(detail.ProtoReflect().Descriptor().FullName())
		if raw, ok := detail.(*anypb.Any); ok { // its type is not linked
			name = raw.GetTypeUrl()
		}
		list = append(list, name)
	}
	return list
}

package codetable

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/anypb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/internal/text"
)

// unrecognizedReason is wire contract: the ErrorInfo.reason of a number that
// the enum does not list.
const unrecognizedReason = "UNRECOGNIZED_CODE"

// table is one resolved enum. It does not change after it is built.
type table struct {
	desc         protoreflect.EnumDescriptor
	annotated    bool
	options      *codetablev1.Table
	domain       string
	location     *time.Location // nil where the zone is missing or can't be loaded
	unrecognized codes.Code
	byNumber     map[int32]*entry
	byReason     map[string]*entry
	entries      []*entry // in number order
	matchers     matchers
	messages     *messages // of codes that have none of their own
}

// entry is one code of a table, listed or not.
type entry struct {
	table    *table
	number   int32
	reason   string
	listed   bool
	options  *codetablev1.Code // never nil
	code     codes.Code
	message  string
	retry    Retry // Delay is the constant one of the table
	messages *messages
	shared   *Error // what NewError returns without options

	// Details that do not depend on the time. Built on first use: a table may
	// hold many codes that never occur.
	build     sync.Once
	info      []byte     // the ErrorInfo without the metadata of an error
	retryInfo *anypb.Any // nil without a constant delay
	subject   *anypb.Any // nil where the table names no detail
}

// tableSet is every table that was resolved so far. It does not change: a new
// one takes its place.
type tableSet struct {
	first []*table // few: comparing them is cheaper than the map
	all   map[protoreflect.EnumDescriptor]*table
}

// maxFirst is how many tables are compared before the map is asked.
const maxFirst = 4

var (
	tables   atomic.Pointer[tableSet]
	tablesMu sync.Mutex // held to replace the set
)

// tableOf asks the zero value for the descriptor: it is the same for every
// value, and a small one is never allocated for the call.
func tableOf[E Enum](E) *table {
	var zero E
	return tableFor(zero.Descriptor())
}

func tableFor(desc protoreflect.EnumDescriptor) *table {
	set := tables.Load()
	if set == nil {
		return resolve(desc)
	}
	for _, t := range set.first {
		if t.desc == desc {
			return t
		}
	}
	if t, ok := set.all[desc]; ok {
		return t
	}
	return resolve(desc)
}

func resolve(desc protoreflect.EnumDescriptor) *table {
	t := newTable(desc)
	tablesMu.Lock()
	defer tablesMu.Unlock()
	next := &tableSet{all: map[protoreflect.EnumDescriptor]*table{desc: t}}
	if set := tables.Load(); set != nil {
		if known, ok := set.all[desc]; ok {
			return known // another goroutine was faster
		}
		next.first = set.first
		maps.Copy(next.all, set.all)
	}
	if len(next.first) < maxFirst {
		next.first = append(slices.Clip(next.first), t)
	}
	tables.Store(next)
	return t
}

func newTable(desc protoreflect.EnumDescriptor) *table {
	options, annotated := tableOptions(desc)
	values := desc.Values()
	t := &table{
		desc:         desc,
		annotated:    annotated,
		options:      options,
		domain:       cmp.Or(options.GetDomain(), string(desc.FullName())),
		unrecognized: failureCode(options.UnrecognizedGrpcCode),
		byNumber:     make(map[int32]*entry, values.Len()),
		byReason:     make(map[string]*entry, values.Len()),
		entries:      make([]*entry, 0, values.Len()),
	}
	if loc, err := time.LoadLocation(options.GetTimeZone()); err == nil && options.GetTimeZone() != "" {
		t.location = loc
	}
	t.messages = t.matchers.messages(options.GetDefaultUserMessages())
	prefix := valuePrefix(desc.Name())
	for i := range values.Len() {
		t.add(values.Get(i), prefix)
	}
	slices.SortFunc(t.entries, func(a, b *entry) int { return cmp.Compare(a.number, b.number) })
	return t
}

// add takes the first of several names of a number (allow_alias) as its
// reason, and decodes the others to the same number.
func (t *table) add(value protoreflect.EnumValueDescriptor, prefix string) {
	number := int32(value.Number())
	reason := reasonOf(value, prefix)
	e, known := t.byNumber[number]
	if !known {
		options, _ := codeOptions(value)
		e = t.newEntry(number, reason, options, statusCode(options.GrpcCode))
		e.listed = true
		t.byNumber[number] = e
		t.entries = append(t.entries, e)
	}
	if _, taken := t.byReason[reason]; !taken {
		t.byReason[reason] = e
	}
}

func (t *table) newEntry(number int32, reason string, options *codetablev1.Code, code codes.Code) *entry {
	e := &entry{
		table:    t,
		number:   number,
		reason:   reason,
		options:  options,
		code:     code,
		message:  text.CutMessage(options.GetNotes(), maxMessage),
		messages: t.messages,
		retry: Retry{
			Action: options.GetRetry().GetAction(),
			Delay:  max(options.GetRetry().GetDelay().AsDuration(), 0),
			Window: options.GetRetry().GetWindow(),
		},
	}
	switch {
	case code == codes.OK:
		e.messages = nil // the default ones speak of a failure
	case len(options.GetUserMessages()) > 0:
		e.messages = t.matchers.messages(options.GetUserMessages())
	}
	e.shared = &Error{entry: e}
	return e
}

// entry never returns nil.
func (t *table) entry(number int32) *entry {
	if e, ok := t.byNumber[number]; ok {
		return e
	}
	return t.unlisted(number)
}

// unlisted makes an entry of its own for a number that the enum does not list.
// It is not kept, since the numbers come from outside.
func (t *table) unlisted(number int32) *entry {
	return t.newEntry(number, unrecognizedReason, &codetablev1.Code{}, t.unrecognized)
}

// statusCode fails closed: what is unset or unknown to gRPC is UNKNOWN.
func statusCode(c *codetablev1.GrpcCode) codes.Code {
	if c == nil || *c < 0 || *c > codetablev1.GrpcCode_GRPC_CODE_UNAUTHENTICATED {
		return codes.Unknown
	}
	return codes.Code(*c)
}

func failureCode(c *codetablev1.GrpcCode) codes.Code {
	if code := statusCode(c); code != codes.OK {
		return code
	}
	return codes.Unknown
}

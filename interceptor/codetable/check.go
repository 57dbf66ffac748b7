package codetable

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/reflect/protoreflect"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
	"github.com/codetable/grpc-codetable/interceptor/internal/wire"
)

var (
	// reasonRule is the rule of AIP-193 for ErrorInfo.reason.
	reasonRule = regexp.MustCompile(`^[A-Z][A-Z0-9_]+[A-Z0-9]$`)
	domainRule = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$`)
	// subjectRule accepts names only, so that a subject can't be a phone number
	// or a token.
	subjectRule = regexp.MustCompile(`^[a-z][a-zA-Z0-9_.]*$`)
)

// Check reports every fault of an annotated enum as one joined error. It
// returns nil if there is no fault. It also checks the methods whose option
// (codetable.v1.method) names codes of the enum.
//
// Call it in a test of the package that owns the enum. At run time a faulty
// code is still sent, if need be as UNKNOWN, but never as a success.
func Check[E Enum]() error {
	var zero E
	return CheckDescriptor(zero.Descriptor())
}

// CheckDescriptor is [Check] for code that has only the descriptor of the enum,
// such as a tool.
func CheckDescriptor(enum protoreflect.EnumDescriptor) error { return check(table.Linked, enum) }

func check(set *table.Set, enum protoreflect.EnumDescriptor) error {
	t := set.For(enum)
	f := &faults{set: set, place: "enum " + string(t.Desc.FullName())}
	f.checkTable(t)
	reasons := map[string]protoreflect.Name{}
	values := t.Desc.Values()
	for i := range values.Len() {
		value := values.Get(i)
		f.place = "value " + string(value.FullName())
		options, _ := table.CodeOptions(value)
		reason := table.ReasonOf(value, options)
		f.checkReason(reason, value, options, reasons)
		if t.Entry(int32(value.Number())).Reason == reason {
			f.checkCode(t, value)
		}
	}
	f.checkMethods(t)
	return errors.Join(f.list...)
}

// faults collects the faults. Each is reported with its place in the .proto
// file.
type faults struct {
	set   *table.Set
	place string
	list  []error
}

func (f *faults) add(format string, args ...any) {
	f.list = append(f.list, fmt.Errorf(f.place+": "+format, args...))
}

func (f *faults) checkTable(t *table.Table) {
	if !t.Annotated {
		f.add("option (codetable.v1.table) is missing")
		return
	}
	if domain := t.Options.GetDomain(); !domainRule.MatchString(domain) || len(domain) > wire.MaxDomain {
		f.add("domain %q: want a lower-case DNS name of at most %d characters", domain, wire.MaxDomain)
	}
	f.checkSharedDomain(t)
	if t.Location == time.Local {
		f.add("time_zone \"Local\" differs from machine to machine")
	}
	if zone := t.Options.GetTimeZone(); zone != "" && t.Location == nil {
		_, err := time.LoadLocation(zone)
		f.add("time_zone %q: %w (a program can embed the zones with a blank import of time/tzdata)", zone, err)
	}
	if c := t.Options.UnrecognizedGrpcCode; c != nil && table.FailureCode(c) != codes.Code(*c) {
		f.add("unrecognized_grpc_code %v: want a failing gRPC code", *c)
	}
	if help := (Spec{t.Unlisted.Code, 0}).HelpURL(); help != "" {
		u, err := url.Parse(help)
		if err != nil || u.Scheme != "https" || u.Host == "" || strings.ContainsAny(help, "{}") {
			f.add("help_url %q: want an absolute https URL, with no placeholder but {reason} and {number}", t.Options.GetHelpUrl())
		}
	}
	f.checkMessages("default_user_messages", t.Options.GetDefaultUserMessages())
	f.checkDefaultLocale(t)
}

// checkDefaultLocale reports a table that has no sentence for some readers.
func (f *faults) checkDefaultLocale(t *table.Table) {
	locale := t.Options.GetDefaultLocale()
	if _, ok := t.Options.GetDefaultUserMessages()[locale]; ok {
		return
	}
	switch {
	case locale != "":
		f.add("default_locale %q: default_user_messages has no sentence for it", locale)
	case len(t.Options.GetDefaultUserMessages()) > 0 || slices.ContainsFunc(t.Entries, func(e *table.Entry) bool {
		return len(e.Options.GetUserMessages()) > 0
	}):
		f.add("default_locale is missing: readers of languages that the table lacks get no sentence")
	}
}

func (f *faults) checkSharedDomain(t *table.Table) {
	for _, other := range f.set.Tables() {
		if other.Domain == t.Domain && other.Desc.FullName() != t.Desc.FullName() {
			f.add("domain %q is already used by enum %s", t.Domain, other.Desc.FullName())
		}
	}
}

func (f *faults) checkReason(reason string, value protoreflect.EnumValueDescriptor, options *codetablev1.Code, seen map[string]protoreflect.Name) {
	if prefix := table.ValuePrefix(value.Parent().Name()); options.GetReason() == "" && !strings.HasPrefix(string(value.Name()), prefix) {
		f.add("does not begin with %q: its reason is the whole name; rename it, or state the reason", prefix)
	}
	if !reasonRule.MatchString(reason) {
		f.add("reason %q: want a match of %s (AIP-193)", reason, reasonRule)
	}
	if len(reason) > wire.MaxReason {
		f.add("reason %q has %d characters: want at most %d (AIP-193)", reason, len(reason), wire.MaxReason)
	}
	if reason == table.Unrecognized {
		f.add("reason %q is reserved for codes that the table does not list", reason)
	}
	if first, taken := seen[reason]; taken {
		f.add("reason %q is already used by %s", reason, first)
		return
	}
	seen[reason] = value.Name()
}

func (f *faults) checkCode(t *table.Table, value protoreflect.EnumValueDescriptor) {
	options, annotated := table.CodeOptions(value)
	switch {
	case !annotated:
		f.add("option (codetable.v1.code) is missing")
		return
	case options.GrpcCode == nil:
		f.add("grpc_code is missing: the code is sent as UNKNOWN")
	case codes.Code(options.GetGrpcCode()) != table.StatusCode(options.GrpcCode):
		f.add("grpc_code %d: want a code of gRPC", options.GetGrpcCode())
	case options.GetGrpcCode() == codetablev1.GrpcCode_GRPC_CODE_OK:
		f.checkSuccess(options)
		return
	case options.GetGrpcCode() == codetablev1.GrpcCode_GRPC_CODE_CANCELLED:
		f.add("grpc_code CANCELLED means that the caller cancelled the call, which an upstream can't know")
	}
	if _, known := codetablev1.Fault_name[int32(options.GetFault())]; !known || options.GetFault() == codetablev1.Fault_FAULT_UNSPECIFIED {
		f.add("fault is missing")
	}
	if options.GetNotes() == "" {
		f.add("notes are missing: the message of the status is %q", t.Entry(int32(value.Number())).Message)
	}
	f.checkRetry(t, options)
	f.checkDetail(options.GetDetail())
	f.checkMessages("user_messages", options.GetUserMessages())
	f.checkLanguages(t, options.GetUserMessages())
}

// checkLanguages reports languages in which the code has no sentence of its
// own, although the table has one. Readers of these languages would get the
// neutral sentence.
func (f *faults) checkLanguages(t *table.Table, texts map[string]string) {
	for _, locale := range slices.Sorted(maps.Keys(t.Options.GetDefaultUserMessages())) {
		if _, ok := texts[locale]; !ok && len(texts) > 0 {
			f.add("user_messages: no sentence for locale %q, which default_user_messages has", locale)
		}
	}
}

func (f *faults) checkSuccess(options *codetablev1.Code) {
	if options.GetFault() != 0 || options.Retry != nil || options.Detail != nil || len(options.GetUserMessages()) > 0 {
		f.add("a success takes no fault, retry, detail or user_messages")
	}
}

func (f *faults) checkDetail(detail *codetablev1.Detail) {
	typ, subject := detail.GetType(), detail.GetSubject()
	_, known := codetablev1.DetailType_name[int32(typ)]
	switch {
	case !known:
		f.add("detail type %v is not known", typ)
	case typ == codetablev1.DetailType_DETAIL_TYPE_UNSPECIFIED && subject != "":
		f.add("detail with subject %q has no type", subject)
	case typ == codetablev1.DetailType_DETAIL_TYPE_UNSPECIFIED:
	case subject == "":
		f.add("detail %v has no subject", typ)
	case !subjectRule.MatchString(subject):
		f.add("detail subject %q: want a name that matches %s, never a value", subject, subjectRule)
	}
}

func (f *faults) checkMessages(field string, texts map[string]string) {
	for _, locale := range slices.Sorted(maps.Keys(texts)) {
		if tag, err := language.Parse(locale); err != nil || tag.IsRoot() {
			f.add("%s: locale %q: want a BCP 47 language tag", field, locale)
		}
		if strings.TrimSpace(texts[locale]) == "" {
			f.add("%s: the sentence for locale %q is empty", field, locale)
		}
	}
}

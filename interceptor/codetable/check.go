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
	"google.golang.org/protobuf/reflect/protoregistry"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
)

const maxDomain = 253 // of a DNS name

var (
	// reasonRule is the rule of AIP-193 for ErrorInfo.reason.
	reasonRule = regexp.MustCompile(`^[A-Z][A-Z0-9_]+[A-Z0-9]$`)
	domainRule = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$`)
	// subjectRule lets a subject be a name and keeps values out of it.
	subjectRule = regexp.MustCompile(`^[a-z][a-zA-Z0-9_.]*$`)
)

// faults collects what is wrong, each with the place that it is wrong in.
type faults struct {
	place string
	list  []error
}

func (f *faults) add(format string, args ...any) {
	f.list = append(f.list, fmt.Errorf(f.place+": "+format, args...))
}

func check(t *table) error {
	f := &faults{place: "enum " + string(t.desc.FullName())}
	f.checkTable(t)
	reasons := map[string]protoreflect.Name{}
	prefix := valuePrefix(t.desc.Name())
	values := t.desc.Values()
	for i := range values.Len() {
		value := values.Get(i)
		f.place = "value " + string(value.FullName())
		f.checkReason(reasonOf(value, prefix), value, reasons)
		if t.byNumber[int32(value.Number())].reason == reasonOf(value, prefix) {
			f.checkCode(t, value)
		}
	}
	return errors.Join(f.list...)
}

func (f *faults) checkTable(t *table) {
	if !t.annotated {
		f.add("option (codetable.v1.table) is missing")
		return
	}
	if domain := t.options.GetDomain(); !domainRule.MatchString(domain) || len(domain) > maxDomain {
		f.add("domain %q: want a lower-case DNS name of at most %d characters", domain, maxDomain)
	}
	f.checkSharedDomain(t)
	if t.location == time.Local {
		f.add("time_zone \"Local\" differs from machine to machine")
	}
	if zone := t.options.GetTimeZone(); zone != "" && t.location == nil {
		_, err := time.LoadLocation(zone)
		f.add("time_zone %q: %w (a program can embed the zones with a blank import of time/tzdata)", zone, err)
	}
	if c := t.options.UnrecognizedGrpcCode; c != nil && failureCode(c) != codes.Code(*c) {
		f.add("unrecognized_grpc_code %v: want a failing gRPC code", *c)
	}
	if help := t.options.GetHelpUrl(); help != "" {
		if u, err := url.Parse(help); err != nil || u.Scheme != "https" || u.Host == "" {
			f.add("help_url %q: want an absolute https URL", help)
		}
	}
	f.checkMessages("default_user_messages", t.options.GetDefaultUserMessages())
}

func (f *faults) checkSharedDomain(t *table) {
	protoregistry.GlobalTypes.RangeEnums(func(enum protoreflect.EnumType) bool {
		other := enum.Descriptor()
		options, annotated := tableOptions(other)
		if annotated && options.GetDomain() == t.domain && other.FullName() != t.desc.FullName() {
			f.add("domain %q is also that of enum %s", t.domain, other.FullName())
		}
		return true
	})
}

func (f *faults) checkReason(reason string, value protoreflect.EnumValueDescriptor, seen map[string]protoreflect.Name) {
	if !reasonRule.MatchString(reason) {
		f.add("reason %q: want a match of %s (AIP-193)", reason, reasonRule)
	}
	if len(reason) > maxReason {
		f.add("reason %q has %d characters: want at most %d (AIP-193)", reason, len(reason), maxReason)
	}
	if reason == unrecognizedReason {
		f.add("reason %q is that of codes which are not listed", reason)
	}
	if first, taken := seen[reason]; taken {
		f.add("reason %q is also that of %s", reason, first)
		return
	}
	seen[reason] = value.Name()
}

func (f *faults) checkCode(t *table, value protoreflect.EnumValueDescriptor) {
	options, annotated := codeOptions(value)
	switch {
	case !annotated:
		f.add("option (codetable.v1.code) is missing")
		return
	case options.GrpcCode == nil:
		f.add("grpc_code is missing: it travels as UNKNOWN")
	case codes.Code(options.GetGrpcCode()) != statusCode(options.GrpcCode):
		f.add("grpc_code %d: want a code of gRPC", options.GetGrpcCode())
	case options.GetGrpcCode() == codetablev1.GrpcCode_GRPC_CODE_OK:
		f.checkSuccess(options)
		return
	case options.GetGrpcCode() == codetablev1.GrpcCode_GRPC_CODE_CANCELLED:
		f.add("grpc_code CANCELLED tells the caller that it gave up, which no upstream can know")
	}
	if _, known := codetablev1.Fault_name[int32(options.GetFault())]; !known || options.GetFault() == codetablev1.Fault_FAULT_UNSPECIFIED {
		f.add("fault is missing")
	}
	f.checkRetry(t, options)
	f.checkDetail(options.GetDetail())
	f.checkMessages("user_messages", options.GetUserMessages())
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

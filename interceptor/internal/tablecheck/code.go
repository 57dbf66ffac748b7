package tablecheck

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/reflect/protoreflect"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
	"github.com/codetable/grpc-codetable/interceptor/internal/wire"
)

var (
	// reasonRule is the rule of AIP-193 for ErrorInfo.reason.
	reasonRule = regexp.MustCompile(`^[A-Z][A-Z0-9_]+[A-Z0-9]$`)
	// subjectRule accepts names only, so that a subject can't be a phone number
	// or a token.
	subjectRule = regexp.MustCompile(`^[a-z][a-zA-Z0-9_.]*$`)
)

func (c *checker) checkReason(reason string, value protoreflect.EnumValueDescriptor, options *codetablev1.Code, seen map[string]protoreflect.Name) {
	if prefix := table.ValuePrefix(value.Parent().Name()); options.GetReason() == "" && !strings.HasPrefix(string(value.Name()), prefix) {
		c.add(ruleReason, "does not begin with %q: its reason is the whole name; rename it, or state the reason", prefix)
	}
	if !reasonRule.MatchString(reason) {
		c.add(ruleReason, "reason %q: want a match of %s (AIP-193)", reason, reasonRule)
	}
	if len(reason) > wire.MaxReason {
		c.add(ruleReason, "reason %q has %d characters: want at most %d (AIP-193)", reason, len(reason), wire.MaxReason)
	}
	if reason == table.Unrecognized {
		c.add(ruleReason, "reason %q is reserved for codes that the table does not list", reason)
	}
	if first, taken := seen[reason]; taken {
		c.add(ruleReason, "reason %q is already used by %s", reason, first)
		return
	}
	seen[reason] = value.Name()
}

func (c *checker) checkCode(t *table.Table, value protoreflect.EnumValueDescriptor) {
	options, annotated := table.CodeOptions(value)
	switch {
	case !annotated:
		c.add(ruleOptions, "option (codetable.v1.code) is missing")
		return
	case options.GrpcCode == nil:
		c.add(ruleGRPCCode, "grpc_code is missing: the code is sent as UNKNOWN")
	case codes.Code(options.GetGrpcCode()) != table.StatusCode(options.GrpcCode):
		c.add(ruleGRPCCode, "grpc_code %d: want a code of gRPC", options.GetGrpcCode())
	case options.GetGrpcCode() == codetablev1.GrpcCode_GRPC_CODE_OK:
		c.checkSuccess(options)
		return
	case options.GetGrpcCode() == codetablev1.GrpcCode_GRPC_CODE_CANCELLED:
		c.add(ruleGRPCCode, "grpc_code CANCELLED means that the caller cancelled the call, which an upstream can't know")
	}
	if _, known := codetablev1.Fault_name[int32(options.GetFault())]; !known || options.GetFault() == codetablev1.Fault_FAULT_UNSPECIFIED {
		c.add(ruleFault, "fault is missing")
	}
	if options.GetNotes() == "" {
		c.add(ruleNotes, "notes are missing: the message of the status is %q", t.Entry(int32(value.Number())).Message)
	}
	c.checkRetry(t, options)
	c.checkDetail(options.GetDetail())
	c.checkMessages("user_messages", options.GetUserMessages())
	c.checkLanguages(t, options.GetUserMessages())
}

// checkLanguages reports languages in which the code has no sentence of its
// own, although the table has one. Readers of these languages would get the
// neutral sentence.
func (c *checker) checkLanguages(t *table.Table, texts map[string]string) {
	for _, locale := range slices.Sorted(maps.Keys(t.Options.GetDefaultUserMessages())) {
		if _, ok := texts[locale]; !ok && len(texts) > 0 {
			c.add(ruleUserMessages, "user_messages: no sentence for locale %q, which default_user_messages has", locale)
		}
	}
}

func (c *checker) checkSuccess(options *codetablev1.Code) {
	if options.GetFault() != 0 || options.Retry != nil || options.Detail != nil || len(options.GetUserMessages()) > 0 {
		c.add(ruleSuccess, "a success takes no fault, retry, detail or user_messages")
	}
}

func (c *checker) checkDetail(detail *codetablev1.Detail) {
	typ, subject := detail.GetType(), detail.GetSubject()
	_, known := codetablev1.DetailType_name[int32(typ)]
	switch {
	case !known:
		c.add(ruleDetail, "detail type %v is not known", typ)
	case typ == codetablev1.DetailType_DETAIL_TYPE_UNSPECIFIED && subject != "":
		c.add(ruleDetail, "detail with subject %q has no type", subject)
	case typ == codetablev1.DetailType_DETAIL_TYPE_UNSPECIFIED:
	case subject == "":
		c.add(ruleDetail, "detail %v has no subject", typ)
	case !subjectRule.MatchString(subject):
		c.add(ruleDetail, "detail subject %q: want a name that matches %s, never a value", subject, subjectRule)
	}
}

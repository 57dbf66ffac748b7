package system

import (
	"strings"
	"sync"

	"github.com/codetable/grpc-codetable/examples/soak/internal/plan"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// markLength is the length of a mark with the number of the call.
const markLength = len(plan.SecretMark) + 16

// secretIn returns the secret that a text contains, with the number of its call,
// or "".
func secretIn(text string) string { return markIn(text, plan.SecretMark) }

// operatorIn returns what a text contains that must not pass a public boundary.
func operatorIn(text string) string {
	if found := secretIn(text); found != "" {
		return found
	}
	if found := markIn(text, plan.OperatorMark); found != "" {
		return found
	}
	for _, word := range operatorTexts() {
		if strings.Contains(text, word) {
			return word
		}
	}
	return ""
}

func markIn(text, mark string) string {
	at := strings.Index(text, mark)
	if at < 0 {
		return ""
	}
	return text[at:min(len(text), at+markLength)]
}

// operatorTexts returns the reasons and texts of the codes that a public
// boundary masks, without those that other codes share.
var operatorTexts = sync.OnceValue(func() (texts []string) {
	var public strings.Builder
	for _, spec := range plan.Specs() {
		for _, locale := range spec.Locales() {
			text, _ := spec.NeutralMessage(locale)
			public.WriteString(text + "\n")
		}
		if !plan.IsHidden(spec) {
			for _, text := range textsOf(spec) {
				public.WriteString(text + "\n")
			}
		}
	}
	for _, spec := range plan.Specs() {
		if !plan.IsHidden(spec) {
			continue
		}
		for _, text := range textsOf(spec) {
			if text != "" && !strings.Contains(public.String(), text) {
				texts = append(texts, text)
			}
		}
	}
	return append(texts, "UNRECOGNIZED_CODE")
})

// textsOf returns the texts of a code, some of which may be empty.
func textsOf(spec codetable.Spec) (texts []string) {
	texts = append(texts, spec.Reason(), spec.Description(), spec.Notes(), spec.Resolution())
	for _, locale := range spec.Locales() {
		text, _ := spec.UserMessage(locale)
		texts = append(texts, text)
	}
	return texts
}

package tablecheck

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"
	"google.golang.org/grpc/codes"

	"github.com/codetable/grpc-codetable/interceptor/internal/table"
	"github.com/codetable/grpc-codetable/interceptor/internal/wire"
)

var domainRule = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$`)

func (c *checker) checkTable(t *table.Table) {
	if !t.Annotated {
		c.add(ruleOptions, "option (codetable.v1.table) is missing")
		return
	}
	if domain := t.Options.GetDomain(); !domainRule.MatchString(domain) || len(domain) > wire.MaxDomain {
		c.add(ruleDomain, "domain %q: want a lower-case DNS name of at most %d characters", domain, wire.MaxDomain)
	}
	c.checkSharedDomain(t)
	if t.Location == time.Local {
		c.add(ruleTimeZone, "time_zone \"Local\" differs from machine to machine")
	}
	if zone := t.Options.GetTimeZone(); zone != "" && t.Location == nil {
		_, err := time.LoadLocation(zone)
		c.add(ruleTimeZone, "time_zone %q: %v (a program can embed the zones with a blank import of time/tzdata)", zone, err)
	}
	if code := t.Options.UnrecognizedGrpcCode; code != nil && table.FailureCode(code) != codes.Code(*code) {
		c.add(ruleGRPCCode, "unrecognized_grpc_code %v: want a failing gRPC code", *code)
	}
	if help := t.Unlisted.HelpURL(0); help != "" {
		u, err := url.Parse(help)
		if err != nil || u.Scheme != "https" || u.Host == "" || strings.ContainsAny(help, "{}") {
			c.add(ruleHelpURL, "help_url %q: want an absolute https URL, with no placeholder but {reason} and {number}", t.Options.GetHelpUrl())
		}
	}
	c.checkMessages("default_user_messages", t.Options.GetDefaultUserMessages())
	c.checkDefaultLocale(t)
}

// checkDefaultLocale reports a table that has no sentence for some readers.
func (c *checker) checkDefaultLocale(t *table.Table) {
	locale := t.Options.GetDefaultLocale()
	if _, ok := t.Options.GetDefaultUserMessages()[locale]; ok {
		return
	}
	switch {
	case locale != "":
		c.add(ruleUserMessages, "default_locale %q: default_user_messages has no sentence for it", locale)
	case len(t.Options.GetDefaultUserMessages()) > 0 || slices.ContainsFunc(t.Entries, func(e *table.Entry) bool {
		return len(e.Options.GetUserMessages()) > 0
	}):
		c.add(ruleUserMessages, "default_locale is missing: readers of languages that the table lacks get no sentence")
	}
}

// checkSharedDomain reports one other enum, so that many enums with one domain
// do not multiply the faults.
func (c *checker) checkSharedDomain(t *table.Table) {
	for _, other := range c.set.Tables() {
		if other.Domain == t.Domain && other.Desc.FullName() != t.Desc.FullName() {
			c.add(ruleDomain, "domain %q is already used by enum %s", t.Domain, other.Desc.FullName())
			return
		}
	}
}

func (c *checker) checkMessages(field string, texts map[string]string) {
	for _, locale := range slices.Sorted(maps.Keys(texts)) {
		if tag, err := language.Parse(locale); err != nil || tag.IsRoot() {
			c.add(ruleUserMessages, "%s: locale %q: want a BCP 47 language tag", field, locale)
		}
		if strings.TrimSpace(texts[locale]) == "" {
			c.add(ruleUserMessages, "%s: the sentence for locale %q is empty", field, locale)
		}
	}
}

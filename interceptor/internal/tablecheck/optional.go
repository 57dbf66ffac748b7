package tablecheck

import (
	"maps"
	"slices"

	"golang.org/x/text/language"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/codetable/grpc-codetable/interceptor/internal/table"
)

// scope is a file or a message.
type scope interface {
	Enums() protoreflect.EnumDescriptors
	Messages() protoreflect.MessageDescriptors
}

// checkScope checks the enums and the fields in a file or a message.
func (c *checker) checkScope(in scope) {
	for i := range in.Enums().Len() {
		if enum := in.Enums().Get(i); isMeant(enum) {
			t := c.set.For(enum)
			c.checkEnum(t)
			c.checkOpen(enum)
			if t.Annotated {
				c.checkLocales(t)
			}
		}
	}
	for i := range in.Messages().Len() {
		message := in.Messages().Get(i)
		for j := range message.Fields().Len() {
			c.checkPresence(message.Fields().Get(j))
		}
		c.checkScope(message)
	}
}

// isMeant reports whether an enum is meant as a table: it has an option of
// codetable.v1, or one of its values does.
func isMeant(enum protoreflect.EnumDescriptor) bool {
	if table.IsAnnotated(enum) {
		return true
	}
	for i := range enum.Values().Len() {
		if _, annotated := table.CodeOptions(enum.Values().Get(i)); annotated {
			return true
		}
	}
	return false
}

func (c *checker) checkOpen(enum protoreflect.EnumDescriptor) {
	if c.at = enum; enum.IsClosed() {
		c.add(ruleOpenEnum, "is closed: a reader loses numbers that it does not list; declare it in proto3, or as OPEN in an edition")
	}
}

// checkPresence checks a field that is not a list. The value of a map is part of
// an entry, so it is never unset.
func (c *checker) checkPresence(field protoreflect.FieldDescriptor) {
	if field.Kind() != protoreflect.EnumKind || field.IsList() || field.ContainingMessage().IsMapEntry() || field.HasPresence() {
		return
	}
	if c.at = field; table.IsAnnotated(field.Enum()) {
		c.add(rulePresence, "has no presence: an unset field reads as %s; declare it optional, or with EXPLICIT presence in an edition", field.Enum().Values().Get(0).Name())
	}
}

// checkLocales accepts the neutral sentence of the table for a code without one
// of its own.
func (c *checker) checkLocales(t *table.Table) {
	for _, locale := range c.locales {
		if c.at = t.Desc; !hasLocale(slices.Collect(maps.Keys(t.Options.GetDefaultUserMessages())), locale) {
			c.add(ruleLocales, "default_user_messages: no sentence for locale %q, which is required", locale)
		}
		for _, e := range t.Entries {
			locales, _ := e.Messages()
			if e.GRPCCode == codes.OK || hasLocale(locales, locale) {
				continue
			}
			c.at = t.Desc.Values().ByNumber(protoreflect.EnumNumber(e.Number))
			c.add(ruleLocales, "user_messages: no sentence for locale %q, which is required", locale)
		}
	}
}

// hasLocale compares language tags in their canonical form.
func hasLocale(locales []string, want string) bool {
	wanted := language.Make(want)
	return slices.ContainsFunc(locales, func(locale string) bool {
		return locale == want || language.Make(locale) == wanted && !wanted.IsRoot()
	})
}

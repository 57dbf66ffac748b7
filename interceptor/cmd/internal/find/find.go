// Package find finds codes by the names that people have for them.
package find

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/source"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
)

// Code is a code of a table.
type Code struct {
	codetable.Spec
	Enum protoreflect.EnumDescriptor

	names []string // the reason, and the names of the enum values with and without the prefix
}

// ID returns the name of the code among all tables: domain/REASON.
func (c Code) ID() string { return c.Domain() + "/" + c.Reason() }

// Value returns the enum value of the code. If the code has several names, it
// is the first one.
func (c Code) Value() protoreflect.EnumValueDescriptor {
	return c.Enum.Values().ByNumber(protoreflect.EnumNumber(c.Number()))
}

// Codes returns all codes of the tables of a set, table by table, in the order
// of the numbers.
func Codes(set *source.Set) (list []Code) {
	for _, enum := range set.Tables() {
		names := valueNames(enum)
		for spec := range set.Resolver.All(enum) {
			list = append(list, Code{spec, enum, append(names[spec.Number()], spec.Reason())})
		}
	}
	return list
}

func valueNames(enum protoreflect.EnumDescriptor) map[int32][]string {
	names, prefix := map[int32][]string{}, table.ValuePrefix(enum.Name())
	for i := range enum.Values().Len() {
		value := enum.Values().Get(i)
		number, name := int32(value.Number()), string(value.Name())
		names[number] = append(names[number], name)
		if short, ok := strings.CutPrefix(name, prefix); ok {
			names[number] = append(names[number], short)
		}
	}
	return names
}

// query is a name of a code, as it was typed.
type query struct {
	domain string // "" for any table
	name   string // without the domain
	key    string // see keyOf
	number *int32
}

// parse reads DOMAIN/NAME or NAME. A minus sign may be the Unicode one. A name
// may be qualified as in source code: ResponseCode.TOKEN_INVALID.
func parse(text string) (q query) {
	text = plain(text)
	if i := strings.LastIndexByte(text, '/'); i >= 0 {
		q.domain, text = text[:i], text[i+1:]
	}
	if number, err := strconv.ParseInt(text, 10, 32); err == nil {
		q.number = new(int32(number))
	} else {
		text = text[strings.LastIndexAny(text, ".:")+1:]
	}
	q.name, q.key = text, keyOf(text)
	return q
}

// plain writes a minus sign as a hyphen.
func plain(text string) string { return strings.TrimSpace(strings.ReplaceAll(text, "\u2212", "-")) }

// keyOf returns a name without case and separators, so that TokenInvalid,
// token-invalid and TOKEN_INVALID are the same name.
func keyOf(name string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToUpper(r)
	}, name)
}

// Find returns the codes that have a name: a number, a reason, or the name of an
// enum value, with or without the prefix of the enum, in any case, and with or
// without "domain/" before it. It returns several codes if several tables have
// the name, and none if no table has it.
func Find(codes []Code, text string) []Code {
	q := parse(text)
	var exact, loose []Code
	for _, c := range codes {
		if q.domain != "" && !strings.EqualFold(q.domain, c.Domain()) {
			continue
		}
		switch {
		case q.number != nil && *q.number == c.Number(), slices.ContainsFunc(c.names, q.isExactly):
			exact = append(exact, c)
		case q.number == nil && q.key != "" && slices.ContainsFunc(c.names, q.isLike):
			loose = append(loose, c)
		}
	}
	if len(exact) > 0 {
		return exact
	}
	return loose
}

func (q query) isExactly(name string) bool { return strings.EqualFold(q.name, name) }
func (q query) isLike(name string) bool    { return q.key == keyOf(name) }

// One returns the code that has a name. If there is none, or if several tables
// have the name, the error is a *NotFoundError or an *AmbiguousError.
func One(codes []Code, text string) (Code, error) {
	switch found := Find(codes, text); len(found) {
	case 0:
		return Code{}, &NotFoundError{plain(text), Near(codes, text)}
	case 1:
		return found[0], nil
	default:
		return Code{}, &AmbiguousError{plain(text), found}
	}
}

// NotFoundError reports a name that no table has.
type NotFoundError struct {
	Name string
	Near []Code // codes with a similar name or number
}

func (e *NotFoundError) Error() string {
	text := fmt.Sprintf("no table has the code %q", e.Name)
	if len(e.Near) > 0 {
		text += "; near:" + list(e.Near)
	}
	return text
}

// AmbiguousError reports a name that several tables have.
type AmbiguousError struct {
	Name  string
	Codes []Code
}

func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("several tables have the code %q; name one of them:%s", e.Name, list(e.Codes))
}

func list(codes []Code) string {
	var b strings.Builder
	for _, c := range codes {
		fmt.Fprintf(&b, "\n  %d  %s", c.Number(), c.ID())
	}
	return b.String()
}

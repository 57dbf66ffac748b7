package importer

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/codetable/grpc-codetable/interceptor/internal/table"
	"github.com/codetable/grpc-codetable/interceptor/internal/text"
)

const (
	maxReason = 63      // limit of AIP-193 for ErrorInfo.reason
	maxClause = 1 << 10 // bytes of a text that can be a name
)

var (
	// reasonRule is the rule of AIP-193 for ErrorInfo.reason.
	reasonRule     = lazy(`^[A-Z][A-Z0-9_]+[A-Z0-9]$`)
	identifierRule = lazy(`^[A-Za-z][A-Za-z0-9_.-]*$`)
	// clauseRule matches what follows the first clause of a text.
	clauseRule = lazy(`(?s)(.)(?:[;；。（(\n]|\. ).*$`)
)

// fillers are words that a name does not need.
var fillers = map[string]bool{"A": true, "AN": true, "THE": true, "IS": true, "ARE": true, "WAS": true, "WERE": true, "BE": true, "BEEN": true}

// namer proposes names.
type namer struct {
	prefix string // of the values of the enum
	// lower has the words that the source writes in lower case. "appKey" is one
	// word if the source also writes "appkey".
	lower map[string]bool
}

func newNamer(tables []*sheet, prefix string) *namer {
	n := &namer{prefix, map[string]bool{}}
	for _, t := range tables {
		for _, row := range t.rows {
			for _, r := range []role{roleName, roleDescription, roleNotes} {
				for _, word := range strings.FieldsFunc(t.cell(row, r), notWord) {
					if strings.ToLower(word) == word {
						n.lower[word] = true
					}
				}
			}
		}
	}
	return n
}

// name proposes a name: the one that the source states, or the first clause of
// the first text in Latin letters, or the number.
func (n *namer) name(e *entry, c cells) {
	name, exact := n.join(c.of(roleName), nil)
	name = strings.TrimPrefix(name, n.prefix)
	for _, cell := range []string{e.description, e.notes, c.of(messagesPrefix + "en")} {
		clause := clauseRule().ReplaceAllString(text.Cut(cell, maxClause), "$1")
		if name == "" {
			name, exact = n.join(clause, fillers)
		}
		if name == "" {
			name, exact = n.join(clause, nil)
		}
	}
	switch {
	case name == "":
		name = withNumber("CODE", strconv.Itoa(int(e.number)))
		e.todo("name: the source has no name in Latin letters")
	case !exact:
		e.todo("name: it is only a part of the text")
	}
	if !reasonRule().MatchString(name) {
		name = strings.Trim("CODE_"+name, "_")
		name = name[:min(len(name), maxReason)]
	}
	e.name = name
}

// join joins the words of a text with underscores: "TaskNotFound" and
// "task-not-found" are TASK_NOT_FOUND. exact is false if the name lacks a part of
// the text.
func (n *namer) join(text string, leaveOut map[string]bool) (name string, exact bool) {
	text = strings.NewReplacer("'", "", "’", "").Replace(text)
	plain, exact := latin(text)
	for _, word := range strings.FieldsFunc(plain, notWord) {
		split := strings.ToUpper(word)
		if !n.lower[strings.ToLower(word)] {
			split = strings.TrimSuffix(table.ValuePrefix(protoreflect.Name(word)), "_")
		}
		switch {
		case leaveOut[split]:
		case name == "":
			name = split
		case len(name)+1+len(split) > maxReason:
			return name[:min(len(name), maxReason)], false
		default:
			name += "_" + split
		}
	}
	return name[:min(len(name), maxReason)], exact && len(name) <= maxReason
}

// latin removes accents and replaces the letters of other scripts by spaces.
// exact is false if there were any.
func latin(text string) (plain string, exact bool) {
	exact = true
	plain = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case r <= unicode.MaxASCII:
			return r
		case !notWord(r):
			exact = false
		}
		return ' '
	}, norm.NFKD.String(text))
	return plain, exact
}

// names are the names that are taken.
type names struct {
	prefix string            // of the values of the enum
	scope  map[string]bool   // all names of the file
	values map[string]string // why a folded name can't be used again
}

const reserved = "is taken or reserved"

func newNames(prefix string) *names {
	n := &names{prefix: prefix, scope: map[string]bool{}, values: map[string]string{}}
	n.values[n.fold(table.Unrecognized)] = reserved
	return n
}

// fold is the form in which protoc compares the values of an enum: without
// prefix, underscores and case.
func (n *names) fold(value string) string {
	return strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(value, n.prefix), "_", ""))
}

// use records the name of a value.
func (n *names) use(value string, number int32) {
	if n.values[n.fold(value)] == "" {
		n.values[n.fold(value)] = fmt.Sprintf("is also proposed for %d", number)
	}
}

// take gives an entry a name of its own: it adds the number if the name is taken.
func (n *names) take(e *entry) {
	base, number := e.name, strconv.Itoa(int(e.number))
	for try := 0; ; try++ {
		why := n.values[n.fold(n.prefix+e.name)]
		if why == "" && n.scope[n.prefix+e.name] {
			why = reserved
		}
		switch {
		case why == "":
			n.use(n.prefix+e.name, e.number)
			return
		case try == 0:
			e.todo("name: %s %s", base, why)
			e.name = withNumber(base, number)
		default:
			e.name = withNumber(base, number+"_"+strconv.Itoa(try))
		}
	}
}

// withNumber adds a number to a name, which is shortened if needed.
func withNumber(name, number string) string {
	suffix := "_" + strings.Replace(number, "-", "MINUS_", 1)
	name = name[:min(len(name), maxReason-len(suffix))]
	return strings.TrimRight(name, "_") + suffix
}

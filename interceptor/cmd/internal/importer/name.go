package importer

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/codetable/grpc-codetable/interceptor/internal/table"
)

// maxReason is the limit of AIP-193 for ErrorInfo.reason.
const maxReason = 63

var (
	// reasonRule is the rule of AIP-193 for ErrorInfo.reason.
	reasonRule     = lazy(`^[A-Z][A-Z0-9_]+[A-Z0-9]$`)
	identifierRule = lazy(`^[A-Za-z][A-Za-z0-9_.-]*$`)
)

// fillers are words that a name does not need.
var fillers = map[string]bool{"A": true, "AN": true, "THE": true, "IS": true, "ARE": true, "WAS": true, "WERE": true, "BE": true, "BEEN": true}

// namer makes names of texts.
type namer struct {
	// lower has the words that the table writes in lower case. "appKey" is one
	// word if the table also writes "appkey".
	lower map[string]bool
}

func newNamer(texts []string) *namer {
	n := &namer{lower: map[string]bool{}}
	for _, text := range texts {
		for _, word := range strings.FieldsFunc(text, notWord) {
			if strings.ToLower(word) == word {
				n.lower[word] = true
			}
		}
	}
	return n
}

func notWord(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// fromText proposes a name of a description. It uses the text up to the first
// parenthesis or end of a sentence. exact is false if the name lacks a part of
// this text.
func (n *namer) fromText(text string) (name string, exact bool) {
	if i := strings.IndexAny(text, ";；。（(\n"); i > 0 {
		text = text[:i]
	}
	if i := strings.Index(text, ". "); i > 0 {
		text = text[:i]
	}
	if name, exact = n.join(text, fillers); name == "" {
		return n.join(text, nil)
	}
	return name, exact
}

// fromName converts a name that the table states: "TaskNotFound",
// "task-not-found", "ENUM_PREFIX_TASK_NOT_FOUND".
func (n *namer) fromName(text, prefix string) (name string, exact bool) {
	name, exact = n.join(text, nil)
	if rest, ok := strings.CutPrefix(name, prefix); ok && prefix != "" {
		name = rest
	}
	return name, exact
}

// join joins the words of a text with underscores.
func (n *namer) join(text string, leaveOut map[string]bool) (name string, exact bool) {
	text = strings.NewReplacer("'", "", "’", "").Replace(text)
	plain, lost := latin(text)
	exact = !lost
	var words []string
	for _, word := range strings.FieldsFunc(plain, notWord) {
		split := strings.ToUpper(word)
		if !n.lower[strings.ToLower(word)] {
			split = strings.TrimSuffix(table.ValuePrefix(protoreflect.Name(word)), "_")
		}
		if !leaveOut[split] {
			words = append(words, split)
		}
	}
	for len(words) > 1 && len(strings.Join(words, "_")) > maxReason {
		words, exact = words[:len(words)-1], false
	}
	name = strings.Join(words, "_")
	if len(name) > maxReason {
		name, exact = name[:maxReason], false
	}
	return name, exact
}

// latin removes accents and replaces the letters of other scripts by spaces.
func latin(text string) (plain string, lost bool) {
	plain = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case r <= unicode.MaxASCII:
			return r
		case !notWord(r):
			lost = true
		}
		return ' '
	}, norm.NFKD.String(text))
	return plain, lost
}

// names are the names that are taken.
type names struct {
	prefix string          // of the values of the enum
	scope  map[string]bool // all names of the file
	values map[string]bool // folded, of the values of the enum
}

func newNames(prefix string) *names {
	n := &names{prefix: prefix, scope: map[string]bool{}, values: map[string]bool{}}
	n.values[n.fold(table.Unrecognized)] = true
	return n
}

// fold is the form in which protoc compares the values of an enum: without
// prefix, underscores and case.
func (n *names) fold(value string) string {
	return strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(value, n.prefix), "_", ""))
}

// take marks a value of the enum as taken. It returns false if it was taken
// before.
func (n *names) take(value string) bool {
	if n.scope[value] || n.values[n.fold(value)] {
		return false
	}
	n.scope[value], n.values[n.fold(value)] = true, true
	return true
}

// withNumber adds a number to a name, which is shortened if needed.
func withNumber(name, number string) string {
	suffix := "_" + strings.Replace(number, "-", "MINUS_", 1)
	if room := maxReason - len(suffix); len(name) > room {
		name = name[:room]
	}
	return strings.TrimRight(name, "_") + suffix
}

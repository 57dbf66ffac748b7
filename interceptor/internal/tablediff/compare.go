package tablediff

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/codetable/grpc-codetable/interceptor/internal/text"
)

// Change is one difference between two documents.
type Change struct {
	Rule    *Rule
	Subject string // what has changed: "the table", a code or a method
	What    string // how it has changed
	Whom    string // who is affected

	// Old and New are the numbers of the code in the two documents. Both are nil
	// if the change is not about a code. One is nil if its document lacks the
	// code.
	Old, New *int32
	// Method is the full name of the method that the change is about, or "".
	Method string
}

// Class returns the class of the rule.
func (c Change) Class() Class { return c.Rule.Class }

// String returns the change on one line.
func (c Change) String() string {
	verb := "concerns"
	if c.Class() == Breaking {
		verb = "breaks"
	}
	return fmt.Sprintf("%s: %s: %s; %s %s", c.Class(), c.Subject, c.What, verb, c.Whom)
}

// Compare classifies the changes from one document to another, the most severe
// first. It returns no change only for documents with the same content.
func Compare(before, after *Document) []Change {
	d := &differ{before: index(before), after: index(after), moved: map[int32]int32{}}
	d.compareTable()
	d.compareCodes()
	d.compareAliases()
	d.compareMethods()
	if len(d.changes) == 0 && !bytes.Equal(before.Encode(), after.Encode()) {
		d.at = theTable
		d.add(ruleTable, "its document differs in another way", "the author of a manual change")
	}
	slices.SortStableFunc(d.changes, func(a, b Change) int { return cmp.Compare(a.Class(), b.Class()) })
	return d.changes
}

// differ collects changes.
type differ struct {
	before, after indexed
	moved         map[int32]int32 // the new number of a code by its old number
	at            Change          // what is compared
	changes       []Change
}

var theTable = Change{Subject: "the table"}

// add adds a change. Documents may come from outside, so the texts are made safe
// for terminals.
func (d *differ) add(rule *Rule, what, whom string) {
	change := d.at
	change.Rule, change.Subject, change.What, change.Whom = rule, text.OneLine(d.at.Subject), text.OneLine(what), whom
	d.changes = append(d.changes, change)
}

// value adds a change of a single value.
func (d *differ) value(rule *Rule, name, before, after, whom string) {
	if before != after {
		d.add(rule, name+" "+shown(before)+" -> "+shown(after), whom)
	}
}

// sentences adds the changes of sentences by language. It skips changes that
// come from the neutral sentences of the table.
func (d *differ) sentences(name string, before, after, neutralBefore, neutralAfter map[string]string) {
	locales := maps.Clone(before)
	if locales == nil {
		locales = map[string]string{}
	}
	maps.Copy(locales, after)
	for _, locale := range slices.Sorted(maps.Keys(locales)) {
		was, is := before[locale], after[locale]
		if neutral := was == neutralBefore[locale] && is == neutralAfter[locale]; !neutral {
			d.value(ruleSentences, name+" in "+locale, was, is, "end users")
		}
	}
}

func (d *differ) compareTable() {
	d.at = theTable
	b, a := d.before, d.after
	d.value(ruleDomain, "domain", b.Domain, a.Domain, "every deployed client and server: they no longer find each other's codes")
	d.value(ruleTable, "unrecognized_grpc_code", b.UnrecognizedGRPCCode, a.UnrecognizedGRPCCode, "callers that use the status of codes that the table does not list")
	d.value(ruleTable, "time_zone", b.TimeZone, a.TimeZone, "callers that wait for a calendar window")
	d.value(ruleTable, "default_locale", b.DefaultLocale, a.DefaultLocale, "readers of languages that the table lacks")
	d.value(ruleTable, "help_url", b.HelpURL, a.HelpURL, "developers who follow the link")
	d.sentences("neutral sentence", b.DefaultUserMessages, a.DefaultUserMessages, nil, nil)
}

// compareAliases compares the additional names of numbers, which peers may
// send.
func (d *differ) compareAliases() {
	const peers = "peers that send this reason without a number"
	for _, reason := range slices.Sorted(maps.Keys(d.before.Aliases)) {
		was := d.before.Aliases[reason]
		d.at = Change{Subject: fmt.Sprintf("alias %s of %d", reason, was), Old: &was}
		moved := d.movedTo(was)
		if _, ok := d.after.code(moved); ok {
			d.at.New = &moved
		}
		switch is, ok := d.after.number(reason); {
		case !ok:
			d.add(ruleReason, "it is removed", peers)
		case is != moved:
			d.add(ruleReason, fmt.Sprintf("it stands for %d", is), peers)
		}
	}
	for _, reason := range slices.Sorted(maps.Keys(d.after.Aliases)) {
		if is := d.after.Aliases[reason]; !has(d.before.Aliases, reason) {
			d.at = Change{Subject: fmt.Sprintf("alias %s of %d", reason, is), New: &is}
			d.add(ruleAlias, "it is added", peers)
		}
	}
}

func has[V any](m map[string]V, key string) bool {
	_, ok := m[key]
	return ok
}

func (d *differ) movedTo(number int32) int32 {
	if moved, ok := d.moved[number]; ok {
		return moved
	}
	return number
}

// compareMethods compares by number: a changed reason is a change of the code,
// not of the method.
func (d *differ) compareMethods() {
	for _, name := range slices.Sorted(maps.Keys(d.before.Methods)) {
		d.at = theMethod(name)
		if !has(d.after.Methods, name) {
			d.add(ruleMethod, "it no longer declares codes of the table", "callers of the method that rely on the list")
			continue
		}
		was, is := map[int32]bool{}, d.after.numbers(name)
		for number := range d.before.numbers(name) {
			was[d.movedTo(number)] = true
		}
		for _, reason := range d.before.Methods[name] {
			number, _ := d.before.number(reason)
			if _, listed := d.after.code(d.movedTo(number)); listed && !is[d.movedTo(number)] {
				d.add(ruleMethod, "it no longer declares "+reason, "callers of the method that handle the code, and a server that sends it")
			}
		}
		for _, reason := range d.after.Methods[name] {
			if number, _ := d.after.number(reason); !was[number] {
				d.add(ruleDeclared, "it declares "+reason, "callers of the method, which may not handle the code")
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(d.after.Methods)) {
		if !has(d.before.Methods, name) {
			d.at = theMethod(name)
			d.add(ruleDeclared, fmt.Sprintf("it declares codes of the table: %q", d.after.Methods[name]), "callers of the method")
		}
	}
}

func theMethod(name string) Change { return Change{Subject: "method " + name, Method: name} }

// indexed is a document whose codes are found by reason.
type indexed struct {
	*Document
	byReason map[string]int32
}

func index(d *Document) indexed {
	x := indexed{d, make(map[string]int32, len(d.Codes)+len(d.Aliases))}
	maps.Copy(x.byReason, d.Aliases)
	for _, c := range slices.Backward(d.Codes) { // the first code of a reason has it
		x.byReason[c.Reason] = c.Number
	}
	return x
}

// number returns the number of a reason or of an alias.
func (x indexed) number(reason string) (int32, bool) {
	number, ok := x.byReason[reason]
	return number, ok
}

// numbers returns the numbers of the codes that a method declares.
func (x indexed) numbers(method string) map[int32]bool {
	list := map[int32]bool{}
	for _, reason := range x.Methods[method] {
		if number, ok := x.number(reason); ok {
			list[number] = true
		}
	}
	return list
}

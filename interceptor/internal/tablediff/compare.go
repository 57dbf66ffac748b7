package tablediff

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// Class is the severity of a change.
type Class int

// The classes, the most severe first.
const (
	// Breaking changes make deployed programs behave wrongly.
	Breaking Class = iota
	// Behaviour changes affect the advice that callers get, or the codes that
	// they can meet.
	Behaviour
	// Text changes affect texts for people only.
	Text
)

// String returns the name of the class in lower case.
func (c Class) String() string { return [...]string{"breaking", "behaviour", "text"}[c] }

// Change is one difference between two documents.
type Change struct {
	Class   Class
	Subject string // what has changed: "the table", a code or a method
	What    string // how it has changed
	Whom    string // who is affected
}

// String returns the change on one line.
func (c Change) String() string {
	verb := "concerns"
	if c.Class == Breaking {
		verb = "breaks"
	}
	return fmt.Sprintf("%s: %s: %s; %s %s", c.Class, c.Subject, c.What, verb, c.Whom)
}

// Compare classifies the changes from one document to another, the most severe
// first. It returns no change only for documents with the same content.
func Compare(before, after *Document) []Change {
	d := &differ{before: before, after: after, moved: map[int32]int32{}}
	d.compareTable()
	d.compareCodes()
	d.compareAliases()
	d.compareMethods()
	if len(d.changes) == 0 && !bytes.Equal(before.Encode(), after.Encode()) {
		d.subject = "the table"
		d.add(Behaviour, "its document differs in another way", "the author of a manual change")
	}
	slices.SortStableFunc(d.changes, func(a, b Change) int { return cmp.Compare(a.Class, b.Class) })
	return d.changes
}

// differ collects changes.
type differ struct {
	before, after *Document
	moved         map[int32]int32 // the new number of a code by its old number
	subject       string
	changes       []Change
}

func (d *differ) add(class Class, what, whom string) {
	d.changes = append(d.changes, Change{class, d.subject, what, whom})
}

// value adds a change of a single value.
func (d *differ) value(class Class, name, before, after, whom string) {
	if before != after {
		d.add(class, name+" "+shown(before)+" -> "+shown(after), whom)
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
			d.value(Text, name+" in "+locale, was, is, "end users")
		}
	}
}

func (d *differ) compareTable() {
	d.subject = "the table"
	b, a := d.before, d.after
	d.value(Breaking, "domain", b.Domain, a.Domain, "every deployed client and server: they no longer find each other's codes")
	d.value(Behaviour, "unrecognized_grpc_code", b.UnrecognizedGRPCCode, a.UnrecognizedGRPCCode, "callers that use the status of codes that the table does not list")
	d.value(Behaviour, "time_zone", b.TimeZone, a.TimeZone, "callers that wait for a calendar window")
	d.value(Behaviour, "default_locale", b.DefaultLocale, a.DefaultLocale, "readers of languages that the table lacks")
	d.value(Behaviour, "help_url", b.HelpURL, a.HelpURL, "developers who follow the link")
	d.sentences("neutral sentence", b.DefaultUserMessages, a.DefaultUserMessages, nil, nil)
}

// compareAliases compares the additional names of numbers, which peers may
// send.
func (d *differ) compareAliases() {
	const peers = "peers that send this reason without a number"
	for _, reason := range slices.Sorted(maps.Keys(d.before.Aliases)) {
		was := d.before.Aliases[reason]
		d.subject = fmt.Sprintf("alias %s of %d", reason, was)
		switch is, ok := d.after.number(reason); {
		case !ok:
			d.add(Breaking, "it is removed", peers)
		case is != d.movedTo(was):
			d.add(Breaking, fmt.Sprintf("it stands for %d", is), peers)
		}
	}
	for _, reason := range slices.Sorted(maps.Keys(d.after.Aliases)) {
		if !has(d.before.Aliases, reason) {
			d.subject = fmt.Sprintf("alias %s of %d", reason, d.after.Aliases[reason])
			d.add(Behaviour, "it is added", peers)
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
		d.subject = "method " + name
		if !has(d.after.Methods, name) {
			d.add(Breaking, "it no longer declares codes of the table", "callers of the method that rely on the list")
			continue
		}
		was, is := d.before.numbers(name), d.after.numbers(name)
		for _, reason := range d.before.Methods[name] {
			number, _ := d.before.number(reason)
			if _, listed := d.after.code(d.movedTo(number)); listed && !slices.Contains(is, d.movedTo(number)) {
				d.add(Breaking, "it no longer declares "+reason, "callers of the method that handle the code, and a server that sends it")
			}
		}
		for _, reason := range d.after.Methods[name] {
			number, _ := d.after.number(reason)
			if !slices.ContainsFunc(was, func(old int32) bool { return d.movedTo(old) == number }) {
				d.add(Behaviour, "it declares "+reason, "callers of the method, which may not handle the code")
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(d.after.Methods)) {
		if !has(d.before.Methods, name) {
			d.subject = "method " + name
			d.add(Behaviour, fmt.Sprintf("it declares codes of the table: %q", d.after.Methods[name]), "callers of the method")
		}
	}
}

// numbers returns the numbers of the codes that a method declares.
func (d *Document) numbers(method string) (list []int32) {
	for _, reason := range d.Methods[method] {
		if number, ok := d.number(reason); ok {
			list = append(list, number)
		}
	}
	return list
}

package scaffold

import (
	"cmp"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/module"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/codetable/grpc-codetable/interceptor/internal/table"
)

// OptionError reports an invalid option.
type OptionError struct {
	Option string // such as "--module"
	Value  string
	Want   string
}

func (e *OptionError) Error() string { return fmt.Sprintf("%s %q: %s", e.Option, e.Value, e.Want) }

// maxName leaves room for suffixes in a DNS label.
const maxName = 50

var (
	nameRule = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*$`)
	enumRule = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)
	version  = regexp.MustCompile(`^v[0-9]+((alpha|beta|test|p)[0-9a-z]*)?$`)
)

// names is what the templates use.
type names struct {
	Name      string // phone-check
	Module    string // example.com/phone-check
	Package   string // phone_check.v1
	Enum      string // PhoneCheckCode
	Service   string // PhoneCheckService
	Domain    string
	TimeZone  string
	Locale    string       // the default language of the table
	TablePath string       // the import path of the table: phone_check/v1/phone_check_code.proto
	Golden    string       // testdata/phone_check_code.golden.json
	Options   []string     // of the .proto files, such as: go_package = "…"
	Reasons   []string     // of all codes
	Example   *table.Entry // the code that the client asks for by default
}

func newNames(options Options) (*names, error) {
	name := options.Name
	switch {
	case !nameRule.MatchString(name) || len(name) > maxName:
		want := fmt.Sprintf("want lower-case words of letters and digits, joined by hyphens, of at most %d characters, such as phone-check", maxName)
		return nil, &OptionError{"name", name, want}
	case name == "codetable":
		return nil, &OptionError{"name", name, "the package of the options has this name: choose another one"}
	case noImport(name):
		return nil, &OptionError{"name", name, "Go imports no package of another folder from a folder with this name: choose another one"}
	}
	n := &names{
		Name:    name,
		Module:  cmp.Or(options.Module, "example.com/"+name),
		Package: snake(name) + ".v1",
		Enum:    cmp.Or(options.Enum, camel(name)+"Code"),
		Service: camel(name) + "Service",
		Domain:  cmp.Or(options.Domain, name+".example.com"),
		Locale:  "en",
	}
	if err := module.CheckImportPath(n.Module); err != nil || slices.Contains(strings.Split(n.Module, "/"), "vendor") {
		return nil, &OptionError{"--module", n.Module, "want the path of a Go module, such as example.com/" + name}
	}
	return n, n.checkEnum()
}

func (n *names) checkEnum() error {
	switch {
	case !enumRule.MatchString(n.Enum):
		return &OptionError{"--enum", n.Enum, "want letters and digits, beginning with an upper-case letter, such as " + camel(n.Name) + "Code"}
	case strings.HasPrefix(n.Enum, n.Service), n.Enum == "CallRequest", n.Enum == "CallResponse":
		return &OptionError{"--enum", n.Enum, "the code of the service has this name: choose another one"}
	}
	return nil
}

// noImport reports whether the go command gives folders of this name a meaning
// that keeps the server from importing the generated package.
func noImport(folder string) bool { return folder == "internal" || folder == "vendor" }

// ServicePath is the import path of the .proto file of the service.
func (n *names) ServicePath() string { return path.Join(n.folder(), snake(n.Name)+"_service.proto") }

// folder is the path of the package.
func (n *names) folder() string { return strings.ReplaceAll(n.Package, ".", "/") }

// Imports are those of the .proto file of the service, sorted.
func (n *names) Imports() []string {
	return slices.Sorted(slices.Values([]string{"codetable/v1/codetable.proto", n.TablePath}))
}

// GoImport is the import path of the generated Go code.
func (n *names) GoImport() string { return path.Join(n.Module, "gen", n.folder()) }

// GoPackage is the name of the package of the generated Go code: the last
// element of the package and its version.
func (n *names) GoPackage() string {
	elements := strings.Split(n.Package, ".")
	last := elements[len(elements)-1]
	if len(elements) > 1 && version.MatchString(last) {
		last = elements[len(elements)-2] + last
	} else {
		last += "pb"
	}
	return strings.ToLower(strings.ReplaceAll(last, "_", ""))
}

// TestPackage is the name of the module as the name of a Go package.
func (n *names) TestPackage() string { return strings.ReplaceAll(n.Name, "-", "") }

// Prefix is the prefix of the values of the enum.
func (n *names) Prefix() string { return table.ValuePrefix(protoreflect.Name(n.Enum)) }

func snake(name string) string { return strings.ReplaceAll(name, "-", "_") }

func camel(name string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(name, "-") {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}

package scaffold

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
	"github.com/codetable/grpc-codetable/interceptor/internal/tablecheck"
)

// maxProto bounds the size of a .proto file, and so the memory of the compiler,
// which can be a thousand times as large.
const maxProto = 2 << 20

// addTable adds the .proto file of the table, and completes the names with what
// it contains.
func (n *names) addTable(ctx context.Context, files map[string][]byte, options Options) error {
	if options.Proto == "" {
		n.TablePath = path.Join(n.folder(), snake(n.Name)+"_code.proto")
		content, err := n.render("code.proto")
		if err != nil {
			return err
		}
		files[path.Join("proto", n.TablePath)] = content
	} else if err := n.importTable(ctx, files, options); err != nil {
		return err
	}
	n.Golden = path.Join("testdata", strings.TrimSuffix(path.Base(n.TablePath), ".proto")+".golden.json")
	set, err := compile(ctx, files)
	if err != nil {
		return err
	}
	enum, err := findTable(set, n.Package, n.Enum)
	if err != nil {
		return err
	}
	if faults := tablecheck.Enum(set, enum); len(faults) > 0 {
		return n.faulty(faults, options)
	}
	n.Options = fileOptions(enum.ParentFile())
	n.read(set.For(enum))
	return nil
}

// faulty explains why a table can't be used. The only part of the example table
// that can be wrong is its domain.
func (n *names) faulty(faults []*tablecheck.Fault, options Options) error {
	if options.Proto == "" {
		return &OptionError{"--domain", n.Domain, "want a lower-case DNS name, such as " + n.Name + ".example.com"}
	}
	list := []error{fmt.Errorf("%s: the table has faults: run codetable check --proto %s", options.Proto, filepath.Dir(options.Proto))}
	for _, fault := range faults {
		list = append(list, fault)
	}
	return errors.Join(list...)
}

// importTable adds a .proto file of the user. Its package and its table replace
// those of the example.
func (n *names) importTable(ctx context.Context, files map[string][]byte, options Options) error {
	if options.Domain != "" {
		return &OptionError{"--domain", options.Domain, "with --proto the table has its own domain: change it there"}
	}
	raw, err := readProto(options.Proto)
	if err != nil {
		return err
	}
	base := filepath.Base(options.Proto)
	// The package is known only after the first compilation.
	set, err := compile(ctx, map[string][]byte{path.Join("proto", base): raw})
	if err != nil {
		return fmt.Errorf("%s: %w", options.Proto, err)
	}
	file, err := set.Files().FindFileByPath(base)
	if err != nil {
		return err
	}
	n.Package = string(file.Package())
	if n.Package == "" {
		return fmt.Errorf("%s: it has no package", options.Proto)
	}
	if slices.ContainsFunc(strings.Split(n.Package, "."), noImport) {
		return fmt.Errorf("%s: Go can't import the package %s, because internal and vendor are special folders: rename it", options.Proto, n.Package)
	}
	if n.Enum, err = n.chooseTable(file, options); err != nil {
		return err
	}
	n.TablePath = path.Join(n.folder(), base)
	files[path.Join("proto", n.TablePath)], err = withGoPackage(raw, n.GoImport()+";"+n.GoPackage())
	return errors.Join(err, n.checkEnum())
}

func readProto(name string) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, maxProto+1))
	switch {
	case err != nil:
		return nil, err
	case filepath.Ext(name) != ".proto":
		return nil, &OptionError{"--proto", name, "want a file with the extension .proto"}
	case len(raw) > maxProto:
		return nil, fmt.Errorf("%s has more than %d MiB", name, maxProto>>20)
	}
	return raw, nil
}

// chooseTable returns the name of the table that --enum names, or of the only
// one.
func (n *names) chooseTable(file protoreflect.FileDescriptor, options Options) (string, error) {
	var found []string
	for i := range file.Enums().Len() {
		if enum := file.Enums().Get(i); codetable.IsTable(enum) {
			found = append(found, string(enum.Name()))
		}
	}
	switch {
	case len(found) == 0:
		return "", fmt.Errorf("%s: no enum outside of messages has the option (codetable.v1.table)", options.Proto)
	case slices.Contains(found, options.Enum):
		return options.Enum, nil
	case options.Enum != "" || len(found) > 1:
		return "", &OptionError{"--enum", options.Enum, fmt.Sprintf("%s has the tables %s: name one of them", options.Proto, strings.Join(found, ", "))}
	}
	return found[0], nil
}

// read takes from the table what the templates need.
func (n *names) read(t *table.Table) {
	n.Domain = t.Domain
	n.TimeZone = t.Options.GetTimeZone()
	if locale := t.Options.GetDefaultLocale(); locale != "" {
		n.Locale = locale
	}
	n.Example = t.Entries[0]
	for _, entry := range t.Entries {
		if entry.Reason != "UNSPECIFIED" {
			n.Reasons = append(n.Reasons, entry.Reason)
		}
	}
	for _, fault := range []codetablev1.Fault{codetablev1.Fault_FAULT_END_USER, codetablev1.Fault_FAULT_CALLER, codetablev1.Fault_FAULT_UPSTREAM} {
		at := slices.IndexFunc(t.Entries, func(e *table.Entry) bool { return e.Reason != "UNSPECIFIED" && e.Options.GetFault() == fault })
		if at >= 0 {
			n.Example = t.Entries[at]
			return
		}
	}
}

func findTable(set *table.Set, pkg, enum string) (protoreflect.EnumDescriptor, error) {
	found, err := set.Files().FindDescriptorByName(protoreflect.FullName(pkg + "." + enum))
	if err != nil {
		return nil, err
	}
	return found.(protoreflect.EnumDescriptor), nil
}

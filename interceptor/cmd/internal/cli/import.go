package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/artefact"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/importer"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/term"
)

const importLong = `Makes an annotated enum of a published table of response codes, or adds the
codes of a newer edition to the enum that an earlier run made. FILE is a table
in CSV, JSON, Markdown or HTML; - is stdin.

Columns are found by their headings, in several languages:
  code         code, number, error code, status, 错误码, 返回码, ...: the only column
               that is required
  name         name, enum, constant, ...: the name of the value
  description  description, message, 描述, 说明, ...
  notes        notes, remark, reason, 备注, 原因, ...
  grpc_code    grpc code, grpc status: NOT_FOUND, NotFound, ...
  http         status of HTTP: proposes the gRPC code as google.rpc.Code maps it
  fault        CALLER, END_USER, OPERATOR, UPSTREAM
  retry        NEVER, SAME_REQUEST, NEW_INPUT, OPERATOR_ACTION, CONFIRM_OUTCOME
  resolution   resolution, solution, 解决方案, ...
  user_messages.TAG
               "en", "zh-CN", "user message (fr)": sentences for end users
With --columns they are named by number or heading; without a header, name them
by number. In JSON, an array of objects or an object keyed by the code is a table;
names are headings. CSV may be delimited by other characters than commas. If a
document has several tables, those with the same columns as the one with
most codes are imported together.

Codes are decimal or hexadecimal (0x1F). Ranges (400-499), numbers beyond int32,
repeated numbers and rows without a number are skipped. The summary on stderr
names each with its line, and each column and table that is not used.

What the source states is taken as stated. The rest is proposed, and a comment
"TODO(codetable): ..." in the enum names each decision; 'codetable check' lists
them. Proposals fail closed: the fault is OPERATOR, which a public server masks,
the retry advice forbids the retry, and a code is a success only if its text says
nothing else. A table without code 0 gets the value UNSPECIFIED = 0, a failure.

If the file of --out exists, codes that it lacks are added, each after the code
that precedes it in FILE. Nothing else changes, byte for byte. Codes that FILE
lacks and texts that it changed are reported; --update-texts replaces the texts, and
the comment above a value if it is the old text.`

func newImport() *cobra.Command {
	var i importCommand
	cmd := &cobra.Command{
		Use:   "import FILE [--out FILE.proto]",
		Short: "Make an annotated enum of a published table",
		Long:  importLong,
		Example: `codetable import codes.md --domain shop.acme.example --enum ShopCode --out shop_code.proto
codetable import codes.md --out shop_code.proto --check
codetable import codes.csv --columns code=1,description=3,zh-CN=4
curl -s https://shop.acme.example/codes | codetable import - --from html`,
		Annotations: exits{
			"1":   "the source can't be read, has no codes, or can't be merged",
			"100": "with --check: the source and the enum differ",
		},
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("want one FILE with a table, or -")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return i.run(cmd, args[0]) },
	}
	flags := cmd.Flags()
	choiceVar(cmd, flags, &i.format, "format", []string{"text", "json"}, "write the summary as `FORMAT`")
	flags.StringVar(&i.options.Format, "from", "", "read the source as `FORMAT`: csv, json, md, html (default: by the ending of its name)")
	complete(cmd, "from", importer.Formats)
	flags.StringSliceVar(&i.columns, "columns", nil, "name the `COLUMNS` by number from 1 or by heading: code=1,description=2")
	flags.StringVar(&i.delimiter, "delimiter", "", "the `CHARACTER` between the cells of CSV, or tab (default: found)")
	flags.IntVar(&i.options.Table, "table", 0, "import table `N` of the document, from 1")
	flags.StringVar(&i.options.Enum, "enum", "", "call the enum `NAME`, or merge into it (default: ResponseCode, or the table of the file)")
	flags.StringVar(&i.options.Domain, "domain", "", "the `DOMAIN` of the service that defines the codes")
	flags.StringVar(&i.options.Package, "package", "", "the proto `PACKAGE` (default: from the domain)")
	flags.StringVar(&i.options.GoPackage, "go-package", "", "the Go `PACKAGE` (default: a placeholder)")
	flags.StringVar(&i.out, "out", "-", "write the enum to `FILE`, and merge with what it has; - is stdout")
	flags.BoolVar(&i.check, "check", false, "write nothing, and report whether the source and the enum differ")
	flags.BoolVar(&i.options.UpdateTexts, "update-texts", false, "replace descriptions and notes that the source changed")
	return cmd
}

type importCommand struct {
	options   importer.Options
	columns   []string
	delimiter string
	out       string
	format    string
	check     bool
}

// importResult is the JSON of import.
type importResult struct {
	*importer.Summary
	Out     string `json:"out,omitempty"` // the file of --out
	Written bool   `json:"written"`
	Differs bool   `json:"differs"`
	Proto   string `json:"proto,omitempty"` // without --out
}

func (i *importCommand) run(cmd *cobra.Command, name string) error {
	if err := i.setOptions(name); err != nil {
		return usageError{err}
	}
	source, err := readSource(name, cmd.InOrStdin())
	if err != nil {
		return err
	}
	var existing []byte
	if i.out != "-" {
		existing, err = readSource(i.out, nil)
		if err != nil && (i.check || !errors.Is(err, fs.ErrNotExist)) {
			return err
		}
	}
	file, summary, err := importer.Import(i.options, source, existing)
	if err != nil {
		return err
	}
	result := importResult{Summary: summary, Differs: summary.Differs()}
	switch {
	case i.out == "-":
		result.Proto = file
	case i.check || file == string(existing):
		result.Out = i.out
	default:
		result.Out, result.Written = i.out, true
		if err := writeProto(i.out, file); err != nil {
			return err
		}
	}
	if err := i.print(cmd, result, len(existing) > 0); err != nil {
		return err
	}
	if i.check && result.Differs {
		return errFindings
	}
	return nil
}

func (i *importCommand) setOptions(name string) (err error) {
	i.options.Name = filepath.Base(name)
	if i.options.Columns, err = importer.ParseColumns(i.columns); err != nil {
		return fmt.Errorf("--columns: %w", err)
	}
	if i.out != "-" && filepath.Ext(i.out) != ".proto" {
		return fmt.Errorf("--out %s: want a file whose name ends in .proto, or -", i.out)
	}
	if i.check && i.out == "-" {
		return errors.New("--check compares with a file: name it with --out")
	}
	if i.options.Format == "" {
		if name == "-" {
			return errors.New("name the format of stdin with --from csv, json, md or html")
		}
		if i.options.Format, err = importer.FormatOf(name); err != nil {
			return err
		}
	}
	if i.delimiter != "" {
		delimiter := []rune(strings.Replace(i.delimiter, "tab", "\t", 1))
		if len(delimiter) != 1 {
			return fmt.Errorf("--delimiter %q: want one character, or tab", i.delimiter)
		}
		i.options.Delimiter = delimiter[0]
	}
	return i.options.Validate()
}

func readSource(name string, stdin io.Reader) ([]byte, error) {
	in := stdin
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		in = file
	}
	return io.ReadAll(io.LimitReader(in, importer.MaxFile+1)) // package importer reports a byte too many
}

// writeProto writes a file, or the one that a link names. It makes the folder if
// needed.
func writeProto(name, content string) error {
	if target, err := filepath.EvalSymlinks(name); err == nil {
		name = target
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil { //nolint:gosec // a source file is for everybody
		return err
	}
	return artefact.Replace(name, []byte(content))
}

func (i *importCommand) print(cmd *cobra.Command, result importResult, merged bool) error {
	if i.format == "json" {
		return writeJSON(cmd.OutOrStdout(), result)
	}
	if _, err := fmt.Fprint(cmd.OutOrStdout(), result.Proto); err != nil {
		return err
	}
	text := result.Text(merged)
	switch {
	case result.Written:
		text += "wrote " + result.Out + "\n"
	case result.Out != "":
		text += result.Out + " was not changed\n"
	}
	_, err := fmt.Fprint(cmd.ErrOrStderr(), term.SafeLines(text))
	return err
}

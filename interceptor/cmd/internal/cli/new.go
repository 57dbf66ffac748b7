package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/scaffold"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/term"
)

const aboutNew = `Makes the directory of a Go module with a table of response codes: the .proto
files of the table and of a service that answers with its codes, the files that
buf and protoc need, a test of the table, a server and a client.

Without --proto the table is an example with three codes, to be edited. With
--proto it is the table in FILE, such as one that codetable import wrote. Its
package and its domain are kept, and its go_package is set to the new module.

The Go code of the .proto files is generated in the new directory: run make
there, which uses buf or protoc. No file is overwritten, and nothing is written
if one of them exists.`

// summary is the JSON of the command.
type summary struct {
	Dir string `json:"dir"`
	*scaffold.Project
	Next []string `json:"next"` // shell commands
}

func newNew() *cobra.Command {
	var options scaffold.Options
	var dir, format string
	cmd := &cobra.Command{
		Use:   "new NAME",
		Short: "Make a module with a table, a server and a client",
		Long:  aboutNew,
		Example: `codetable new phone-check
codetable new shop --module github.com/acme/shop --domain shop.acme.com
codetable new shop --proto shop_code.proto`,
		Annotations:       exits{"1": "nothing was written: a file exists, or the table of --proto has faults"},
		ValidArgsFunction: cobra.NoFileCompletions,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("want one NAME, such as phone-check")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			options.Name = args[0]
			return runNew(cmd, options, cmp.Or(dir, args[0]), format)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&dir, "dir", "", "write to the directory `DIR` (default NAME)")
	flags.StringVar(&options.Module, "module", "", "name the Go module `PATH` (default example.com/NAME)")
	flags.StringVar(&options.Domain, "domain", "", "name the service that defines the codes `DOMAIN` (default NAME.example.com)")
	flags.StringVar(&options.Enum, "enum", "", "name the enum `ENUM` (default NAME in camel case, with Code), or choose this table of --proto")
	flags.StringVar(&options.Proto, "proto", "", "use the table in `FILE` instead of an example")
	flags.StringVar(&options.Version, "library", "", "require this `VERSION` of "+scaffold.Library+" (default that of this command)")
	flags.StringVar(&options.Replace, "replace", "", "use the clone of "+scaffold.Library+" in `DIR`")
	choiceVar(cmd, flags, &format, "format", []string{"text", "json"}, "write the summary as `FORMAT`")
	return cmd
}

func runNew(cmd *cobra.Command, options scaffold.Options, dir, format string) error {
	project, err := scaffold.New(cmd.Context(), options)
	if invalid := (*scaffold.OptionError)(nil); errors.As(err, &invalid) {
		return usageError{err}
	} else if err != nil {
		return err
	}
	if err := project.Write(dir); err != nil {
		return err
	}
	s := summary{dir, project, []string{"cd " + quoteShell(dir), "make", "go run ./server", "go run ./client"}}
	if project.Version == "" {
		s.Next = slices.Insert(s.Next, 1, "go mod edit -replace "+scaffold.Library+"=DIR")
	}
	if format == "json" {
		return writeJSON(cmd.OutOrStdout(), s)
	}
	s.print(cmd.OutOrStdout())
	return nil
}

func (s summary) print(w io.Writer) {
	fmt.Fprintf(w, "%s: the module %s with the table %s of %s\n", term.Safe(filepath.ToSlash(s.Dir)), s.Module, s.Enum, s.Domain)
	for _, file := range s.Files {
		fmt.Fprintln(w, " ", file.Path)
	}
	fmt.Fprintln(w, "next:")
	for _, command := range s.Next {
		fmt.Fprintln(w, " ", term.Safe(command))
	}
	if s.Version == "" {
		fmt.Fprintf(w, "This codetable was built from a clone of %s: DIR is its directory.\n", scaffold.Library)
	}
}

var plainWord = regexp.MustCompile(`^[\w./-]+$`)

// quoteShell quotes a word for a POSIX shell.
func quoteShell(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

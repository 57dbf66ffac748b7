package cli

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/diff"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/source"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/term"
	"github.com/codetable/grpc-codetable/interceptor/internal/tablediff"
)

const diffLong = `Compares two versions of tables, and says of each change whom it affects:

breaking   deployed programs behave wrongly: a removed or renumbered code, a
           changed reason, domain or gRPC code, a code of the operator that
           becomes public, a retry that becomes SAME_REQUEST, a code that a
           method no longer declares
behaviour  callers get other advice, or meet a code that they do not know
text       only texts for people change

A table is matched by the name of its enum, or else by its domain. A removed
table is breaking. 'buf breaking' compares no options, so it reports only
removed and renumbered codes; the plugin buf-plugin-codetable adds the rest.

OLD and NEW are each one of:

DIR                       all .proto files under a folder
FILE                      a buf image or a FileDescriptorSet; - is stdin
git#ref=REF               a branch, tag or commit of the git repository here
git#ref=REF,subdir=DIR    a folder in it; paths of imports begin there
PATH/.git#ref=REF[,...]   the same of another repository

Nothing is fetched from the network.`

const diffExample = `codetable diff git#ref=main,subdir=proto proto
codetable diff git#ref=v1.0.0 git#ref=v1.1.0 --format json
buf build -o - | codetable diff released.binpb -`

func newDiff() *cobra.Command {
	var format string
	var imports []string
	cmd := &cobra.Command{
		Use:     "diff OLD NEW",
		Short:   "Say of each change of the tables whom it breaks",
		Long:    diffLong,
		Example: diffExample,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return fmt.Errorf("want two versions, OLD and NEW, and not %d", len(args))
			}
			if args[0] == "-" && args[1] == "-" {
				return errors.New("only one version can be stdin")
			}
			return nil
		},
		Annotations: exits{
			"1":   "a version can't be read",
			"100": "there are breaking changes",
		},
		RunE: func(cmd *cobra.Command, args []string) error { return compare(cmd, args[0], args[1], imports, format) },
	}
	choiceVar(cmd, cmd.Flags(), &format, "format", []string{"text", "json"}, "write the result as `FORMAT`")
	cmd.Flags().StringArrayVar(&imports, "proto-path", nil, "look for imports of .proto files in `DIR` too; may be repeated")
	completeFunc(cmd, "proto-path", offerFolders)
	return cmd
}

func compare(cmd *cobra.Command, older, newer string, imports []string, format string) error {
	before, err := source.Open(cmd.Context(), older, cmd.InOrStdin(), imports...)
	if err != nil {
		return err
	}
	after, err := source.Open(cmd.Context(), newer, cmd.InOrStdin(), imports...)
	if err != nil {
		return err
	}
	if len(before.Tables()) == 0 && len(after.Tables()) == 0 {
		return fmt.Errorf("neither %s nor %s has an enum with the option (codetable.v1.table)", older, newer)
	}
	changes, err := diff.Compare(versionOf(before), versionOf(after))
	if err != nil {
		return err
	}
	report := newDiffJSON(changes, before, after)
	if format == "json" {
		err = writeJSON(cmd.OutOrStdout(), report)
	} else {
		writeChanges(cmd.OutOrStdout(), styleOf(cmd), changes)
	}
	if err == nil && report.Breaking > 0 {
		err = errFindings
	}
	return err
}

func versionOf(set *source.Set) diff.Version { return diff.Version{Files: set.Files, Own: set.Own} }

func writeChanges(w io.Writer, style term.Style, changes []diff.Change) {
	for _, c := range changes {
		class := c.Class().String()
		switch c.Class() {
		case tablediff.Breaking:
			class = style.Red(class)
		case tablediff.Behaviour:
			class = style.Yellow(class)
		case tablediff.Text:
			class = style.Dim(class)
		}
		fmt.Fprintf(w, "%s: %s\n", class, c.Text())
	}
}

// diffJSON is the output of diff --format json, which docs/codetable.md
// describes.
type diffJSON struct {
	Breaking  int          `json:"breaking"`
	Behaviour int          `json:"behaviour"`
	Text      int          `json:"text"`
	Changes   []changeJSON `json:"changes"`
}

type changeJSON struct {
	Class   string     `json:"class"`
	Rule    string     `json:"rule"`
	Table   string     `json:"table"`
	Subject string     `json:"subject"`
	What    string     `json:"what"`
	Whom    string     `json:"whom"`
	Old     *placeJSON `json:"old,omitempty"`
	New     *placeJSON `json:"new,omitempty"`
}

type placeJSON struct {
	Path   string `json:"path"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
}

func newDiffJSON(changes []diff.Change, before, after *source.Set) diffJSON {
	list := diffJSON{Changes: []changeJSON{}}
	for _, c := range changes {
		switch c.Class() {
		case tablediff.Breaking:
			list.Breaking++
		case tablediff.Behaviour:
			list.Behaviour++
		case tablediff.Text:
			list.Text++
		}
		list.Changes = append(list.Changes, changeJSON{
			Class: c.Class().String(), Rule: c.Rule.ID, Table: string(c.Table.FullName()),
			Subject: c.Subject, What: c.What, Whom: c.Whom,
			Old: placeOf(before, c.Before), New: placeOf(after, c.After),
		})
	}
	return list
}

func placeOf(set *source.Set, at protoreflect.Descriptor) *placeJSON {
	if at == nil {
		return nil
	}
	location := at.ParentFile().SourceLocations().ByDescriptor(at)
	return &placeJSON{set.PathOf(at.ParentFile()), location.StartLine + 1, location.StartColumn + 1}
}

package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/artefact"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/catalogue"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/term"
)

// generator makes one artefact.
type generator struct {
	name, short, long, example string

	pattern, mark string // of the files, see artefact.Folder
	flags         func(*pflag.FlagSet)
	required      []string // flags without which there is no artefact
	files         func(c *catalogue.Catalogue, lang string) ([]artefact.File, error)
	translated    bool // whether the files depend on lang
}

func newGen() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "gen",
		Short: "Generate documents, configurations and alerts from the tables",
		Long: `Writes files that follow from the tables and methods alone, so that they never
contradict them. Each kind of file is a command with its own help.

The output depends only on the tables and the flags: two runs write the same
bytes. A file is replaced as a whole. A file that this command did not generate
is neither replaced nor removed. A file of a table that is gone is removed, so
use a folder of its own for each source of tables.

With --check nothing is written: the command lists each file that is missing,
different or left over, and the command that refreshes them.`,
		Example: `codetable gen markdown --proto proto --out docs/codes
codetable gen markdown --proto proto --out docs/codes --check`,
		Annotations: genExits,
	}
	for _, g := range generators() {
		cmd.AddCommand(newGenerator(g))
	}
	return cmd
}

var genExits = exits{
	"1":   "the tables can't be read, or a file can't be written",
	"100": "with --check: files are stale",
}

// generators returns new generators, because each holds the values of its flags.
func generators() []generator {
	return []generator{
		genMarkdown(), genJSON(), genHTML(), genOpenAPI(), genServiceConfig(), genPrometheus(), genGrafana(), genRunbook(),
	}
}

func newGenerator(g generator) *cobra.Command {
	var c common
	var dir string
	var check bool
	cmd := &cobra.Command{
		Use:     g.name + " --out DIR [--check]",
		Short:   g.short,
		Long:    g.long,
		Example: g.example,
		Args:    noArgs,

		Annotations: genExits,
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, flag := range append([]string{"out"}, g.required...) {
				if cmd.Flag(flag).Value.String() == "" {
					return usagef("--%s is required", flag)
				}
			}
			files, err := c.generate(cmd, g)
			if err != nil {
				return err
			}
			folder := artefact.Folder{Dir: dir, Pattern: g.pattern, Mark: g.mark}
			if check {
				list, err := folder.Compare(files)
				return c.report(cmd, g.name, list, true, err)
			}
			list, err := folder.Update(files)
			return c.report(cmd, g.name, list, false, err)
		},
	}
	c.register(cmd)
	if !g.translated {
		hideLang(cmd)
	}
	cmd.Flags().StringVar(&dir, "out", "", "write to the folder `DIR`, which is made if needed")
	cmd.Flags().BoolVar(&check, "check", false, "write nothing, and report stale files")
	if g.flags != nil {
		g.flags(cmd.Flags())
	}
	_ = cmd.MarkFlagDirname("out") // the flag exists
	if cmd.Flag("repeatable") != nil {
		completeFunc(cmd, "repeatable", c.offerMethods)
	}
	return cmd
}

func (c *common) generate(cmd *cobra.Command, g generator) ([]artefact.File, error) {
	set, err := c.load(cmd)
	if err != nil {
		return nil, err
	}
	tables, err := catalogue.New(set)
	if err != nil {
		return nil, err
	}
	files, err := g.files(tables, c.lang)
	if argument := (catalogue.ArgumentError{}); errors.As(err, &argument) {
		return nil, usageError{err}
	}
	return files, err
}

// generation is the JSON of gen.
type generation struct {
	Artefact string            `json:"artefact"`
	Files    []artefact.Status `json:"files"`
	Stale    bool              `json:"stale"`             // with --check
	Refresh  string            `json:"refresh,omitempty"` // the command to run
}

// report says what was written or is stale.
func (c *common) report(cmd *cobra.Command, name string, list []artefact.Status, check bool, err error) error {
	if err != nil {
		return err
	}
	result := generation{Artefact: name, Files: list, Stale: check && slices.ContainsFunc(list, artefact.Status.Stale)}
	if result.Stale {
		result.Refresh = refresh(cmd)
	}
	if c.format == "json" {
		err = writeJSON(cmd.OutOrStdout(), result)
	} else {
		err = result.print(cmd, check)
	}
	if err == nil && result.Stale {
		return errFindings
	}
	return err
}

func (g generation) print(cmd *cobra.Command, check bool) error {
	var b strings.Builder
	for _, status := range g.Files {
		switch {
		case !status.Stale():
		case check:
			fmt.Fprintf(&b, "%s: %s\n", term.Safe(status.Path), status.State)
		case status.State == artefact.LeftOver:
			fmt.Fprintf(&b, "removed %s\n", term.Safe(status.Path))
		default:
			fmt.Fprintf(&b, "wrote %s\n", term.Safe(status.Path))
		}
	}
	if g.Refresh != "" {
		fmt.Fprintf(&b, "Run this to refresh: %s\n", g.Refresh)
	}
	_, err := fmt.Fprint(cmd.OutOrStdout(), b.String())
	return err
}

// refresh returns the command line without --check and --format.
func refresh(cmd *cobra.Command) string {
	line := cmd.CommandPath()
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		values := []string{flag.Value.String()}
		if list, ok := flag.Value.(pflag.SliceValue); ok {
			values = list.GetSlice()
		}
		for _, value := range values {
			switch {
			case flag.Name == "check", flag.Name == "format", flag.Name == "color":
			case flag.Value.Type() == "bool":
				line += fmt.Sprintf(" --%s=%s", flag.Name, value)
			default:
				line += fmt.Sprintf(" --%s %s", flag.Name, shellQuote(value))
			}
		}
	})
	return line
}

// shellQuote quotes an argument where a shell would change it.
func shellQuote(s string) string {
	safe := func(r rune) bool {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("-_./:=,@%+", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !safe(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

package cli

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/source"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/term"
)

// exits names what the exit statuses of a command mean, beside 0 and 2, which
// all commands have. It is the value of cobra.Command.Annotations.
type exits = map[string]string

// writeHelp writes the help of a command in the sections of a manual page. Long
// is the description, and Example has one example a line.
func writeHelp(cmd *cobra.Command) {
	page := manual{cmd.OutOrStdout(), styleOf(cmd)}
	page.section("Name", cmd.CommandPath()+" - "+lowerFirst(cmd.Short))
	if cmd.IsAdditionalHelpTopicCommand() {
		page.section("Description", cmd.Long)
		return
	}
	page.section("Synopsis", strings.Join(synopsis(cmd), "\n"))
	page.section("Description", cmd.Long)
	page.section("Commands", commandList(cmd, (*cobra.Command).IsAvailableCommand))
	own, tables := splitFlags(cmd.NonInheritedFlags())
	page.section("Options", own.FlagUsagesWrapped(helpWidth))
	if tables.HasFlags() {
		page.section("Tables", tables.FlagUsagesWrapped(helpWidth)+helpLinked)
	}
	page.section("Options of all commands", cmd.InheritedFlags().FlagUsagesWrapped(helpWidth))
	if cmd.HasParent() {
		page.section("Exit status", exitStatuses(cmd))
	}
	page.section("Examples", cmd.Example)
	if !cmd.HasParent() {
		page.section("Topics", commandList(cmd, (*cobra.Command).IsAdditionalHelpTopicCommand))
		page.section("", "Run 'codetable help COMMAND' or 'codetable help TOPIC' for more.")
	}
}

// helpWidth is the width of the help without its indent.
const helpWidth = 92

type manual struct {
	io.Writer
	term.Style
}

func (m manual) section(title, text string) {
	if text == "" {
		return
	}
	if title != "" {
		fmt.Fprintln(m, m.Bold(strings.ToUpper(title)))
	}
	for line := range strings.Lines(strings.TrimRight(text, "\n") + "\n") {
		if line != "\n" {
			line = "    " + line
		}
		fmt.Fprint(m, line)
	}
	fmt.Fprintln(m)
}

// splitFlags separates the flags that select tables.
func splitFlags(flags *pflag.FlagSet) (own, tables *pflag.FlagSet) {
	own, tables = pflag.NewFlagSet("", pflag.ContinueOnError), pflag.NewFlagSet("", pflag.ContinueOnError)
	all := pflag.NewFlagSet("", pflag.ContinueOnError)
	new(source.Flags).Register(all)
	flags.VisitAll(func(flag *pflag.Flag) {
		if selects := all.Lookup(flag.Name); selects != nil && selects.Usage == flag.Usage {
			tables.AddFlag(flag)
		} else {
			own.AddFlag(flag)
		}
	})
	return own, tables
}

func lowerFirst(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToLower(s[:1]) + s[1:]
}

func synopsis(cmd *cobra.Command) (lines []string) {
	if cmd.HasAvailableSubCommands() {
		return []string{cmd.CommandPath() + " COMMAND [FLAG...] [ARGUMENT...]"}
	}
	return []string{strings.Replace(cmd.UseLine(), " [flags]", " [FLAG...]", 1)}
}

func commandList(cmd *cobra.Command, include func(*cobra.Command) bool) string {
	var b strings.Builder
	longest := 0
	for _, sub := range cmd.Commands() {
		longest = max(longest, len(sub.Name()))
	}
	for _, sub := range cmd.Commands() {
		if include(sub) {
			fmt.Fprintf(&b, "%-*s  %s\n", longest, sub.Name(), lowerFirst(sub.Short))
		}
	}
	return b.String()
}

func exitStatuses(cmd *cobra.Command) string {
	meaning := map[string]string{"0": "the command did what it was asked to", "2": "wrong use of the command"}
	maps.Copy(meaning, cmd.Annotations)
	var b strings.Builder
	for _, status := range slices.SortedFunc(maps.Keys(meaning), byNumber) {
		fmt.Fprintf(&b, "%3s  %s\n", status, meaning[status])
	}
	return b.String()
}

func byNumber(a, b string) int {
	x, _ := strconv.Atoi(a)
	y, _ := strconv.Atoi(b)
	return cmp.Compare(x, y)
}

func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND|TOPIC]",
		Short: "Show the help of a command or of a topic",
		Long:  "Shows the help of a command or of a topic. 'codetable --help' lists both.",
		Example: `codetable help explain
codetable help exit-status`,
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) (list []cobra.Completion, _ cobra.ShellCompDirective) {
			of, rest, err := cmd.Root().Find(args)
			if err == nil && len(rest) == 0 {
				for _, sub := range of.Commands() {
					list = append(list, cobra.CompletionWithDesc(sub.Name(), sub.Short))
				}
			}
			return list, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			of, rest, err := cmd.Root().Find(args)
			if err != nil {
				return usageError{err}
			}
			if len(rest) > 0 {
				return unknown(of, rest[0])
			}
			of.InitDefaultHelpFlag()
			of.InitDefaultVersionFlag()
			return of.Help()
		},
	}
}

// topics returns the help topics: commands that can't be run.
func topics() []*cobra.Command {
	return []*cobra.Command{
		{
			Use:   "tables",
			Short: "Where the commands read tables from",
			Long:  helpTables,
		},
		{
			Use:   "codes",
			Short: "How codes are named on the command line",
			Long:  helpCodes,
		},
		{
			Use:   "exit-status",
			Short: "The exit statuses of the commands",
			Long: `  0  the command did what it was asked to
  1  a code was not found, or an input can't be read or decoded
  2  wrong use: an unknown command or flag, a missing argument, a bad value
100  there are findings: faults of a table, breaking changes, stale files
130  interrupted

Results are written to stdout. Errors and hints are written to stderr.`,
		},
	}
}

const helpLinked = `
Without one of --proto, --image and --reflect: the tables that the program links,
those of JiGuang JVerification. See 'codetable help tables'.
`

const helpTables = `A command that reads tables takes them from one place:

(no flag)            the tables that the program links: those of JiGuang
                     JVerification and of the gateway in the examples
--proto DIR          all .proto files under DIR. The program compiles them
                     itself, so that neither buf nor protoc is needed. If DIR
                     has a buf.yaml or a buf.work.yaml, its modules are meant.
                     Imports in another folder need --proto-path DIR
--image FILE         a buf image ('buf build -o FILE') or a FileDescriptorSet
                     ('protoc --include_imports -o FILE'): binary or JSON,
                     compressed with gzip or not; - is stdin
--reflect HOST:PORT  a running server with gRPC reflection (v1 or v1alpha)

A table is an enum with the option (codetable.v1.table). The files of
codetable.v1 and google.protobuf are built into the program: they may be
missing in DIR and in FILE.

At most 64 MiB of descriptors, 16 MiB of .proto files and 10,000 files are read.
A server has 15 seconds and 2,000 services.`

const helpCodes = `These are all names of the same code:

9003                                  the number
TOKEN_EXPIRED_OR_NOT_EXIST            the reason, in upper or lower case
RESPONSE_CODE_TOKEN_EXPIRED_OR_...    the name of the enum value
jverification.jiguang.cn/9003         the domain of the table and the number
jverification.jiguang.cn/TOKEN_...    the domain of the table and the reason

A number can be negative: -32001. If several tables have the code, use the form
with the domain.`

package cli

import (
	"fmt"
	"runtime/debug"
	"strings"
	_ "time/tzdata" // calendar windows need no time zones of the system

	"github.com/spf13/cobra"
)

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "codetable",
		Short: "Show, explain, decode, check and compare tables of response codes",
		Long: `A table of response codes is a protobuf enum with the options of codetable.v1.
The commands read tables from the program itself, from .proto files, from an
image or from a running server: see 'codetable help tables'.`,
		Example: `codetable explain 9003
codetable list --fault operator
codetable list --proto ./proto --format json`,
		Version:                    version(),
		SuggestionsMinimumDistance: 2,
		SilenceErrors:              true,
		SilenceUsage:               true,
		CompletionOptions:          cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	root.SetVersionTemplate("codetable {{.Version}}\n")
	root.SetHelpCommand(newHelp())
	root.SetFlagErrorFunc(flagError)
	choiceVar(root, root.PersistentFlags(), new(string), "color", []string{"auto", "always", "never"}, "use colour `WHEN`")
	root.AddCommand(
		newExplain(),
		newList(),
		newCheck(),
		newDecode(),
		newDiff(),
		newGen(),
		newImport(),
		newNew(),
		newCompletion(),
	)
	root.AddCommand(topics()...)
	root.InitDefaultHelpCmd()
	return root
}

// version returns the version of the module, which names the revision too, and
// the version of Go.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "(unknown)"
	}
	return info.Main.Version + " " + info.GoVersion
}

func eachCommand(cmd *cobra.Command, yield func(*cobra.Command)) {
	yield(cmd)
	for _, sub := range cmd.Commands() {
		eachCommand(sub, yield)
	}
}

// invocation is what happened while the arguments were read.
type invocation struct {
	started bool  // the function of a command ran; earlier errors are wrong use
	help    error // the command that needs help is unknown
}

func (i *invocation) watch(root *cobra.Command) {
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) {
		if args := cmd.Flags().Args(); len(args) > 0 && cmd.HasSubCommands() {
			i.help = unknown(cmd, args[0])
			return
		}
		writeHelp(cmd)
	})
	eachCommand(root, func(cmd *cobra.Command) {
		if run := cmd.RunE; run != nil {
			cmd.RunE = func(cmd *cobra.Command, args []string) error {
				i.started = true
				return run(cmd, args)
			}
		} else if cmd.HasSubCommands() {
			cmd.Args, cmd.RunE = cobra.ArbitraryArgs, missingCommand
		}
	})
}

func missingCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usagef("a command is missing: want one of %s", strings.Join(subcommands(cmd), ", "))
	}
	return unknown(cmd, args[0])
}

func unknown(cmd *cobra.Command, name string) error {
	if !cmd.HasSubCommands() {
		return usagef("%s has no subcommand %q", cmd.CommandPath(), name)
	}
	hint := "want one of " + strings.Join(subcommands(cmd), ", ")
	if near := cmd.SuggestionsFor(name); len(near) > 0 {
		hint = "did you mean " + strings.Join(near, " or ") + "?"
	}
	return usagef("unknown command %q: %s", name, hint)
}

// noArgs is for commands without arguments.
func noArgs(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return nil
	case cmd.Flag("reflect") != nil:
		return fmt.Errorf("unexpected argument %q: tables are named by --proto, --image or --reflect", args[0])
	default:
		return fmt.Errorf("unexpected argument %q", args[0])
	}
}

// flagError reports an unknown command before the flags that it would have.
func flagError(cmd *cobra.Command, err error) error {
	if args := cmd.Flags().Args(); cmd.HasSubCommands() && len(args) > 0 {
		return unknown(cmd, args[0])
	}
	return err
}

func subcommands(cmd *cobra.Command) (names []string) {
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	return names
}

func newCompletion() *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Write a script that completes commands, flags and codes",
		Long: `Writes the completion script for a shell: bash, zsh, fish or powershell. With
the script the shell completes commands, flags and their values, and the codes,
methods and languages of the tables that the flags on the line select.`,
		Example: `source <(codetable completion bash)
codetable completion zsh > "${fpath[1]}/_codetable"
codetable completion fish > ~/.config/fish/completions/codetable.fish
codetable completion powershell | Out-String | Invoke-Expression`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("want one shell: %s", strings.Join(shells, ", "))
			}
			return nil
		},
		ValidArgs: shells,
		RunE: func(cmd *cobra.Command, args []string) error {
			root, out := cmd.Root(), cmd.OutOrStdout()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(out, true)
			case "zsh":
				return root.GenZshCompletion(out)
			case "fish":
				return root.GenFishCompletion(out, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(out)
			default:
				return usagef("unknown shell %q: want one of %s", args[0], strings.Join(shells, ", "))
			}
		},
	}
}

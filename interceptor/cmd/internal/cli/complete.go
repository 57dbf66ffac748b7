package cli

import (
	"github.com/spf13/cobra"
)

// complete sets the values that the shell offers for a flag.
func complete(cmd *cobra.Command, flag string, values []string) {
	completeFunc(cmd, flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
}

func completeFunc(cmd *cobra.Command, flag string, offer cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(flag, offer); err != nil {
		panic(err) // the flag was registered by this package
	}
}

// completions completes the flags that select tables.
func (c *common) completions(cmd *cobra.Command) {
	completeFunc(cmd, "proto", func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveFilterDirs
	})
	completeFunc(cmd, "image", func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveDefault
	})
	complete(cmd, "reflect", nil)
}

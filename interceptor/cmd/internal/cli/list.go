package cli

import (
	"fmt"

	"github.com/spf13/cobra"
)

func newList() *cobra.Command {
	var c common
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the codes of the tables",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			set, err := c.load(cmd)
			if err != nil {
				return err
			}
			for _, enum := range set.Tables() {
				fmt.Fprintln(cmd.OutOrStdout(), enum.FullName())
			}
			return nil
		},
	}
	c.register(cmd)
	return cmd
}

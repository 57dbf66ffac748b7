package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/source"
)

// common holds the flags of the commands that read tables.
type common struct {
	source.Flags
	format string
	lang   string
}

// register adds --proto, --image, --reflect, --tls, --format and --lang.
// formats are text, json and those of the command.
func (c *common) register(cmd *cobra.Command, formats ...string) {
	formats = append([]string{"text", "json"}, formats...)
	c.Register(cmd.Flags())
	cmd.Flags().StringVar(&c.format, "format", formats[0], "write the result as `FORMAT`: "+strings.Join(formats, ", "))
	cmd.Flags().StringVar(&c.lang, "lang", "en", "show user messages in `LANGUAGE`, a BCP 47 tag or an Accept-Language list")
	cmd.PreRunE = func(*cobra.Command, []string) error {
		if !slices.Contains(formats, c.format) {
			return usagef("--format %s: want one of %s", c.format, strings.Join(formats, ", "))
		}
		return nil
	}
	complete(cmd, "format", formats)
}

func complete(cmd *cobra.Command, flag string, values []string) {
	err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	if err != nil {
		panic(err) // the flag was registered by this package
	}
}

// load reads the tables that the flags select.
func (c *common) load(cmd *cobra.Command) (*source.Set, error) {
	return c.Load(cmd.Context(), cmd.InOrStdin())
}

// writeJSON writes a value as indented JSON.
func writeJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}

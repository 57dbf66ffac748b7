package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/text/language"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/source"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/term"
)

// common holds the flags of the commands that read tables.
type common struct {
	source.Flags
	format string
	lang   string // empty: the default language of the table
}

// register adds --proto, --image, --reflect, --tls, --format and --lang.
// formats are text, json and those of the command.
func (c *common) register(cmd *cobra.Command, formats ...string) {
	flags := cmd.Flags()
	c.Register(flags)
	formats = append([]string{"text", "json"}, formats...)
	choiceVar(cmd, flags, &c.format, "format", formats, "write the result as `FORMAT`")
	flags.Var((*languages)(&c.lang), "lang",
		"show user messages in `LANGUAGE`, a BCP 47 tag or an Accept-Language list (default: the language of the table)")
	c.completions(cmd)
}

// hideLang leaves --lang out of the help of a command that writes no sentences
// in one language. The flag is accepted, as it is by all commands.
func hideLang(cmd *cobra.Command) { cmd.Flag("lang").Hidden = true }

// load reads the tables that the flags select.
func (c *common) load(cmd *cobra.Command) (*source.Set, error) {
	return c.Load(cmd.Context(), cmd.InOrStdin())
}

// styleOf returns the style for the output of a command.
func styleOf(cmd *cobra.Command) term.Style {
	return term.StyleFor(cmd.OutOrStdout(), cmd.Flag("color").Value.String())
}

// choice is a flag with a fixed set of values.
type choice struct {
	target *string
	values []string
}

// choiceVar adds a flag that takes one of the values; the first is the default.
func choiceVar(cmd *cobra.Command, flags *pflag.FlagSet, target *string, name string, values []string, usage string) {
	*target = values[0]
	flags.Var(&choice{target, values}, name, usage+": "+strings.Join(values, ", "))
	complete(cmd, name, values)
}

func (c *choice) String() string { return *c.target }
func (c *choice) Type() string   { return "string" }

func (c *choice) Set(value string) error {
	if !slices.Contains(c.values, value) {
		return fmt.Errorf("want one of %s", strings.Join(c.values, ", "))
	}
	*c.target = value
	return nil
}

// languages is a flag with an Accept-Language list.
type languages string

var _ pflag.Value = (*languages)(nil)

func (l *languages) String() string { return string(*l) }
func (l *languages) Type() string   { return "string" }

func (l *languages) Set(value string) error {
	if tags, _, err := language.ParseAcceptLanguage(value); err != nil || len(tags) == 0 {
		return errors.New("want a BCP 47 tag such as zh-CN, or a list such as zh-CN,en;q=0.5")
	}
	*l = languages(value)
	return nil
}

// writeJSON writes a value as indented JSON. Characters that are not graphic are
// escaped, so that they can't control a terminal.
func writeJSON(w io.Writer, value any) error {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	_, err := io.WriteString(w, escapeJSON(b.String()))
	return err
}

func escapeJSON(document string) string {
	hidden := func(r rune) bool { return r != '\n' && !unicode.IsGraphic(r) }
	if strings.IndexFunc(document, hidden) < 0 {
		return document
	}
	var b strings.Builder
	for _, r := range document {
		if !hidden(r) {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.AppendRune(nil, r) {
			fmt.Fprintf(&b, "\\u%04x", unit)
		}
	}
	return b.String()
}

package cli

import (
	"github.com/spf13/cobra"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/lint"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/report"
)

const checkLong = `Reports every fault of every table, and of the methods that name its codes. A
fault is something that misleads callers: a code without a status, advice that
contradicts the status, a reason that ErrorInfo does not take, a language that
only some codes have. In a Go test, codetable.Check reports the faults of one
table. This command also reports fields that can't tell an unset code from a
success, enums that lose unknown numbers, missing languages that --locale
requires, and TODOs that 'codetable import' left in the comments.

Without a finding nothing is written to stdout. Name your tables with --proto,
--image or --reflect: without these flags the linked tables are checked.

Each finding has its place, its rule and a text. The formats are those of
'buf lint': text, json (one object a line), junit and github-actions. Only
--proto, and an image with source info, have lines and columns. Other places
are 1:1.

The plugin buf-plugin-codetable reports the same findings in 'buf lint'.`

const checkExample = `codetable check
codetable check --proto proto --locale en,zh-CN
codetable check --proto proto --format github-actions
buf build -o - | codetable check --image -`

func newCheck() *cobra.Command {
	var c common
	var locales []string
	cmd := &cobra.Command{
		Use:     "check",
		Short:   "Report every fault of the tables and their methods",
		Long:    checkLong,
		Example: checkExample,
		Args:    noArgs,
		Annotations: exits{
			"1":   "the tables can't be read",
			"100": "there are findings",
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return check(cmd, c, locales) },
	}
	c.register(cmd, report.JUnit, report.GitHubActions)
	hideLang(cmd)
	cmd.Flags().StringSliceVar(&locales, "locale", nil, "require user messages in these `LANGUAGES`, as in en,zh-CN")
	return cmd
}

func check(cmd *cobra.Command, c common, locales []string) error {
	if err := lint.ValidateLocales(locales); err != nil {
		return usagef("--locale: %w", err)
	}
	set, err := c.load(cmd)
	if err != nil {
		return err
	}
	faults, err := lint.Check(set.Files, set.Own, locales)
	if err != nil {
		return err
	}
	findings := make([]report.Finding, 0, len(faults))
	for _, f := range faults {
		findings = append(findings, report.New(set.PathOf(f.Descriptor.ParentFile()), f.Descriptor, f.Rule.ID, f.Error()))
	}
	report.Sort(findings)
	if err := report.Write(cmd.OutOrStdout(), c.format, findings); err != nil {
		return err
	}
	if len(findings) > 0 {
		return errFindings
	}
	if c.Linked() {
		cmd.PrintErrln("codetable: the tables that the program links have no fault; yours are named by --proto, --image or --reflect")
	}
	return nil
}

package cli

import (
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/find"
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

// offer completes one of several names, also after a comma.
func offer(names func() []string) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return afterComma(typed, names()), cobra.ShellCompDirectiveNoFileComp
	}
}

// afterComma completes the last name of a list.
func afterComma(typed string, names []string) []cobra.Completion {
	list := make([]cobra.Completion, len(names))
	for i, name := range names {
		list[i] = typed[:strings.LastIndexByte(typed, ',')+1] + name
	}
	return list
}

func faultNames() []string { return find.EnumNames(codetablev1.Fault(0).Descriptor()) }
func retryNames() []string { return find.EnumNames(codetablev1.RetryAction(0).Descriptor()) }
func grpcNames() []string  { return find.EnumNames(codetablev1.GrpcCode(0).Descriptor()) }

func offerFolders(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

// completions completes the flags that select tables.
func (c *common) completions(cmd *cobra.Command) {
	completeFunc(cmd, "proto", offerFolders)
	completeFunc(cmd, "proto-path", offerFolders)
	completeFunc(cmd, "image", func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveDefault
	})
	complete(cmd, "reflect", nil)
	completeFunc(cmd, "lang", c.offerLanguages)
}

// codes returns the codes of the tables that the flags on the line select, or
// none if the tables can't be read. An image on stdin is not read.
func (c *common) codes(cmd *cobra.Command) []find.Code {
	if c.Image == "-" {
		return nil
	}
	set, err := c.load(cmd)
	if err != nil {
		cobra.CompDebugln(err.Error(), false)
		return nil
	}
	return find.Codes(set)
}

// offerCodes completes a code: a reason, or a number once a digit was typed.
func (c *common) offerCodes(cmd *cobra.Command, _ []string, typed string) (list []cobra.Completion, _ cobra.ShellCompDirective) {
	all := c.codes(cmd)
	several := len(domainNames(all)) > 1
	for _, code := range all {
		name := code.Reason()
		switch {
		case strings.Contains(typed, "/"):
			name = code.ID()
		case typed != "" && strings.Trim(typed, "-0123456789") == "":
			name = strconv.Itoa(int(code.Number()))
		case several && len(find.Find(all, name)) > 1:
			name = code.ID()
		}
		list = append(list, cobra.CompletionWithDesc(name, code.Notes()))
	}
	return list, cobra.ShellCompDirectiveNoFileComp
}

func (c *common) offerLanguages(cmd *cobra.Command, _ []string, _ string) (list []cobra.Completion, _ cobra.ShellCompDirective) {
	for _, code := range c.codes(cmd) {
		list = append(list, code.Locales()...)
	}
	slices.Sort(list)
	return slices.Compact(list), cobra.ShellCompDirectiveNoFileComp
}

func (c *common) offerDomains(cmd *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return afterComma(typed, domainNames(c.codes(cmd))), cobra.ShellCompDirectiveNoFileComp
}

func (c *common) offerMethods(cmd *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if c.Image == "-" {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	set, err := c.load(cmd)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return afterComma(typed, methodNames(set)), cobra.ShellCompDirectiveNoFileComp
}

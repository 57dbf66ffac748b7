package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/reflect/protoreflect"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/find"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/show"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/source"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/term"
)

// listFlags select codes. Each flag may be repeated or have several values with
// commas.
type listFlags struct {
	common
	faults, retries, grpcCodes, methods, domains []string
}

func newList() *cobra.Command {
	var f listFlags
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the codes of the tables",
		Long: `Lists the codes of the tables in the order of their numbers: the number, the
reason, the gRPC status, the party that must act, the retry advice, and the notes
of the table. With --lang the sentence for the end user takes the place of the
notes.

Flags select codes. Values of one flag are alternatives; each flag may be repeated
or take several values with commas. Values may be in upper or lower case. A method
is named in full or by the end of its name: VerificationService.VerifyNumber.

On a terminal long lines are cut to its width. The JSON always has all texts.`,
		Example: `codetable list --fault operator
codetable list --method VerifyNumber --retry same_request,next_window
codetable list --grpc-code RESOURCE_EXHAUSTED --format json
codetable list --domain jverification.jiguang.cn --lang zh-CN`,
		Annotations: exits{"1": "the tables can't be read, or have no such method or domain"},
		Args:        noArgs,
		RunE:        func(cmd *cobra.Command, _ []string) error { return f.list(cmd) },
	}
	f.register(cmd)
	for _, flag := range []struct {
		target      *[]string
		name, usage string
		offer       cobra.CompletionFunc
	}{
		{&f.faults, "fault", "list the codes on which `PARTY` must act: " + strings.Join(faultNames(), ", "), offer(faultNames)},
		{&f.retries, "retry", "list the codes with the retry advice `ACTION`: " + strings.Join(retryNames(), ", "), offer(retryNames)},
		{&f.grpcCodes, "grpc-code", "list the codes with the gRPC status `CODE`, a name or a number", offer(grpcNames)},
		{&f.methods, "method", "list the codes that `METHOD` declares", f.offerMethods},
		{&f.domains, "domain", "list the codes of the table with `DOMAIN`", f.offerDomains},
	} {
		cmd.Flags().StringSliceVar(flag.target, flag.name, nil, flag.usage)
		completeFunc(cmd, flag.name, flag.offer)
	}
	return cmd
}

func (f *listFlags) list(cmd *cobra.Command) error {
	filter, err := f.filter()
	if err != nil {
		return err
	}
	set, err := f.load(cmd)
	if err != nil {
		return err
	}
	if filter.Methods, err = methodsOf(set, f.methods); err != nil {
		return err
	}
	all := find.Codes(set)
	if filter.Domains, err = domainsOf(all, f.domains); err != nil {
		return err
	}
	selected := show.Codes(set, filter.Apply(set, all), f.lang)
	if f.format == "json" {
		return writeJSON(cmd.OutOrStdout(), codesResult{Codes: selected})
	}
	if len(selected) == 0 {
		fmt.Fprintln(cmd.ErrOrStderr(), "codetable: no code matches all flags")
	}
	show.List(cmd.OutOrStdout(), styleOf(cmd), selected, term.Columns(cmd.OutOrStdout()))
	return nil
}

func (f *listFlags) filter() (filter find.Filter, err error) {
	if filter.Faults, err = enums[codetablev1.Fault]("fault", codetablev1.Fault(0).Descriptor(), f.faults); err != nil {
		return filter, err
	}
	if filter.Retries, err = enums[codetablev1.RetryAction]("retry", codetablev1.RetryAction(0).Descriptor(), f.retries); err != nil {
		return filter, err
	}
	statuses, err := enums[codetablev1.GrpcCode]("grpc-code", codetablev1.GrpcCode(0).Descriptor(), f.grpcCodes)
	for _, status := range statuses {
		filter.GRPCCodes = append(filter.GRPCCodes, codes.Code(status))
	}
	return filter, err
}

func enums[E ~int32](flag string, desc protoreflect.EnumDescriptor, values []string) (list []E, err error) {
	for _, value := range values {
		number, err := find.Enum[E](desc, value)
		if err != nil {
			return nil, usagef("invalid argument %q for \"--%s\" flag: %w", value, flag, err)
		}
		list = append(list, number)
	}
	return list, nil
}

func methodsOf(set *source.Set, names []string) (list []protoreflect.MethodDescriptor, err error) {
	for _, name := range names {
		found := find.Method(set, name)
		if len(found) == 0 {
			return nil, fmt.Errorf("no method %q declares codes: those that do are %s", name, strings.Join(methodNames(set), ", "))
		}
		list = append(list, found...)
	}
	return list, nil
}

func methodNames(set *source.Set) (names []string) {
	for _, method := range find.Methods(set) {
		names = append(names, string(method.FullName()))
	}
	return names
}

func domainsOf(all []find.Code, names []string) (list []string, err error) {
	known := domainNames(all)
	for _, name := range names {
		i := slices.IndexFunc(known, func(domain string) bool { return strings.EqualFold(domain, name) })
		if i < 0 {
			return nil, fmt.Errorf("no table has the domain %q: the domains are %s", name, strings.Join(known, ", "))
		}
		list = append(list, known[i])
	}
	return list, nil
}

func domainNames(all []find.Code) (names []string) {
	for _, c := range all {
		names = append(names, c.Domain())
	}
	return slices.Compact(names)
}

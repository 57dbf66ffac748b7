package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/find"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/show"
)

// codesResult is the JSON of list and explain.
type codesResult struct {
	Codes []show.Code `json:"codes"`
	// Unknown lists the arguments of explain that name no code, or several.
	Unknown []unknownCode `json:"unknown,omitempty"`
}

// unknownCode is an argument that names no code, or codes of several tables.
type unknownCode struct {
	Name      string    `json:"name"`
	Near      []codeRef `json:"near,omitempty"`
	Ambiguous []codeRef `json:"ambiguous,omitempty"`
}

// codeRef names a code.
type codeRef struct {
	Number int32  `json:"number"`
	Reason string `json:"reason"`
	Domain string `json:"domain"`
}

func newExplain() *cobra.Command {
	var c common
	cmd := &cobra.Command{
		Use:   "explain CODE...",
		Short: "Explain codes: who must act, what to do, when to repeat",
		Long: `Explains codes: the meaning, the party that must act and what it does next, the
retry advice with its delay or with the time at which the next calendar window
begins, the standard detail, the sentences for end users, the gRPC and HTTP
status, what a public boundary sends, the size of the status on the wire, and the
methods that declare the code.

A code is named by its number, by its reason or by its enum value, in any case:
see 'codetable help codes'. If no table has the code, similar ones are proposed.

Without --lang the sentences of all languages are shown.`,
		Example: `codetable explain 9003
codetable explain token_invalid RESPONSE_CODE_APPKEY_NO_MONEY
codetable explain jverification.jiguang.cn/2000 --lang zh-CN
codetable explain -32001 --reflect localhost:50051 --format json`,
		Annotations: exits{"1": "the tables can't be read, no table has a code, or several have it"},
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("want a code, such as 9003 or TOKEN_INVALID")
			}
			return nil
		},
		ValidArgsFunction: c.offerCodes,
		RunE:              c.explain,
	}
	c.register(cmd)
	return cmd
}

func (c *common) explain(cmd *cobra.Command, names []string) error {
	set, err := c.load(cmd)
	if err != nil {
		return err
	}
	all := find.Codes(set)
	var found []find.Code
	var unknown []unknownCode
	var missing []error
	for _, name := range names {
		code, err := find.One(all, name)
		if err != nil {
			missing = append(missing, err)
			unknown = append(unknown, newUnknown(err))
			continue
		}
		found = append(found, code)
	}
	result := codesResult{show.Codes(set, found, c.lang), unknown}
	if c.format == "json" {
		err = writeJSON(cmd.OutOrStdout(), result)
	} else {
		show.Explain(cmd.OutOrStdout(), styleOf(cmd), result.Codes)
	}
	return errors.Join(append(missing, err)...)
}

func newUnknown(err error) unknownCode {
	if none, ok := errors.AsType[*find.NotFoundError](err); ok {
		return unknownCode{Name: none.Name, Near: refs(none.Near)}
	}
	several, _ := errors.AsType[*find.AmbiguousError](err)
	return unknownCode{Name: several.Name, Ambiguous: refs(several.Codes)}
}

func refs(codes []find.Code) (list []codeRef) {
	for _, c := range codes {
		list = append(list, codeRef{c.Number(), c.Reason(), c.Domain()})
	}
	return list
}

package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/decode"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/find"
)

func newDecode() *cobra.Command {
	var c common
	cmd := &cobra.Command{
		Use:   "decode [TEXT...]",
		Short: "Decode statuses out of headers, logs, replies and the output of tools",
		Long:  decodeLong,
		Example: `codetable decode CAkSBmZhaWxlZBpwCih0eXBlLmdvb2dsZWFwaXMuY29tL2dvb2dsZ...
grpcurl -d @ localhost:8080 acme.shop.v1.ShopService/Order <order.json 2>&1 | codetable decode
kubectl logs deploy/shop | codetable decode --proto ./proto --format json
codetable decode --lang zh-CN <reply.txt`,
		Annotations: exits{"1": "there is no status in the input"},
		RunE:        c.decode,
	}
	c.register(cmd)
	return cmd
}

const decodeLong = `Finds statuses of gRPC in a text and shows what they mean. The text is what you
have: it may be pasted whole. The command reads the arguments, or stdin if there
is none or if it is "-".

It finds, also inside of each other and several in one text:
  - grpc-status-details-bin and any google.rpc.Status in base64: with or without
    padding, URL-safe, percent-encoded or wrapped
  - google.rpc.Status in JSON, the error envelope of AIP-193, and the errors of
    Connect, for streams too
  - headers and trailers of HTTP/1 and HTTP/2, as curl -v and grpcurl -v show them,
    and bodies of gRPC-Web in base64
  - lines of logs: logfmt, log/slog, JSON with escaped JSON in it, errors of
    grpc-go, and the fields codetable.* of interceptor.LoggingFields
  - the errors that grpcurl prints, and statuses in the text form of protobuf
  - hex: plain, with 0x, \x, spaces or colons, and the output of xxd

For each status it shows the code and who must act, the advice on repeating the
call, the sentence for the end user, what the developer does next, every detail,
the size on the wire, the request id, and whether a server masked the error.
Notes name all that is contradictory, cut or unreadable.

A code of a domain without a table is shown as it was sent. Statuses that repeat
are shown once, with the lines of the text where they begin; the JSON has each of
them. At most 16 MiB are read and 1000 statuses are shown.`

// decodeResult is the JSON of decode.
type decodeResult struct {
	Statuses []*decode.Report `json:"statuses"`
	Warnings []string         `json:"warnings,omitempty"`
}

func (c *common) decode(cmd *cobra.Command, args []string) error {
	input, err := c.readText(cmd, args)
	if err != nil {
		return err
	}
	set, err := c.load(cmd)
	if err != nil {
		return err
	}
	tables := decode.NewTables(set.Resolver, set.Files)
	found := decode.Find(input, tables.Types)
	if len(found.Found) == 0 {
		return fmt.Errorf("%w%s", nothingFound(input, found), hint(find.Codes(set), input, args))
	}
	result := decodeResult{Warnings: found.Warnings}
	for _, f := range found.Found {
		result.Statuses = append(result.Statuses, decode.Describe(f, tables, c.lang))
	}
	if c.format == "json" {
		return writeJSON(cmd.OutOrStdout(), result)
	}
	decode.Write(cmd.OutOrStdout(), styleOf(cmd), result.Statuses, result.Warnings)
	return nil
}

// readText returns the arguments as one text, or stdin.
func (c *common) readText(cmd *cobra.Command, args []string) (string, error) {
	if len(args) > 0 && !slices.Equal(args, []string{"-"}) {
		for i, arg := range args {
			if rest, ok := strings.CutPrefix(arg, "\u2212"); ok {
				args[i] = "-" + rest // see numbers
			}
		}
		return strings.Join(args, " "), nil
	}
	if c.Image == "-" {
		return "", usagef("both the text and --image would be read from stdin: give the text as an argument")
	}
	input, err := io.ReadAll(io.LimitReader(cmd.InOrStdin(), decode.MaxInput+1))
	if err != nil {
		return "", fmt.Errorf("read the text: %w", err)
	}
	return string(input), nil
}

// hint proposes a command line for arguments that are files or codes.
func hint(codes []find.Code, input string, args []string) string {
	for _, arg := range args {
		if info, err := os.Stat(arg); err == nil && !info.IsDir() {
			return "\nthere is a file with this name: run codetable decode <" + quoteShell(arg)
		}
	}
	const maxCodes = 10
	words := strings.Fields(input)
	if len(words) == 0 || len(words) > maxCodes || slices.ContainsFunc(words, func(word string) bool { return !find.IsLike(codes, word) }) {
		return ""
	}
	for i, word := range words {
		words[i] = quoteShell(word)
	}
	return "\nto look up a code, run codetable explain " + strings.Join(words, " ")
}

func nothingFound(input string, result decode.Result) error {
	if strings.TrimSpace(input) == "" {
		return errors.New("the text is empty: want a status in base64, JSON or hex, headers, or lines of a log")
	}
	tried := "no JSON object, header, log field, base64 or hex that could be one"
	if len(result.Tried) > 0 {
		tried = "examined " + strings.Join(result.Tried, ", ")
	}
	lines := append([]string{fmt.Sprintf("there is no gRPC status in the %d bytes of the text: %s", len(input), tried)}, result.Warnings...)
	return errors.New(strings.Join(lines, "\n"))
}

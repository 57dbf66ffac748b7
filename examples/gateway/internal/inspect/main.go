// Package inspect is the command inspect. It calls a server of any language for each
// response code, and compares what it sends with what the Go library would send.
package inspect

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // calendar windows need a zone, also where none is installed

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/reflect/protoreflect"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

const about = `Calls a server of the VerificationService for each response code, and compares what the
server sends with what the interceptors of the Go library would send. The tests of the
other languages run it against their own servers.

  inspect -addr 127.0.0.1:50051 [-public] [-codes 9003,-7] [-locale zh-CN] [-method VerifyNumber]

The server has to fail with the code N if the token of the request is "code-N", or what
another method has in its place: login_token, phone (QueryBusinessRisk), captcha_content or
app_key. For a success code it has to answer with this code.

Prints a JSON object a line for each code:

  asked         the code that was asked for
  method        the name of the method
  code          of the response, if the call succeeded
  grpc_code     a number; grpc_message is its message
  status        the google.rpc.Status of the error, in base64
  details       the full names of its details, in order
  pushback      the trailer grpc-retry-pushback-ms
  headers       whether the server sent headers before the error: gRPC then ignores the pushback
  reading       what the Go library reads, with the fields of the test vectors in
                proto/jiguang/jverification/v1/testdata/vectors.json; null if it reads nothing
  problems      the differences from the Go library. Additional metadata, the time left to a
                calendar window, and the characters of a request id may differ

Exit status: 0 if there are no problems, 1 if there are, 2 for wrong arguments.

Flags:
`

const (
	exitOK = iota
	exitProblems
	exitUsage
)

// unlisted are codes that the table does not list.
var unlisted = []jverificationv1.ResponseCode{1, 77, 424242, -7, math.MinInt32, math.MaxInt32}

// Main runs the command inspect and ends the process.
func Main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
}

// settings are those of the command line.
type settings struct {
	expectation

	addr, method string
	codes        []jverificationv1.ResponseCode
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	s, err := parse(args, stdout)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err != nil:
		fmt.Fprintln(stderr, "inspect:", err)
		return exitUsage
	}
	problems, err := s.inspect(ctx, stdout)
	if err != nil {
		fmt.Fprintln(stderr, "inspect:", err)
		return exitProblems
	}
	if problems > 0 {
		fmt.Fprintf(stderr, "inspect: %d of %d codes differ from the Go library\n", problems, len(s.codes))
		return exitProblems
	}
	return exitOK
}

func parse(args []string, stdout io.Writer) (s settings, err error) {
	flags := flag.NewFlagSet("inspect", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // run prints the error
	flags.StringVar(&s.addr, "addr", "127.0.0.1:8090", "`address` of the server, without TLS")
	list := flags.String("codes", "", "`numbers` to ask for, separated by commas; the default is each code of the table and six that it does not list")
	flags.StringVar(&s.locale, "locale", "zh-CN", "`accept-language` of the calls, none if empty")
	flags.StringVar(&s.method, "method", "", "`name` of the method to call; the default is the first unary one that declares the code, or VerifyNumber")
	flags.BoolVar(&s.public, "public", false, "expect a server at a public boundary, which masks errors")
	if err = flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, about)
		flags.SetOutput(stdout)
		flags.PrintDefaults()
	}
	if err != nil {
		return s, err
	}
	if flags.NArg() > 0 {
		return s, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if s.method != "" && methods().ByName(protoreflect.Name(s.method)) == nil {
		return s, fmt.Errorf("the service has no method %q", s.method)
	}
	s.codes, err = numbers(*list)
	return s, err
}

// numbers returns the codes of a list, and for an empty one those of the default.
func numbers(list string) (codes []jverificationv1.ResponseCode, err error) {
	if list == "" {
		for code := range codetable.All[jverificationv1.ResponseCode]() {
			codes = append(codes, code)
		}
		return slices.Concat(codes, unlisted), nil
	}
	for text := range strings.SplitSeq(list, ",") {
		number, err := strconv.ParseInt(text, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("code %q is not a number of 32 bits", text)
		}
		codes = append(codes, jverificationv1.ResponseCode(number))
	}
	return codes, nil
}

// inspect makes the calls one after another, and returns how many have problems.
func (s settings) inspect(ctx context.Context, stdout io.Writer) (problems int, err error) {
	conn, err := grpc.NewClient(s.addr, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDisableRetry())
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	client := jverificationv1.NewVerificationServiceClient(conn)
	if s.locale != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, "accept-language", s.locale)
	}
	lines := json.NewEncoder(stdout)
	lines.SetEscapeHTML(false)
	for _, code := range s.codes {
		a := s.ask(ctx, client, code)
		if err := lines.Encode(a); err != nil {
			return problems, err
		}
		if len(a.Problems) > 0 {
			problems++
		}
	}
	return problems, nil
}

// timeout is that of one call.
const timeout = 10 * time.Second

func (s settings) ask(ctx context.Context, client jverificationv1.VerificationServiceClient, code jverificationv1.ResponseCode) *Answer {
	spec := lookup(code)
	a := &Answer{Asked: int32(code), Method: cmp.Or(s.method, MethodOf(spec), "VerifyNumber")}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var header, trailer metadata.MD
	response, err := Send(ctx, client, a.Method, fmt.Sprintf("code-%d", code), grpc.Header(&header), grpc.Trailer(&trailer))
	a.read(response, err, header, trailer)
	s.compare(ctx, a, spec)
	return a
}

// lookup returns what the table says of a code, which it need not list.
func lookup(code jverificationv1.ResponseCode) codetable.Spec {
	spec, _ := codetable.Lookup(code)
	return spec
}

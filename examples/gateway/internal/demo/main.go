package demo

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"
	_ "time/tzdata" // calendar windows need a zone, also where none is installed

	"golang.org/x/term"

	"github.com/codetable/grpc-codetable/interceptor"
)

const about = `Starts a simulator of the JVerification REST API, the gRPC gateway and a client,
in one process but over loopback sockets. Makes the simulator answer with each
code of the table, and prints what the client received: the gRPC code, the
details, the code recovered from them, the retry advice, and the message for an
end user who reads zh-CN.

Aligned on a terminal, separated by tabs in a pipe. Exits with 1 if anything was
lost on the way, or leaked.

Flags:
`

const (
	exitOK = iota
	exitLost
	exitUsage
)

// timeout is far more than a run takes; without it a hang would be no failure.
const timeout = time.Minute

// Main runs the command demo and ends the process: with 1 if a code was lost or
// leaked, with 2 when its flags are not valid.
func Main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run takes options of the gateway's interceptors so that a test can break it.
func run(ctx context.Context, args []string, stdout, stderr io.Writer, opts ...interceptor.ServerOption) int {
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {}
	asJSON := flags.Bool("json", false, "print a JSON object a row, and one with the summary")
	public := flags.Bool("public", false, "put a public boundary into the gateway: operator codes have to come out masked")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, about)
		flags.SetOutput(stdout)
		flags.PrintDefaults()
		return exitOK
	case err != nil:
		return exitUsage
	case flags.NArg() > 0:
		fmt.Fprintf(stderr, "unexpected argument %q\n", flags.Arg(0))
		return exitUsage
	}
	rows, err := collect(ctx, *public, opts)
	if err != nil {
		fmt.Fprintf(stderr, "demo: %v\n", err)
		return exitLost
	}
	summary := Summarize(rows)
	if err := report(stdout, rows, summary, *asJSON); err != nil {
		fmt.Fprintf(stderr, "demo: %v\n", err)
		return exitLost
	}
	if !summary.OK() {
		return exitLost
	}
	return exitOK
}

func collect(ctx context.Context, public bool, opts []interceptor.ServerOption) ([]Row, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	stack, err := Start(ctx, public, opts...)
	if err != nil {
		return nil, err
	}
	rows := Run(ctx, stack.Conn, public)
	return rows, stack.Close()
}

func report(w io.Writer, rows []Row, summary Summary, asJSON bool) error {
	if asJSON {
		return errors.Join(WriteJSON(w, rows), json.NewEncoder(w).Encode(summary))
	}
	err := WriteText(w, rows, isTerminal(w))
	_, printed := fmt.Fprintln(w, summary)
	return errors.Join(err, printed)
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

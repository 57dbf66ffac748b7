// Package demo is the command demo. It has every code of the tables answered
// through the whole path, upstream to client over sockets, and compares what the
// client receives with the tables.
package demo

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"
	_ "time/tzdata" // calendar windows need a zone, also where none is installed

	"github.com/codetable/grpc-codetable/interceptor"
)

const about = `Starts a simulator of the JVerification REST API, the gRPC gateway and a client,
in one process but over loopback sockets. Makes the simulator answer with each
code of its table, and then provokes each code of the gateway's own table: an
upstream that can't be reached, too many calls, and so on. Prints what the client
receives: the gRPC code, the details, the code recovered from them, the retry
advice, and the message for an end user who reads zh-CN.

Exits with 1 if a code was lost or leaked.

Flags:
`

const (
	exitOK = iota
	exitLost
	exitUsage
)

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
	asJSON := flags.Bool("json", false, "print a JSON object for each code, and one with the summary of each table")
	public := flags.Bool("public", false, "put a public boundary into the gateway: operator codes have to be masked")
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
	ctx, cancel := context.WithTimeout(ctx, time.Minute) // ends a run that hangs
	defer cancel()
	ok := false
	tables, err := collect(ctx, *public, opts)
	if err == nil {
		ok, err = report(stdout, tables, *asJSON)
	}
	if err != nil {
		fmt.Fprintf(stderr, "demo: %v\n", err)
	}
	if !ok {
		return exitLost
	}
	return exitOK
}

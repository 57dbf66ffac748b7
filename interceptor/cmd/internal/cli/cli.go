// Package cli is the codetable command.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/source"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/term"
)

// Exit statuses. The topic exit-status of the help explains them.
const (
	exitDone        = 0
	exitFailed      = 1 // not found, or not decodable
	exitUsage       = 2
	exitFindings    = 100
	exitInterrupted = 130
)

// grace is the time that a command has to clean up after an interrupt. A
// command that reads a terminal does not notice the interrupt.
const grace = 200 * time.Millisecond

// errFindings ends a command that reported findings on stdout.
var errFindings = errors.New("there are findings")

// usageError is an error of the arguments.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// Main runs the command and returns its exit status. If the reader of stdout
// goes away, as head does, the Go runtime ends the process without a message.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	done := make(chan int, 1)
	go func() { done <- run(ctx, args, stdin, stdout, stderr) }()
	select {
	case status := <-done:
		return status
	case <-ctx.Done():
	}
	select {
	case <-done:
	case <-time.After(grace):
	}
	return exitInterrupted
}

func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	out := &output{Writer: stdout}
	root := newRoot()
	root.SetArgs(numbers(args))
	root.SetIn(stdin)
	root.SetOut(out)
	root.SetErr(stderr)
	var call invocation
	call.watch(root)
	command, err := root.ExecuteContextC(ctx)
	if err == nil {
		err = call.help
	}
	if err == nil || errors.Is(err, errFindings) {
		err = errors.Join(out.err, err) // results that nobody can read are no success
	}
	var usage usageError
	switch {
	case err == nil:
		return exitDone
	case out.err == nil && errors.Is(err, errFindings):
		return exitFindings
	case out.err != nil:
		fmt.Fprintf(stderr, "codetable: %v\n", out.err)
		return exitFailed
	case ctx.Err() != nil:
		return exitInterrupted
	case !call.started, errors.As(err, &usage), errors.Is(err, source.ErrUsage):
		fmt.Fprintf(stderr, "codetable: %s\nRun '%s --help' for usage.\n", term.SafeLines(err.Error()), command.CommandPath())
		return exitUsage
	default:
		fmt.Fprintf(stderr, "codetable: %s\n", term.SafeLines(err.Error()))
		return exitFailed
	}
}

// output keeps the first error of a writer, so that commands need not check
// each line that they print.
type output struct {
	io.Writer
	err error
}

func (o *output) Write(p []byte) (int, error) {
	if o.err != nil {
		return 0, o.err
	}
	n, err := o.Writer.Write(p)
	if err != nil {
		o.err = fmt.Errorf("write the result: %w", err)
	}
	return n, o.err
}

// Fd lets package term see whether the output is a terminal.
func (o *output) Fd() uintptr {
	if file, ok := o.Writer.(interface{ Fd() uintptr }); ok {
		return file.Fd()
	}
	return ^uintptr(0)
}

// numbers writes the sign of a negative number as a minus sign (U+2212), so
// that the number is no flag. Codes are accepted with either sign.
func numbers(args []string) []string {
	list := make([]string, len(args))
	for i, arg := range args {
		if len(arg) > 1 && arg[0] == '-' && '0' <= arg[1] && arg[1] <= '9' {
			arg = "\u2212" + arg[1:]
		}
		list[i] = arg
	}
	return list
}

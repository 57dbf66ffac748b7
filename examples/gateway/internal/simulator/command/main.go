// Package command is the command simulator, which serves package simulator over plain
// HTTP.
package command

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/simulator"
)

const shutdownTimeout = 5 * time.Second

// Main runs the command until SIGINT or SIGTERM, and ends the process with the exit
// code of [Run].
func Main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(Run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// Run serves until ctx is done. It returns the exit code: 0 after that and after
// -help, 1 when it cannot serve and 2 when the flags in args are not valid.
func Run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	err := run(ctx, args, stdout)
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return 0
	}
	fmt.Fprintf(stderr, "simulator: %v\n", err)
	if _, ok := errors.AsType[usageError](err); ok {
		fmt.Fprintln(stderr, "Run with -help to see the flags.")
		return 2
	}
	return 1
}

// usageError is a fault of the command line.
type usageError struct{ error }

func run(ctx context.Context, args []string, stdout io.Writer) error {
	config := simulator.DefaultConfig()
	flags := flag.NewFlagSet("simulator", flag.ContinueOnError)
	addr := flags.String("addr", "127.0.0.1:8089", "`address` to listen on; port 0 picks a free one")
	keyFile := flags.String("private-key-out", "", "make a key pair for login replies and write its private half to this new `file`")
	define(flags, &config)
	if err := parse(flags, args, stdout); err != nil {
		return err
	}
	var key *rsa.PrivateKey
	if *keyFile != "" {
		if config.PublicKey != nil {
			return usageError{errors.New("-public-key and -private-key-out exclude each other")}
		}
		var err error
		if key, err = rsa.GenerateKey(rand.Reader, simulator.KeyBits); err != nil {
			return fmt.Errorf("generate key pair: %w", err)
		}
		config.PublicKey = &key.PublicKey
	}
	model, err := simulator.New(config)
	if err != nil {
		return usageError{err}
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", *addr)
	if err != nil {
		return err // net names the operation and the address
	}
	defer listener.Close()
	if key != nil {
		// Written last, so that no file is left when the command can't serve.
		if err := writeKey(*keyFile, key); err != nil {
			return err
		}
	}
	fmt.Fprintf(stdout, "simulator: listening on http://%s\n", listener.Addr())
	return model.Serve(ctx, listener, shutdownTimeout)
}

// writeKey creates the file and never overwrites one: it might hold a real key.
func writeKey(path string, key *rsa.PrivateKey) error {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fmt.Errorf("marshal private key: %w", err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err // os names the operation and the file
	}
	return errors.Join(
		pem.Encode(file, &pem.Block{Type: "PRIVATE KEY", Bytes: der}),
		file.Close(),
	)
}

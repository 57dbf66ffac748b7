// Command server is an A2A agent over gRPC. Clients of every A2A SDK understand its
// errors, because the interceptors send them as the specification demands.
package main

import (
	"context"
	"flag"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"syscall"

	"google.golang.org/grpc"

	a2av1 "github.com/codetable/grpc-codetable/examples/a2a/gen/a2aprotocol/v1"
	a2apb "github.com/codetable/grpc-codetable/examples/a2a/gen/lf/a2a/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8092", "`address` to listen on, without TLS; port 0 picks a free one")
	stdin := flag.Bool("stdin", false, "stop when standard input ends, as it does when the program at its other end ends")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	if *stdin {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			stop()
		}()
	}
	err := serve(ctx, *addr)
	stop()
	if err != nil {
		slog.Error("agent failed", "error", err)
		os.Exit(1)
	}
}

// serve serves an agent until ctx is done.
func serve(ctx context.Context, addr string) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	server := newServer()
	defer context.AfterFunc(ctx, server.Stop)()
	slog.Info("agent is listening", "address", listener.Addr())
	return server.Serve(listener)
}

// newServer returns a server whose interceptors send the errors of the agent. They send
// METHOD_NOT_FOUND for every method that the server does not have.
func newServer() *grpc.Server {
	server := grpc.NewServer(
		grpc.ChainUnaryInterceptor(interceptor.UnaryServerInterceptor()),
		grpc.ChainStreamInterceptor(interceptor.StreamServerInterceptor()),
		grpc.UnknownServiceHandler(func(any, grpc.ServerStream) error {
			return codetable.NewError(a2av1.ErrorCode_ERROR_CODE_METHOD_NOT_FOUND)
		}))
	a2apb.RegisterA2AServiceServer(server, agent{})
	return server
}

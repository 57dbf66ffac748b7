// Command peer is a server or a client of the version of the library that it is
// built with. It uses only names that the first edition has too.
//
//	peer serve          prints the addresses of two servers, the second of which is
//	                    a public boundary, and ends when standard input ends
//	peer serve FILE     the same, with the statuses in a file that peer call wrote
//	peer call A B       calls the servers and prints a JSON object for each call
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"strconv"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// bare is the number that asks for an error without a code. The table lists
// neither this number nor unlisted.
const (
	bare     = -1
	unlisted = 424242
)

func main() {
	log.SetFlags(0)
	var err error
	switch {
	case len(os.Args) == 2 && os.Args[1] == "serve":
		err = serve(makeServer(), makeServer(interceptor.WithPublicBoundary()))
	case len(os.Args) == 3 && os.Args[1] == "serve":
		err = replay(os.Args[2])
	case len(os.Args) == 4 && os.Args[1] == "call":
		err = callBoth(os.Args[2], os.Args[3])
	default:
		err = fmt.Errorf("arguments %q: want serve, or call and two addresses", os.Args[1:])
	}
	if err != nil {
		log.Fatal(err)
	}
}

func makeServer(opts ...interceptor.ServerOption) *grpc.Server {
	server := grpc.NewServer(
		grpc.UnaryInterceptor(interceptor.UnaryServerInterceptor(opts...)),
		grpc.StreamInterceptor(interceptor.StreamServerInterceptor(opts...)))
	pb.RegisterTestServiceServer(server, service{fail: failure})
	return server
}

func serve(servers ...*grpc.Server) error {
	for _, server := range servers {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		go func() { _ = server.Serve(listener) }()
		fmt.Println(listener.Addr())
	}
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

func callBoth(internal, public string) error {
	for mode, addr := range map[string]string{"internal": internal, "public": public} {
		conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()),
			grpc.WithUnaryInterceptor(interceptor.UnaryClientInterceptor()),
			grpc.WithStreamInterceptor(interceptor.StreamClientInterceptor()))
		if err != nil {
			return err
		}
		for _, number := range numbers() {
			for kind := range kinds {
				c := callOnce(pb.NewTestServiceClient(conn), number, kind)
				c.Mode = mode
				if err := json.NewEncoder(os.Stdout).Encode(c); err != nil {
					return err
				}
			}
		}
		if err := conn.Close(); err != nil {
			return err
		}
	}
	return nil
}

func callOnce(client pb.TestServiceClient, number jverificationv1.ResponseCode, kind string) call {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	ctx = metadata.AppendToOutgoingContext(ctx, "number", strconv.Itoa(int(number)), "accept-language", "zh-CN")
	var trailer metadata.MD
	err := kinds[kind](ctx, client, grpc.Trailer(&trailer))
	c := describe(number, err)
	c.Number, c.Kind, c.Pushback = int32(number), kind, trailer.Get(pushback)
	return c
}

const pushback = "grpc-retry-pushback-ms"

// numbers returns the codes of the table, and the other two numbers.
func numbers() []jverificationv1.ResponseCode {
	list := []jverificationv1.ResponseCode{bare, unlisted}
	for code := range codetable.All[jverificationv1.ResponseCode]() {
		list = append(list, code)
	}
	return list
}

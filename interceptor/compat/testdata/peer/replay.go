package main

import (
	"context"
	"encoding/json"
	"io"
	"os"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// replay serves the calls of a file without the library.
func replay(path string) error {
	file, err := os.Open(path) //nolint:gosec // the test names the file
	if err != nil {
		return err
	}
	defer file.Close()
	byMode := map[string]map[int32]call{"internal": {}, "public": {}}
	for decoder := json.NewDecoder(file); ; {
		var c call
		if err := decoder.Decode(&c); err == io.EOF {
			break
		} else if err != nil {
			return err
		}
		byMode[c.Mode][c.Number] = c
	}
	var servers []*grpc.Server
	for _, mode := range []string{"internal", "public"} {
		server := grpc.NewServer()
		pb.RegisterTestServiceServer(server, service{fail: func(ctx context.Context, number int32) error { return byMode[mode][number].send(ctx) }})
		servers = append(servers, server)
	}
	return serve(servers...)
}

func (c call) send(ctx context.Context) error {
	st := &spb.Status{}
	if err := proto.Unmarshal(c.Status, st); err != nil {
		return err
	}
	for _, value := range c.Pushback {
		if err := grpc.SetTrailer(ctx, metadata.Pairs(pushback, value)); err != nil {
			return err
		}
	}
	return status.FromProto(st).Err()
}

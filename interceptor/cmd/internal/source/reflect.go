package source

import (
	"context"
	"crypto/tls"
	"fmt"
	"time"

	"github.com/jhump/protoreflect/v2/grpcreflect"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// reflectTimeout bounds a conversation with a server.
const reflectTimeout = 15 * time.Second

// Reflect asks a server for the files of its services, by gRPC reflection (v1
// or v1alpha). It uses no TLS unless secure is set.
func Reflect(ctx context.Context, address string, secure bool) (*Set, error) {
	transport := insecure.NewCredentials()
	if secure {
		transport = credentials.NewTLS(&tls.Config{MinVersion: tls.VersionTLS12})
	}
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(transport))
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", address, err)
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(ctx, reflectTimeout)
	defer cancel()
	client := grpcreflect.NewClientAuto(ctx, conn)
	defer client.Reset()
	services, err := client.ListServices()
	if err != nil {
		return nil, fmt.Errorf("list the services of %s: %w", address, err)
	}
	files, own := new(protoregistry.Files), map[string]bool{}
	for _, name := range services {
		file, err := client.FileContainingSymbol(name)
		if err == nil {
			err = registerAll(files, own, file)
		}
		if err != nil {
			return nil, fmt.Errorf("read service %s of %s: %w", name, address, err)
		}
	}
	return newSet(files, func(path string) bool { return own[path] }), nil
}

// registerAll registers a file and its imports. A table can be in a file that a
// service imports, so these are meant too.
func registerAll(files *protoregistry.Files, own map[string]bool, file protoreflect.FileDescriptor) error {
	if err := register(files, file); err != nil {
		return err
	}
	files.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		own[file.Path()] = true
		return true
	})
	return nil
}

package source

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/jhump/protoreflect/v2/grpcreflect"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	refv1 "google.golang.org/grpc/reflection/grpc_reflection_v1"
	refv1alpha "google.golang.org/grpc/reflection/grpc_reflection_v1alpha"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
)

// reflectTimeout bounds a conversation with a server.
const reflectTimeout = 15 * time.Second

// Reflect asks a server for the files of its services, by gRPC reflection (v1
// or v1alpha). It uses no TLS unless secure is set. The files of codetable.v1
// and google.protobuf need not be known to the server.
func Reflect(ctx context.Context, address string, secure bool) (*Set, error) {
	if _, _, err := net.SplitHostPort(address); err != nil {
		return nil, usageError("--reflect " + address + ": want HOST:PORT")
	}
	transport := insecure.NewCredentials()
	if secure {
		transport = credentials.NewTLS(&tls.Config{MinVersion: tls.VersionTLS12})
	}
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(transport), grpc.WithStreamInterceptor((&limiter{messages: maxMessages}).intercept))
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", address, err)
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(ctx, reflectTimeout)
	defer cancel()
	files, err := readServer(ctx, conn)
	switch {
	case err == nil:
		return newSet(files, nil)
	case status.Code(err) == codes.Unimplemented:
		return nil, fmt.Errorf("%s has no gRPC reflection: register it in the server (in Go: reflection.Register), or use --proto or --image", address)
	case status.Code(err) == codes.Unavailable && !secure:
		return nil, fmt.Errorf("%s: %w (if the server uses TLS, add --tls)", address, err)
	case status.Code(err) == codes.Unavailable:
		return nil, fmt.Errorf("%s: %w (if the server does not use TLS, omit --tls)", address, err)
	default:
		return nil, fmt.Errorf("%s: %w", address, err)
	}
}

func readServer(ctx context.Context, conn grpc.ClientConnInterface) (*protoregistry.Files, error) {
	client := grpcreflect.NewClientAuto(ctx, conn, grpcreflect.WithAllowMissingFileDescriptors(),
		grpcreflect.WithFallbackResolvers(fallback{}, nil))
	defer client.Reset()
	services, err := client.ListServices()
	if err != nil {
		return nil, fmt.Errorf("list the services: %w", err)
	}
	if len(services) > maxServices {
		return nil, errTooMuch
	}
	files := new(protoregistry.Files)
	var unknown error
	for _, name := range services {
		file, err := client.FileContainingSymbol(name)
		if grpcreflect.IsElementNotFoundError(err) {
			unknown = cmp.Or(unknown, err) // such as a service without descriptors
			continue
		}
		if err == nil {
			err = register(files, file)
		}
		if err != nil {
			return nil, fmt.Errorf("read the service %s: %w", name, err)
		}
	}
	if files.NumFiles() == 0 && unknown != nil {
		return nil, unknown
	}
	return files, nil
}

// fallback finds the files that are built into the program.
type fallback struct{}

func (fallback) FindFileByPath(path string) (protoreflect.FileDescriptor, error) {
	if file, ok := builtIn(path); ok {
		return file, nil
	}
	return nil, protoregistry.NotFound
}

func (fallback) FindDescriptorByName(name protoreflect.FullName) (protoreflect.Descriptor, error) {
	desc, err := protoregistry.GlobalFiles.FindDescriptorByName(name)
	if err == nil && !IsInternal(desc.ParentFile().Path()) {
		err = protoregistry.NotFound
	}
	return desc, err
}

// limiter bounds what a server sends on all streams of a connection. grpc-go
// bounds a single answer to 4 MiB.
type limiter struct {
	bytes    int
	messages budget
}

var errTooMuch = errors.New("the server sends too many files")

func (l *limiter) intercept(ctx context.Context, desc *grpc.StreamDesc, conn *grpc.ClientConn, method string, streamer grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	stream, err := streamer(ctx, desc, conn, method, opts...)
	return limitedStream{stream, l}, err
}

// filesOf returns the files in an answer of a server.
func filesOf(answer any) [][]byte {
	switch answer := answer.(type) {
	case *refv1.ServerReflectionResponse:
		return answer.GetFileDescriptorResponse().GetFileDescriptorProto()
	case *refv1alpha.ServerReflectionResponse: //nolint:staticcheck // older servers have only v1alpha
		return answer.GetFileDescriptorResponse().GetFileDescriptorProto() //nolint:staticcheck // older servers have only v1alpha
	default:
		return nil
	}
}

type limitedStream struct {
	grpc.ClientStream
	*limiter
}

func (s limitedStream) RecvMsg(m any) error {
	if err := s.ClientStream.RecvMsg(m); err != nil {
		return err
	}
	for _, file := range filesOf(m) {
		s.bytes += len(file)
		if s.messages.take(file, (*descriptorpb.FileDescriptorProto)(nil).ProtoReflect().Descriptor(), 0) != nil {
			return errTooMuch
		}
	}
	if s.bytes > maxBytes {
		return errTooMuch
	}
	return nil
}

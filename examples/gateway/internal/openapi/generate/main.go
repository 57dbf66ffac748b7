// Command generate prints the OpenAPI document of the gateway. It reads the service
// with its comments from standard input, as buf build writes it.
package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/edge"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/openapi"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "openapi:", err)
		os.Exit(1)
	}
}

func run(stdin io.Reader, stdout io.Writer) error {
	image, err := io.ReadAll(stdin)
	if err != nil {
		return err
	}
	var set descriptorpb.FileDescriptorSet
	if err := proto.Unmarshal(image, &set); err != nil {
		return fmt.Errorf("standard input is not the output of buf build: %w", err)
	}
	files, err := protodesc.NewFiles(&set)
	if err != nil {
		return err
	}
	// The files of the program have the same descriptors, without comments.
	comments := func(d protoreflect.Descriptor) string {
		commented, err := files.FindDescriptorByName(d.FullName())
		if err != nil {
			return ""
		}
		comment := commented.ParentFile().SourceLocations().ByDescriptor(commented).LeadingComments
		return strings.TrimSpace(strings.ReplaceAll(comment, "\n ", "\n"))
	}
	service := jverificationv1.File_jiguang_jverification_v1_verification_service_proto.Services().ByName("VerificationService")
	doc, err := openapi.Document(service, edge.Routes(), comments)
	if err != nil {
		return err
	}
	return openapi.Write(stdout, doc)
}

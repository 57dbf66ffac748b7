package codetable_test

import (
	"encoding/base64"
	"fmt"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// paymentFiles stands for descriptors that arrive at run time, such as the
// image of `buf build -o` or the answers of gRPC reflection.
const paymentFiles = `file {
  name: "pay.proto" package: "pay" syntax: "proto3"
  enum_type {
    name: "PayCode"
    options { [codetable.v1.table] {
      domain: "pay.example.com" default_locale: "en"
      default_user_messages { key: "en" value: "Please try again later." }
    } }
    value { name: "PAY_CODE_PAID" number: 0 options { [codetable.v1.code] { grpc_code: GRPC_CODE_OK } } }
    value { name: "PAY_CODE_CARD_EXPIRED" number: 31 options { [codetable.v1.code] {
      grpc_code: GRPC_CODE_FAILED_PRECONDITION notes: "The card has expired" fault: FAULT_END_USER
      retry { action: RETRY_ACTION_NEW_INPUT }
      user_messages { key: "en" value: "Your card has expired. Please use another one." }
    } } }
  }
}`

// The values of grpc-status-details-bin in the access log of a proxy.
var logged = []string{
	"CAkSFFRoZSBjYXJkIGhhcyBleHBpcmVkGlcKKHR5cGUuZ29vZ2xlYXBpcy5jb20vZ29vZ2xlLnJwYy5FcnJvckluZm8SKwoMQ0FSRF9FWFBJUkVEEg9wYXkuZXhhbXBsZS5jb20aCgoEY29kZRICMzE=",
	"CA0SDmludGVybmFsIGVycm9yGjgKKnR5cGUuZ29vZ2xlYXBpcy5jb20vZ29vZ2xlLnJwYy5SZXF1ZXN0SW5mbxIKCgg3UVhBNE0yQw==",
}

// A log pipeline explains a code of a table that it was not built with.
func ExampleResolver() {
	var descriptors descriptorpb.FileDescriptorSet
	if err := prototext.Unmarshal([]byte(paymentFiles), &descriptors); err != nil {
		panic(err)
	}
	files, err := protodesc.NewFiles(&descriptors)
	if err != nil {
		panic(err)
	}
	resolver, err := codetable.NewResolver(files)
	if err != nil {
		panic(err)
	}

	for _, details := range logged {
		raw, _ := base64.StdEncoding.DecodeString(details)
		var received spb.Status
		if err := proto.Unmarshal(raw, &received); err != nil {
			fmt.Println("not a status:", err)
			continue
		}
		err := status.ErrorProto(&received)
		if e, ok := resolver.FromError(err); ok {
			fmt.Println(e.Domain(), e.Number(), e.Reason())
			fmt.Println(e.Fault(), "-", e.Retry())
			fmt.Println(e.UserMessage("en"))
		} else if mask, ok := codetable.Masked(err); ok {
			fmt.Println("masked, request id", mask.RequestID())
		}
	}
	// Output:
	// pay.example.com 31 CARD_EXPIRED
	// FAULT_END_USER - NEW_INPUT
	// Your card has expired. Please use another one.
	// masked, request id 7QXA4M2C
}

// Package rpcdetail names the standard error details and packs them.
package rpcdetail

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/anypb"
)

// The details of google/rpc/error_details.proto that the packages treat apart.
const (
	ErrorInfo        = protoreflect.FullName("google.rpc.ErrorInfo")
	RetryInfo        = protoreflect.FullName("google.rpc.RetryInfo")
	LocalizedMessage = protoreflect.FullName("google.rpc.LocalizedMessage")
	RequestInfo      = protoreflect.FullName("google.rpc.RequestInfo")
	Help             = protoreflect.FullName("google.rpc.Help")
	DebugInfo        = protoreflect.FullName("google.rpc.DebugInfo")

	// ErrorInfoURL is the type URL of an ErrorInfo in its usual form.
	ErrorInfoURL = "type.googleapis.com/" + string(ErrorInfo)
)

// Pack packs a detail of a known type whose strings are constants, come from a
// descriptor or were unmarshalled, and so are valid UTF-8: it can't fail.
func Pack(m proto.Message) *anypb.Any {
	packed := &anypb.Any{}
	if err := anypb.MarshalFrom(packed, m, proto.MarshalOptions{Deterministic: true}); err != nil {
		panic(err)
	}
	return packed
}

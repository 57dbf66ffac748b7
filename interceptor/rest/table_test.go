package rest_test

import (
	"sync"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
	"google.golang.org/protobuf/types/known/durationpb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
)

// row is one code of a table that is built at run time.
type row struct {
	number int32
	name   string
	grpc   codetablev1.GrpcCode
	fault  codetablev1.Fault
	action codetablev1.RetryAction
	delay  time.Duration
}

// newTable builds an annotated enum.
func newTable(pkg, domain string, rows ...row) protoreflect.EnumDescriptor {
	enum := &descriptorpb.EnumDescriptorProto{Name: new("Code"), Options: &descriptorpb.EnumOptions{}}
	proto.SetExtension(enum.Options, codetablev1.E_Table, &codetablev1.Table{Domain: domain})
	for _, r := range rows {
		code := &codetablev1.Code{
			GrpcCode: &r.grpc, Description: r.name, Fault: r.fault, Retry: &codetablev1.Retry{Action: r.action},
		}
		if r.delay > 0 {
			code.Retry.After = &codetablev1.Retry_Delay{Delay: durationpb.New(r.delay)}
		}
		value := &descriptorpb.EnumValueDescriptorProto{
			Name: new("CODE_" + r.name), Number: new(r.number), Options: &descriptorpb.EnumValueOptions{},
		}
		proto.SetExtension(value.Options, codetablev1.E_Code, code)
		enum.Value = append(enum.Value, value)
	}
	// proto2 lets an enum start at any number.
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Name: new(pkg + ".proto"), Package: &pkg, Syntax: new("proto2"), EnumType: []*descriptorpb.EnumDescriptorProto{enum},
	}, nil)
	if err != nil {
		panic(err)
	}
	return file.Enums().Get(0)
}

// twilioCode is a part of https://www.twilio.com/docs/api/errors. It has no
// success code, because a 2xx reply has no code.
type twilioCode int32

var twilioTable = sync.OnceValue(func() protoreflect.EnumDescriptor {
	return newTable(
		"twilio", "api.twilio.com",
		row{20003, "AUTHENTICATE", codetablev1.GrpcCode_GRPC_CODE_UNAUTHENTICATED, codetablev1.Fault_FAULT_OPERATOR, codetablev1.RetryAction_RETRY_ACTION_OPERATOR_ACTION, 0},
		row{20404, "NOT_FOUND", codetablev1.GrpcCode_GRPC_CODE_NOT_FOUND, codetablev1.Fault_FAULT_CALLER, codetablev1.RetryAction_RETRY_ACTION_NEVER, 0},
		row{20429, "TOO_MANY_REQUESTS", codetablev1.GrpcCode_GRPC_CODE_RESOURCE_EXHAUSTED, codetablev1.Fault_FAULT_OPERATOR, codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST, time.Second},
	)
})

func (twilioCode) Descriptor() protoreflect.EnumDescriptor { return twilioTable() }
func (twilioCode) Type() protoreflect.EnumType             { return dynamicpb.NewEnumType(twilioTable()) }
func (c twilioCode) Number() protoreflect.EnumNumber       { return protoreflect.EnumNumber(c) }

// isoCode is a part of ISO 8583, field 39.
type isoCode int32

var isoTable = sync.OnceValue(func() protoreflect.EnumDescriptor {
	return newTable(
		"iso8583", "cards.example.com",
		row{0, "APPROVED", codetablev1.GrpcCode_GRPC_CODE_OK, 0, 0, 0},
		row{51, "INSUFFICIENT_FUNDS", codetablev1.GrpcCode_GRPC_CODE_FAILED_PRECONDITION, codetablev1.Fault_FAULT_END_USER, codetablev1.RetryAction_RETRY_ACTION_NEVER, 0},
		row{68, "LATE_RESPONSE", codetablev1.GrpcCode_GRPC_CODE_UNKNOWN, codetablev1.Fault_FAULT_UPSTREAM, codetablev1.RetryAction_RETRY_ACTION_CONFIRM_OUTCOME, 0},
		row{91, "ISSUER_INOPERATIVE", codetablev1.GrpcCode_GRPC_CODE_UNAVAILABLE, codetablev1.Fault_FAULT_UPSTREAM, codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST, 5 * time.Second},
	)
})

func (isoCode) Descriptor() protoreflect.EnumDescriptor { return isoTable() }
func (isoCode) Type() protoreflect.EnumType             { return dynamicpb.NewEnumType(isoTable()) }
func (c isoCode) Number() protoreflect.EnumNumber       { return protoreflect.EnumNumber(c) }

package codetable_test

import (
	"errors"
	"maps"
	"slices"
	"sync"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

type responseCode = jverificationv1.ResponseCode

const (
	domain = "jverification.jiguang.cn"

	success       = jverificationv1.ResponseCode_RESPONSE_CODE_SUCCESS
	authFailed    = jverificationv1.ResponseCode_RESPONSE_CODE_AUTH_FAILED
	qpsLimit      = jverificationv1.ResponseCode_RESPONSE_CODE_QPS_LIMIT
	hourLimit     = jverificationv1.ResponseCode_RESPONSE_CODE_BEYOND_HOUR_FREQUENCY_LIMIT
	notConsistent = jverificationv1.ResponseCode_RESPONSE_CODE_VERIFY_NOT_CONSISTENT
	tokenExpired  = jverificationv1.ResponseCode_RESPONSE_CODE_TOKEN_EXPIRED_OR_NOT_EXIST
	numberLimit   = jverificationv1.ResponseCode_RESPONSE_CODE_NUMBER_FREQUENCY_BEYOND_LIMIT
	tooSoon       = jverificationv1.ResponseCode_RESPONSE_CODE_VERIFY_INTERVAL_BELOW_MINIMUM
	unlisted      = responseCode(4242)
)

// asError returns err itself as a *codetable.Error. It does not search err's
// tree.
func asError(tb testing.TB, err error) *codetable.Error {
	tb.Helper()
	e, ok := err.(*codetable.Error)
	if !ok {
		tb.Fatalf("got %T (%v), want *codetable.Error", err, err)
	}
	return e
}

// wire marshals and unmarshals the google.rpc.Status of an error, as a call
// does.
func wire(tb testing.TB, err error) error {
	tb.Helper()
	st, ok := status.FromError(err)
	if !ok {
		tb.Fatalf("%v holds no gRPC status", err)
	}
	raw, err := proto.Marshal(st.Proto())
	if err != nil {
		tb.Fatalf("marshal status: %v", err)
	}
	received := &spb.Status{}
	if err := proto.Unmarshal(raw, received); err != nil {
		tb.Fatalf("unmarshal status: %v", err)
	}
	return status.FromProto(received).Err()
}

// failure is a received status with the given details.
func failure(tb testing.TB, details ...proto.Message) error {
	tb.Helper()
	message := &spb.Status{Code: int32(codes.FailedPrecondition), Message: "as received"}
	for _, detail := range details {
		message.Details = append(message.Details, packed(tb, detail))
	}
	return status.FromProto(message).Err()
}

func packed(tb testing.TB, detail proto.Message) *anypb.Any {
	tb.Helper()
	if raw, ok := detail.(*anypb.Any); ok {
		return raw
	}
	raw, err := anypb.New(detail)
	if err != nil {
		tb.Fatalf("pack %T: %v", detail, err)
	}
	return raw
}

func info(domain, reason string, metadata map[string]string) *errdetails.ErrorInfo {
	return &errdetails.ErrorInfo{Reason: reason, Domain: domain, Metadata: metadata}
}

func withCode(number string) map[string]string { return map[string]string{"code": number} }

// findDetail returns the one detail of type M in the status of err.
func findDetail[M proto.Message](tb testing.TB, err interface{ GRPCStatus() *status.Status }) (M, bool) {
	tb.Helper()
	var found []M
	for _, detail := range err.GRPCStatus().Details() {
		if m, ok := detail.(M); ok {
			found = append(found, m)
		}
	}
	if len(found) > 1 {
		tb.Errorf("%d details of type %T, want at most 1", len(found), found[0])
	}
	if len(found) == 0 {
		var none M
		return none, false
	}
	return found[0], true
}

// storage is one way in which the options of an enum can be stored.
type storage struct {
	name     string
	resolver func() *protoregistry.Types // nil keeps the generated extensions
}

func storages() []storage {
	return []storage{
		{name: "generated extensions"},
		{name: "unknown fields", resolver: func() *protoregistry.Types { return new(protoregistry.Types) }},
		{name: "dynamic extensions", resolver: dynamicExtensions},
	}
}

func dynamicExtensions() *protoregistry.Types {
	types := new(protoregistry.Types)
	for _, x := range []protoreflect.ExtensionType{codetablev1.E_Table, codetablev1.E_Code, codetablev1.E_Method} {
		if err := types.RegisterExtension(dynamicpb.NewExtensionType(x.TypeDescriptor())); err != nil {
			panic(err)
		}
	}
	return types
}

// restored parses options again with the types of the storage.
func restored[M proto.Message](tb testing.TB, options M, s storage) M {
	tb.Helper()
	if s.resolver == nil || !options.ProtoReflect().IsValid() {
		return options
	}
	raw, err := proto.Marshal(options)
	if err != nil {
		tb.Fatalf("marshal options: %v", err)
	}
	fresh := options.ProtoReflect().New().Interface().(M)
	if err := (proto.UnmarshalOptions{Resolver: s.resolver()}).Unmarshal(raw, fresh); err != nil {
		tb.Fatalf("unmarshal options: %v", err)
	}
	return fresh
}

func tableOptions(table *codetablev1.Table) *descriptorpb.EnumOptions {
	options := &descriptorpb.EnumOptions{}
	if table != nil {
		proto.SetExtension(options, codetablev1.E_Table, table)
	}
	return options
}

// value is one value of an enum under test. A nil code leaves the option out.
func value(name string, number int32, code *codetablev1.Code) *descriptorpb.EnumValueDescriptorProto {
	v := &descriptorpb.EnumValueDescriptorProto{Name: &name, Number: &number}
	if code != nil {
		v.Options = &descriptorpb.EnumValueOptions{}
		proto.SetExtension(v.Options, codetablev1.E_Code, code)
	}
	return v
}

// newEnum builds the descriptor of the enum codetable.test.TestCode.
func newEnum(tb testing.TB, table *codetablev1.Table, values ...*descriptorpb.EnumValueDescriptorProto) protoreflect.EnumDescriptor {
	tb.Helper()
	return newFile(tb, "codetable.test", &descriptorpb.EnumDescriptorProto{Name: new("TestCode"), Options: tableOptions(table), Value: values})
}

func newEnumStored(tb testing.TB, s storage, table *codetablev1.Table, values ...*descriptorpb.EnumValueDescriptorProto) protoreflect.EnumDescriptor {
	tb.Helper()
	for _, v := range values {
		v.Options = restored(tb, v.Options, s)
	}
	options := restored(tb, tableOptions(table), s)
	return newFile(tb, "codetable.test", &descriptorpb.EnumDescriptorProto{Name: new("TestCode"), Options: options, Value: values})
}

func newFile(tb testing.TB, pkg string, enum *descriptorpb.EnumDescriptorProto, methods ...*descriptorpb.MethodDescriptorProto) protoreflect.EnumDescriptor {
	tb.Helper()
	seen := map[int32]bool{}
	for _, v := range enum.GetValue() {
		if seen[v.GetNumber()] {
			enum.Options.AllowAlias = new(true) // not allowed without an alias
		}
		seen[v.GetNumber()] = true
	}
	// proto2 lets an enum start at any number and name its values at will.
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Name:        new(pkg + ".proto"),
		Package:     &pkg,
		Syntax:      new("proto2"),
		EnumType:    []*descriptorpb.EnumDescriptorProto{enum},
		MessageType: []*descriptorpb.DescriptorProto{{Name: new("Empty")}},
		Service:     []*descriptorpb.ServiceDescriptorProto{{Name: new("TestService"), Method: methods}},
	}, nil)
	if err != nil {
		tb.Fatalf("build enum: %v", err)
	}
	return file.Enums().Get(0)
}

// method is one method of the service TestService in the file of the enum. Nil
// options leave the option out.
func method(pkg, name string, options *codetablev1.Method) *descriptorpb.MethodDescriptorProto {
	m := &descriptorpb.MethodDescriptorProto{Name: &name, InputType: new("." + pkg + ".Empty"), OutputType: new("." + pkg + ".Empty")}
	if options != nil {
		m.Options = &descriptorpb.MethodOptions{}
		proto.SetExtension(m.Options, codetablev1.E_Method, options)
	}
	return m
}

// declares is an option (codetable.v1.method) that names codes of one table.
func declares(domain string, reasons ...string) *codetablev1.Method {
	return &codetablev1.Method{Codes: []*codetablev1.MethodCodes{{Domain: domain, Reasons: reasons}}}
}

// dynCode passes a descriptor to the generic functions, which get it from the
// type: see withEnum.
type dynCode int32

var dyn struct {
	sync.Mutex
	desc protoreflect.EnumDescriptor
}

func (dynCode) Descriptor() protoreflect.EnumDescriptor { return dyn.desc }

func (dynCode) Type() protoreflect.EnumType { return dynamicpb.NewEnumType(dyn.desc) }

func (c dynCode) Number() protoreflect.EnumNumber { return protoreflect.EnumNumber(c) }

// withEnum runs f while dynCode has the given descriptor.
func withEnum(desc protoreflect.EnumDescriptor, f func()) {
	dyn.Lock()
	defer dyn.Unlock()
	dyn.desc = desc
	f()
}

// testTable and testCode have no fault. Each test case changes one part of
// them.
func testTable() *codetablev1.Table {
	return &codetablev1.Table{
		Domain:              "codes.example.com",
		TimeZone:            "Asia/Shanghai",
		HelpUrl:             "https://codes.example.com/help",
		DefaultUserMessages: map[string]string{"en": "Please try again later."},
		DefaultLocale:       "en",
	}
}

func testCode() *codetablev1.Code {
	return &codetablev1.Code{
		GrpcCode:     new(codetablev1.GrpcCode_GRPC_CODE_RESOURCE_EXHAUSTED),
		Description:  "busy",
		Notes:        "Too many calls",
		Fault:        codetablev1.Fault_FAULT_UPSTREAM,
		Retry:        sameRequest(&durationpb.Duration{Seconds: 1}),
		Detail:       &codetablev1.Detail{Type: codetablev1.DetailType_DETAIL_TYPE_QUOTA_FAILURE, Subject: "calls"},
		UserMessages: map[string]string{"en": "The service is busy."},
	}
}

func sameRequest(delay *durationpb.Duration) *codetablev1.Retry {
	retry := &codetablev1.Retry{Action: codetablev1.RetryAction_RETRY_ACTION_SAME_REQUEST}
	if delay != nil {
		retry.After = &codetablev1.Retry_Delay{Delay: delay}
	}
	return retry
}

func nextWindow(window codetablev1.CalendarWindow) *codetablev1.Retry {
	return &codetablev1.Retry{
		Action: codetablev1.RetryAction_RETRY_ACTION_NEXT_WINDOW,
		After:  &codetablev1.Retry_Window{Window: window},
	}
}

func withReason(reason string) *codetablev1.Code {
	code := testCode()
	code.Reason = reason
	return code
}

func confirmOutcome(delay *durationpb.Duration) *codetablev1.Retry {
	retry := sameRequest(delay)
	retry.Action = codetablev1.RetryAction_RETRY_ACTION_CONFIRM_OUTCOME
	return retry
}

func never() *codetablev1.Retry {
	return &codetablev1.Retry{Action: codetablev1.RetryAction_RETRY_ACTION_NEVER}
}

func successCode() *codetablev1.Code {
	return &codetablev1.Code{GrpcCode: new(codetablev1.GrpcCode_GRPC_CODE_OK)}
}

// each returns the errors that errors.Join joined.
func each(err error) []string {
	var list []string
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			list = append(list, e.Error())
		}
	}
	return list
}

// failing returns the failing codes of the table, in the order of the numbers.
func failing() []responseCode {
	specs := maps.Collect(codetable.All[responseCode]())
	maps.DeleteFunc(specs, func(_ responseCode, s codetable.Spec) bool { return s.GRPCCode() == codes.OK })
	return slices.Sorted(maps.Keys(specs))
}

var errCause = errors.New("pq: secret of the cause")

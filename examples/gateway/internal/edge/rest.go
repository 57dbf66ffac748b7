package edge

import (
	"fmt"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
)

// routes are the REST paths of methods.
var routes = map[protoreflect.Name]string{ //nolint:gosec // a path with "Tokens" in it is no secret
	"VerifyNumber":        "/v1/numbers:verify",
	"QueryBusinessRisk":   "/v1/numbers:queryBusinessRisk",
	"ExchangeLoginToken":  "/v1/loginTokens:exchange",
	"CheckCaptcha":        "/v1/captchas:check",
	"EnableOneClickLogin": "/v1/apps:enableOneClickLogin",
}

// annotate gives the methods of a service the options that an import of
// google/api would have given them. [vanguard.WithRules] is there for this, but
// reads a selector as a prefix (v0.4.0): the rule of VerifyNumber would be one
// of VerifyNumbers too, and be refused for the conflict.
func annotate(service protoreflect.ServiceDescriptor) (protoreflect.ServiceDescriptor, error) {
	file := protodesc.ToFileDescriptorProto(service.ParentFile())
	for name, path := range routes {
		method := service.Methods().ByName(name)
		if method == nil {
			return nil, fmt.Errorf("edge: %s has no method %s to route %s to", service.FullName(), name, path)
		}
		options := &descriptorpb.MethodOptions{}
		proto.Merge(options, method.Options())
		proto.SetExtension(options, annotations.E_Http, &annotations.HttpRule{
			Pattern: &annotations.HttpRule_Post{Post: path},
			Body:    "*",
		})
		file.GetService()[service.Index()].GetMethod()[method.Index()].Options = options
	}
	annotated, err := protodesc.NewFile(file, protoregistry.GlobalFiles)
	if err != nil {
		return nil, fmt.Errorf("edge: annotate %s: %w", service.FullName(), err)
	}
	return annotated.Services().Get(service.Index()), nil
}

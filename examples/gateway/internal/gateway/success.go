package gateway

import (
	"google.golang.org/grpc/codes"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// successes are the codes that methods succeed with, by their full names.
type successes map[string]jverificationv1.ResponseCode

// newSuccesses takes them from what the methods declare. That of a captcha is a
// setting, since the upstream does not document it.
func newSuccesses(c Config) successes {
	s := successes{}
	service := jverificationv1.File_jiguang_jverification_v1_verification_service_proto.Services().ByName("VerificationService")
	for i := range service.Methods().Len() {
		method := service.Methods().Get(i)
		declared, _ := codetable.Declared(method)
		for _, spec := range declared {
			if spec.GRPCCode() == codes.OK {
				s["/"+string(service.FullName())+"/"+string(method.Name())] = jverificationv1.ResponseCode(spec.Number())
			}
		}
	}
	s[jverificationv1.VerificationService_CheckCaptcha_FullMethodName] = jverificationv1.ResponseCode(c.CaptchaSuccessCode)
	return s
}

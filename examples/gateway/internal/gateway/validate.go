package gateway

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"google.golang.org/genproto/googleapis/rpc/errdetails"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// The limits of texts, in bytes. The upstream documents none; these are well
// above what its samples show.
const (
	maxToken     = 4096
	maxExID      = 128
	maxAppKey    = 64
	maxName      = 256
	maxPublicKey = 4096
	maxURL       = 2048
)

// violations gathers what is wrong with a request, so that one answer shows
// all of it. It names fields, never values.
type violations []*errdetails.BadRequest_FieldViolation

func (v *violations) add(field, description string) {
	*v = append(*v, &errdetails.BadRequest_FieldViolation{Field: field, Description: description})
}

func (v *violations) required(field, value string, limit int) {
	if value == "" {
		v.add(field, "is required")
		return
	}
	v.optional(field, value, limit)
}

func (v *violations) optional(field, value string, limit int) {
	if v.limit(field, value, limit) && strings.ContainsFunc(value, unicode.IsControl) {
		v.add(field, "holds a control character")
	}
}

// limit reports whether the value keeps to it.
func (v *violations) limit(field, value string, limit int) bool {
	if len(value) > limit {
		v.add(field, fmt.Sprintf("is longer than %d bytes", limit))
	}
	return len(value) <= limit
}

func (v *violations) phone(pattern *regexp.Regexp, value string) {
	switch {
	case value == "":
		v.add("phone", "is required")
	case !pattern.MatchString(value):
		v.add("phone", "is not a phone number: digits, without spaces, after an optional +")
	}
}

func (v *violations) address(value string) {
	if value == "" {
		return
	}
	if addr, err := netip.ParseAddr(value); err != nil || addr.Zone() != "" {
		v.add("end_user_ip", "is not an IP address")
	}
}

func (v *violations) url(field, value string) {
	if value == "" || !v.limit(field, value, maxURL) {
		return
	}
	if u, err := url.Parse(value); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		v.add(field, "is not an absolute URL that begins with https:// or http://")
	}
}

// err answers as the upstream would, without the cost of a call.
func (v violations) err() error {
	if len(v) == 0 {
		return nil
	}
	return codetable.NewError(jverificationv1.ResponseCode_RESPONSE_CODE_PARAMETER_INVALID,
		codetable.WithDetail(&errdetails.BadRequest{FieldViolations: v}))
}

// assessable checks what the requests of a token have in common.
func (v *violations) assessable(req assessable) {
	v.optional("ex_id", req.GetExId(), maxExID)
	if _, known := jverificationv1.Surface_name[int32(req.GetSurface())]; !known {
		v.add("surface", "is not a known surface")
	}
	v.address(req.GetEndUserIp())
}

func (v *violations) activation(req *jverificationv1.EnableOneClickLoginRequest) {
	v.required("app_key", req.GetAppKey(), maxAppKey)
	v.required("package_name", req.GetPackageName(), maxName)
	switch req.GetPlatform() {
	case jverificationv1.Platform_PLATFORM_ANDROID:
		v.required("app_sign", req.GetAppSign(), maxName)
	case jverificationv1.Platform_PLATFORM_IOS:
		v.optional("app_sign", req.GetAppSign(), maxName)
	case jverificationv1.Platform_PLATFORM_UNSPECIFIED:
		v.add("platform", "is required")
	default:
		v.add("platform", "is not a known platform")
	}
	v.limit("rsa_public_key", req.GetRsaPublicKey(), maxPublicKey) // PEM has line breaks
	v.url("callback_url", req.GetCallbackUrl())
}

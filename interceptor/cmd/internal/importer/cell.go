package importer

import (
	"errors"
	"strconv"
	"strings"

	"golang.org/x/text/width"
	"google.golang.org/protobuf/reflect/protoreflect"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/find"
)

var (
	numberRule = lazy(`^[+-]?(?:[0-9]+|0[xX][0-9a-fA-F]+)$`)
	rangeRule  = lazy(`^[+-]?[0-9]+\s*(?:-|~|\.\.+|…|to|至)\s*[+-]?[0-9]+$|^[0-9][xX]{2,}$`)

	errNoNumber  = errors.New("its code is not a number; if the row is a code, give it one")
	errRange     = errors.New("its code is a range: list each number as a row")
	errTooBig    = errors.New("its code does not fit int32, the type of enum numbers")
	errEmptyCode = errors.New("it has no code")
)

// signs are characters that publishers write for the signs of numbers.
var signs = strings.NewReplacer("−", "-", "–", "-", "—", "-", "‐", "-", "‑", "-", "～", "~", "〜", "~")

// number reads a code: decimal, also with zeros in front or in wide digits, or
// hexadecimal. It may be quoted.
func number(cell string) (int32, error) {
	s := strings.Trim(width.Fold.String(signs.Replace(cell)), " \t\"'`*")
	switch {
	case s == "":
		return 0, errEmptyCode
	case rangeRule().MatchString(s):
		return 0, errRange
	case !numberRule().MatchString(s):
		return 0, errNoNumber
	}
	base := 10
	if digits := strings.Replace(strings.ToLower(s), "0x", "", 1); len(digits) < len(s) {
		s, base = digits, 16
	}
	n, err := strconv.ParseInt(s, base, 32)
	if err != nil {
		return 0, errTooBig
	}
	return int32(n), nil
}

func isNumber(cell string) bool {
	_, err := number(cell)
	return err == nil
}

// named reads the name of a value of an enum in any case, with or without its
// prefix.
func named[E interface {
	~int32
	protoreflect.Enum
}](cell string) (E, bool) {
	var zero E
	value, err := find.Enum[E](zero.Descriptor(), cell)
	return value, err == nil && !isNumber(cell)
}

// grpcCode reads the name of a gRPC code: "NOT_FOUND", "NotFound", "not found".
func grpcCode(cell string) (codetablev1.GrpcCode, bool) {
	if strings.EqualFold(cell, "canceled") {
		return codetablev1.GrpcCode_GRPC_CODE_CANCELLED, true
	}
	return named[codetablev1.GrpcCode](cell)
}

// ofHTTP is the mapping of google.rpc.Code from HTTP statuses of errors. Where
// it has several codes for a status, this is the most general one. CANCELLED is
// left out: an upstream can't know that the caller cancelled.
var ofHTTP = map[int]codetablev1.GrpcCode{
	400: codetablev1.GrpcCode_GRPC_CODE_INVALID_ARGUMENT,
	401: codetablev1.GrpcCode_GRPC_CODE_UNAUTHENTICATED,
	403: codetablev1.GrpcCode_GRPC_CODE_PERMISSION_DENIED,
	404: codetablev1.GrpcCode_GRPC_CODE_NOT_FOUND,
	409: codetablev1.GrpcCode_GRPC_CODE_ABORTED,
	429: codetablev1.GrpcCode_GRPC_CODE_RESOURCE_EXHAUSTED,
	500: codetablev1.GrpcCode_GRPC_CODE_INTERNAL,
	501: codetablev1.GrpcCode_GRPC_CODE_UNIMPLEMENTED,
	503: codetablev1.GrpcCode_GRPC_CODE_UNAVAILABLE,
	504: codetablev1.GrpcCode_GRPC_CODE_DEADLINE_EXCEEDED,
}

// hints are words that propose a gRPC code. The first hint that a text has
// decides. A hint of ASCII letters matches the beginning of a word. The
// proposals are never OK.
var hints = []struct {
	code  codetablev1.GrpcCode
	words []string
}{
	{codetablev1.GrpcCode_GRPC_CODE_RESOURCE_EXHAUSTED, []string{
		"limit", "quota", "too many", "too frequent", "frequency", "throttl", "exhausted", "频率", "频繁", "限流", "超限", "上限", "配额",
	}},
	{codetablev1.GrpcCode_GRPC_CODE_ALREADY_EXISTS, []string{"already", "duplicate", "已存在", "重复"}},
	{codetablev1.GrpcCode_GRPC_CODE_DEADLINE_EXCEEDED, []string{"timeout", "timed out", "time out", "超时"}},
	{codetablev1.GrpcCode_GRPC_CODE_UNAUTHENTICATED, []string{"auth fail", "authentication", "unauthenticated", "auth", "credential", "鉴权", "认证", "未登录"}},
	{codetablev1.GrpcCode_GRPC_CODE_PERMISSION_DENIED, []string{"permission", "forbidden", "denied", "not allowed", "blocked", "权限", "禁止"}},
	{codetablev1.GrpcCode_GRPC_CODE_NOT_FOUND, []string{
		"not found", "not exist", "does not exist", "doesn t exist", "no such", "missing resource", "不存在", "未找到", "找不到",
	}},
	{codetablev1.GrpcCode_GRPC_CODE_UNIMPLEMENTED, []string{"not supported", "unsupported", "not implemented", "unimplemented", "不支持"}},
	{codetablev1.GrpcCode_GRPC_CODE_FAILED_PRECONDITION, []string{"balance", "no money", "not bind", "not bound", "expired", "not enabled", "disabled", "余额", "过期", "未开通"}},
	{codetablev1.GrpcCode_GRPC_CODE_INVALID_ARGUMENT, []string{
		"invalid", "illegal", "malformed", "missing", "bad request", "bad param", "required", "参数", "格式", "非法", "无效", "缺少",
	}},
	{codetablev1.GrpcCode_GRPC_CODE_UNAVAILABLE, []string{"unavailable", "maintenance", "overload", "busy", "维护", "繁忙", "不可用"}},
	{codetablev1.GrpcCode_GRPC_CODE_INTERNAL, []string{"internal", "server error", "bad server", "system error", "内部", "系统错误", "服务器"}},
}

// ofWords proposes a gRPC code by the words of a text. Default: UNKNOWN.
func ofWords(texts ...string) codetablev1.GrpcCode {
	for _, text := range texts {
		words := " " + heading(text)
		for _, hint := range hints {
			for _, word := range hint.words {
				if word[0] < 0x80 {
					word = " " + word
				}
				if strings.Contains(words, word) {
					return hint.code
				}
			}
		}
	}
	return codetablev1.GrpcCode_GRPC_CODE_UNKNOWN
}

// These match texts in the form of heading.
var (
	// successRule matches the texts that say nothing but success.
	successRule = lazy(`^(?:ok|success|succeed|succeeded|successful|no error|request succeeded|(?:请求|操作|調用|调用)?成功|正常` +
		`|成功しました|성공|erfolg|erfolgreich|éxito|succès)$`)
	// agreeRule and doubtRule match notes that do and do not confirm a success.
	agreeRule = lazy(`(?:^| )succe(?:ss|ed)|成功`)
	doubtRule = lazy(`(?:^| )(?:not |no |un|fail|error|partial |only )|失败|不|未|错误|部分`)

	noRule = lazy(`^(?:no|false|never|否|不可|不可重试|不)$`)
)

// saysSuccess reports whether the texts of a code say nothing but success.
func saysSuccess(description, notes string) bool {
	notes = heading(notes)
	return successRule().MatchString(heading(description)) && (notes == "" || successRule().MatchString(notes) ||
		agreeRule().MatchString(notes) && !doubtRule().MatchString(notes))
}

// httpStatus reads an HTTP status, also with its text: "404 Not Found". Default: 0.
func httpStatus(cell string) int {
	first, _, _ := strings.Cut(cell, " ")
	if n, err := strconv.Atoi(first); err == nil && n >= 100 && n < 600 {
		return n
	}
	return 0
}

package importer

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
)

// grpcCode reads the name of a gRPC code in any case: "NOT_FOUND", "NotFound",
// "GRPC_CODE_NOT_FOUND", "not found".
func grpcCode(cell string) (codetablev1.GrpcCode, bool) {
	want := strings.TrimPrefix(letters(cell), "GRPCCODE")
	if want == "CANCELED" {
		want = "CANCELLED"
	}
	for number, name := range codetablev1.GrpcCode_name {
		if letters(strings.TrimPrefix(name, "GRPC_CODE_")) == want {
			return codetablev1.GrpcCode(number), true
		}
	}
	return 0, false
}

// enumValue reads the name of a value of an enum, with or without its prefix,
// in any case.
func enumValue(cell, prefix string, names map[int32]string) (int32, bool) {
	want := strings.TrimPrefix(letters(cell), letters(prefix))
	for number, name := range names {
		if number != 0 && letters(strings.TrimPrefix(name, prefix)) == want {
			return number, true
		}
	}
	return 0, false
}

// letters returns the ASCII letters of a text in upper case.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII || !unicode.IsLetter(r) {
			return -1
		}
		return unicode.ToUpper(r)
	}, s)
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
		padded := " " + heading(text)
		for _, hint := range hints {
			for _, word := range hint.words {
				if word[0] < 0x80 {
					word = " " + word
				}
				if strings.Contains(padded, word) {
					return hint.code
				}
			}
		}
	}
	return codetablev1.GrpcCode_GRPC_CODE_UNKNOWN
}

// successes are the texts that say nothing but success. A text with more words
// is never read as a success.
var successes = map[string]bool{
	"success": true, "ok": true, "succeeded": true, "successful": true, "succeed": true, "no error": true, "request succeeded": true,
	"成功": true, "请求成功": true, "操作成功": true, "調用成功": true, "调用成功": true, "正常": true, "成功しました": true, "성공": true,
	"erfolg": true, "erfolgreich": true, "éxito": true, "succès": true,
}

func saysSuccess(text string) bool { return successes[heading(text)] }

// agrees reports whether the notes of a success speak of a success too.
func agrees(notes string) bool {
	padded := " " + heading(notes)
	has := func(word string) bool { return strings.Contains(padded, word) }
	return notes == "" || saysSuccess(notes) || slices.ContainsFunc([]string{" success", " succeed", "成功"}, has) &&
		!slices.ContainsFunc([]string{" not ", " no ", " un", " fail", " error", " partial", " only ", "失败", "不", "未", "错误", "部分"}, has)
}

// httpStatus reads an HTTP status, also with its text: "404 Not Found".
func httpStatus(cell string) (int, bool) {
	first, _, _ := strings.Cut(strings.TrimSpace(cell), " ")
	n, err := strconv.Atoi(first)
	return n, err == nil && n >= 100 && n < 600
}

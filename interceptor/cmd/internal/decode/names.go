package decode

import (
	"strconv"
	"strings"
	"sync"

	"google.golang.org/grpc/codes"

	"github.com/codetable/grpc-codetable/interceptor/internal/table"
)

// parseCode reads a gRPC code: a number, or a name in the spelling of any
// language, such as NOT_FOUND, NotFound, not_found and StatusCode.NOT_FOUND.
func parseCode(s string) (int32, bool) {
	if n, ok := parseInt(s); ok {
		return n, true
	}
	code, ok := codeNames()[plain(s[strings.LastIndexByte(s, '.')+1:])]
	return code, ok
}

func plain(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "")) }

var codeNames = sync.OnceValue(func() map[string]int32 {
	names := map[string]int32{"canceled": int32(codes.Canceled)} // with one l in Go and Connect
	for code := codes.OK; code <= codes.Unauthenticated; code++ {
		names[plain(table.CodeName(code))] = int32(code)
	}
	return names
})

func parseInt(s string) (int32, bool) {
	n, err := strconv.ParseInt(s, 10, 32)
	return int32(n), err == nil
}

func isCode(code int32) bool { return code >= 0 && codes.Code(code) <= codes.Unauthenticated }

// codeName returns the number and the name of a gRPC code.
func codeName(code int32) string {
	return strings.TrimSpace(strconv.Itoa(int(code)) + " " + name(code))
}

// name returns the name of a gRPC code, or "" if gRPC does not know the code.
func name(code int32) string {
	if !isCode(code) {
		return ""
	}
	return table.CodeName(codes.Code(code))
}

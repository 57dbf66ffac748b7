package decode_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/decode"
)

// FuzzDecode checks that no input makes decode fail or show control characters.
func FuzzDecode(f *testing.F) {
	tables := linked(f)
	message := &spb.Status{} // small, because large seeds are slow to minimize
	if err := proto.Unmarshal(vectors(f)[0].Status, message); err != nil {
		f.Fatal(err)
	}
	for _, encode := range encoders {
		f.Add(encode(message))
	}
	f.Add(`codetable.code=9003 codetable.reason=R codetable.domain=a.b codetable.request_id="\x"`)
	f.Add("rpc error: code = Code(77) desc = \xff")
	f.Add(`{"error":{"code":400,"status":"X","details":[{"@type":"","value":1}]},"metadata":{"grpc-status":[{}]}}`)
	f.Fuzz(func(t *testing.T, input string) {
		result := decode.Find(input, tables.Types)
		if len(result.Found) > decode.MaxStatuses {
			t.Fatalf("%d statuses", len(result.Found))
		}
		text := write(t, input)
		if !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && !unicode.IsGraphic(r) }) {
			t.Errorf("%q: the output has control characters: %q", input, text)
		}
	})
}

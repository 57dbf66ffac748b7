package rest_test

import (
	"net/http"
	"testing"

	"github.com/codetable/grpc-codetable/interceptor/rest"
)

// BenchmarkDo is the cost of a reply without that of the network.
func BenchmarkDo(b *testing.B) {
	for _, bb := range []struct{ reply, body string }{
		{"success", `{"id":117270465679982593,"code":9000,"content":"verify consistent","exID":"e-1"}`},
		{"failure", `{"id":117270465679982593,"code":9001,"content":"verify not consistent","exID":"e-1"}`},
		{"no-code", `<html><body>502 Bad Gateway</body></html>`},
	} {
		b.Run("reply="+bb.reply, func(b *testing.B) {
			client := canned(http.StatusOK, []byte(bb.body))
			req := newRequest(b, "http://upstream.test")
			b.ReportAllocs()
			for b.Loop() {
				var reply verifyReply
				if err := rest.Do[Code](client, req, &reply); (err == nil) != (bb.reply == "success") {
					b.Fatal(err)
				}
			}
		})
	}
}

package leases_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/leases"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/redistest"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/shared"
	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
)

// answer is an upstream that takes no time.
type answer struct{}

func (answer) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(`{"code":9000}`)),
	}, nil
}

// BenchmarkCall is a call in process. What the bound of a caller adds is its difference
// from the call of a gateway that bounds its own calls only.
func BenchmarkCall(b *testing.B) {
	silent := slog.New(slog.DiscardHandler)
	for name, places := range map[string]func(b *testing.B) gateway.CallerPlaces{
		"alone": func(*testing.B) gateway.CallerPlaces { return nil },
		"shared": func(b *testing.B) gateway.CallerPlaces {
			return leases.New(dial(b, "redis://"+redistest.Start(b).Address), shared.NewGuard(shared.DefaultTimeout, silent))
		},
		"Redis killed": func(b *testing.B) gateway.CallerPlaces {
			server := redistest.Start(b)
			server.Kill()
			return leases.New(dial(b, "redis://"+server.Address), shared.NewGuard(shared.DefaultTimeout, silent))
		},
	} {
		b.Run(name, func(b *testing.B) {
			g, err := gateway.New(gateway.Config{
				UpstreamURL: "https://upstream.test", AppKey: "key", MasterSecret: "secret", Transport: answer{},
				Logger: silent, CallerPlaces: places(b),
			})
			if err != nil {
				b.Fatal(err)
			}
			request := &jverificationv1.VerifyNumberRequest{Phone: "13800138000", Token: "token"}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := g.VerifyNumber(context.Background(), request); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

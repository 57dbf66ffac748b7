package gateway_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
)

func TestConfigFaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*gateway.Config)
		want   []string // the keys complained of
	}{
		{"valid", func(*gateway.Config) {}, nil},
		{"loopback by name", func(c *gateway.Config) { c.UpstreamURL = "http://localhost:1" }, nil},
		{"loopback by IPv6", func(c *gateway.Config) { c.UpstreamURL = "http://[::1]:1" }, nil},
		{"no activation", func(c *gateway.Config) { c.AdminURL, c.DevKey, c.DevSecret = "", "", "" }, nil},
		{"another captcha code", func(c *gateway.Config) { c.CaptchaSuccessCode = 7000 }, nil},
		{"nothing", func(c *gateway.Config) { *c = gateway.Config{} }, []string{"upstream-url", "app-key", "master-secret-file"}},
		{"half an activation", func(c *gateway.Config) { c.DevKey, c.DevSecret = "", "" }, []string{"dev-key", "dev-secret-file"}},
		{"plain http", func(c *gateway.Config) { c.UpstreamURL = "http://api.example" }, []string{"upstream-url"}},
		{"another scheme", func(c *gateway.Config) { c.AdminURL = "ftp://127.0.0.1" }, []string{"admin-url"}},
		{"no host", func(c *gateway.Config) { c.UpstreamURL = "api.example" }, []string{"upstream-url"}},
		{"no URL", func(c *gateway.Config) { c.UpstreamURL = "://" + masterSecret }, []string{"upstream-url"}},
		{"credentials in the URL", func(c *gateway.Config) { c.UpstreamURL = "https://a:" + masterSecret + "@api.example" }, []string{"upstream-url"}},
		{"query in the URL", func(c *gateway.Config) { c.UpstreamURL = "https://api.example?" + masterSecret }, []string{"upstream-url"}},
		{"colon in the key", func(c *gateway.Config) { c.AppKey = "a:b" }, []string{"app-key"}},
		{"negative timeout", func(c *gateway.Config) { c.Timeout = -time.Second }, []string{"timeout"}},
		{"no pattern", func(c *gateway.Config) { c.PhonePattern = "(" + masterSecret }, []string{"phone-pattern"}},
		{"half a pattern twice", func(c *gateway.Config) { c.PhonePattern = "1)|(2" }, []string{"phone-pattern"}},
		{"a port alone", func(c *gateway.Config) { c.UpstreamURL = "https://:443" }, []string{"upstream-url"}},
		{"negative limits", func(c *gateway.Config) {
			c.MaxUpstreamCalls, c.MaxCallerCalls, c.RiskAttempts, c.HealthFailures, c.HealthSuccesses, c.MaxRequestBytes = -1, -1, -1, -1, -1, -1
			c.ProbeInterval, c.KeepaliveMinTime, c.MaxConnectionIdle, c.MaxConnectionAge, c.MaxConnectionAgeGrace = -1, -1, -1, -1, -1
		}, []string{
			"max-upstream-calls", "max-caller-calls", "risk-attempts", "health-failures", "health-successes", "probe-interval",
			"max-request-bytes", "keepalive-min-time", "max-connection-idle", "max-connection-age", "max-connection-age-grace",
		}},
		{"the largest request", func(c *gateway.Config) { c.MaxRequestBytes = 1 << 30 }, nil},
		{"more than gRPC can count", func(c *gateway.Config) { c.MaxRequestBytes = 1 << 32 }, []string{"max-request-bytes"}},
		{"another identity", func(c *gateway.Config) { c.CallerIdentity = "metadata:x-caller" }, nil},
		{"no identity", func(c *gateway.Config) { c.CallerIdentity = masterSecret }, []string{"caller-identity"}},
		{"no header", func(c *gateway.Config) { c.CallerIdentity = "metadata:" }, []string{"caller-identity"}},
		{"an upper-case header", func(c *gateway.Config) { c.CallerIdentity = "metadata:X-Caller" }, []string{"caller-identity"}},
		{"a header of the protocol", func(c *gateway.Config) { c.CallerIdentity = "metadata:grpc-caller" }, []string{"caller-identity"}},
		{"a header that is never handed on", func(c *gateway.Config) { c.CallerIdentity = "metadata:host" }, []string{"caller-identity"}},
		{"a binary header", func(c *gateway.Config) { c.CallerIdentity = "metadata:caller-bin" }, []string{"caller-identity"}},
		{"failing captcha code", func(c *gateway.Config) { c.CaptchaSuccessCode = 7104 }, []string{"captcha-success-code"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			config := configFor("https://api.example", io.Discard)
			tt.change(&config)
			_, err := gateway.New(config)
			var got []string
			if invalid, ok := errors.AsType[*gateway.ConfigError](err); ok {
				for _, fault := range invalid.Faults {
					got = append(got, fault.Key)
				}
			} else if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("keys (-want +got):\n%s", diff)
			}
			if err != nil && strings.Contains(err.Error(), masterSecret) {
				t.Errorf("the error shows a secret: %v", err)
			}
		})
	}
}

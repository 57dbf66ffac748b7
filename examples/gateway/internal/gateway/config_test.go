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
		want   []string // the fields complained of
	}{
		{"valid", func(*gateway.Config) {}, nil},
		{"loopback by name", func(c *gateway.Config) { c.UpstreamURL = "http://localhost:1" }, nil},
		{"loopback by IPv6", func(c *gateway.Config) { c.UpstreamURL = "http://[::1]:1" }, nil},
		{"no activation", func(c *gateway.Config) { c.AdminURL, c.DevKey, c.DevSecret = "", "", "" }, nil},
		{"another captcha code", func(c *gateway.Config) { c.CaptchaSuccessCode = 7000 }, nil},
		{"nothing", func(c *gateway.Config) { *c = gateway.Config{} }, []string{"UpstreamURL", "AppKey", "MasterSecret"}},
		{"half an activation", func(c *gateway.Config) { c.DevKey, c.DevSecret = "", "" }, []string{"DevKey", "DevSecret"}},
		{"plain http", func(c *gateway.Config) { c.UpstreamURL = "http://api.example" }, []string{"UpstreamURL"}},
		{"another scheme", func(c *gateway.Config) { c.AdminURL = "ftp://127.0.0.1" }, []string{"AdminURL"}},
		{"no host", func(c *gateway.Config) { c.UpstreamURL = "api.example" }, []string{"UpstreamURL"}},
		{"no URL", func(c *gateway.Config) { c.UpstreamURL = "://" + masterSecret }, []string{"UpstreamURL"}},
		{"credentials in the URL", func(c *gateway.Config) { c.UpstreamURL = "https://a:" + masterSecret + "@api.example" }, []string{"UpstreamURL"}},
		{"query in the URL", func(c *gateway.Config) { c.UpstreamURL = "https://api.example?" + masterSecret }, []string{"UpstreamURL"}},
		{"colon in the key", func(c *gateway.Config) { c.AppKey = "a:b" }, []string{"AppKey"}},
		{"negative timeout", func(c *gateway.Config) { c.Timeout = -time.Second }, []string{"Timeout"}},
		{"no pattern", func(c *gateway.Config) { c.PhonePattern = "(" + masterSecret }, []string{"PhonePattern"}},
		{"negative limits", func(c *gateway.Config) {
			c.MaxUpstreamCalls, c.MaxCallerCalls, c.RiskAttempts, c.HealthFailures, c.HealthSuccesses, c.MaxRequestBytes = -1, -1, -1, -1, -1, -1
			c.ProbeInterval, c.KeepaliveMinTime, c.MaxConnectionAge, c.MaxConnectionAgeGrace = -1, -1, -1, -1
		}, []string{
			"MaxUpstreamCalls", "MaxCallerCalls", "RiskAttempts", "HealthFailures", "HealthSuccesses", "ProbeInterval",
			"MaxRequestBytes", "KeepaliveMinTime", "MaxConnectionAge", "MaxConnectionAgeGrace",
		}},
		{"the largest request", func(c *gateway.Config) { c.MaxRequestBytes = 1 << 30 }, nil},
		{"more than gRPC can count", func(c *gateway.Config) { c.MaxRequestBytes = 1 << 32 }, []string{"MaxRequestBytes"}},
		{"another identity", func(c *gateway.Config) { c.CallerIdentity = "metadata:x-caller" }, nil},
		{"no identity", func(c *gateway.Config) { c.CallerIdentity = masterSecret }, []string{"CallerIdentity"}},
		{"no header", func(c *gateway.Config) { c.CallerIdentity = "metadata:" }, []string{"CallerIdentity"}},
		{"an upper-case header", func(c *gateway.Config) { c.CallerIdentity = "metadata:X-Caller" }, []string{"CallerIdentity"}},
		{"a binary header", func(c *gateway.Config) { c.CallerIdentity = "metadata:caller-bin" }, []string{"CallerIdentity"}},
		{"failing captcha code", func(c *gateway.Config) { c.CaptchaSuccessCode = 7104 }, []string{"CaptchaSuccessCode"}},
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
					got = append(got, fault.Field)
				}
			} else if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
			if err != nil && strings.Contains(err.Error(), masterSecret) {
				t.Errorf("the error shows a secret: %v", err)
			}
		})
	}
}

package simulator_test

import (
	"crypto/rsa"
	"strings"
	"testing"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/simulator"
)

func TestDefaultConfigIsValid(t *testing.T) {
	t.Parallel()
	if _, err := simulator.New(simulator.DefaultConfig()); err != nil {
		t.Error(err)
	}
}

func TestNewRefusesBadConfigs(t *testing.T) {
	t.Parallel()
	for want, spoil := range map[string]func(*simulator.Config){
		"AppKey is empty":                func(c *simulator.Config) { c.AppKey = "" },
		"AppKey contains a colon":        func(c *simulator.Config) { c.AppKey = "a:b" },
		"MasterSecret is empty":          func(c *simulator.Config) { c.MasterSecret = "" },
		"DevKey is empty":                func(c *simulator.Config) { c.DevKey = "" },
		"DevSecret is empty":             func(c *simulator.Config) { c.DevSecret = "" },
		"NumberGap is negative":          func(c *simulator.Config) { c.NumberGap = -1 },
		"NumberDailyLimit is negative":   func(c *simulator.Config) { c.NumberDailyLimit = -1 },
		"AppDailyLimit is negative":      func(c *simulator.Config) { c.AppDailyLimit = -1 },
		"AppHourlyLimit is negative":     func(c *simulator.Config) { c.AppHourlyLimit = -1 },
		"QPS is negative":                func(c *simulator.Config) { c.QPS = -1 },
		"Balance is negative":            func(c *simulator.Config) { c.Balance = -1 },
		"VerifyTokenTTL is not positive": func(c *simulator.Config) { c.VerifyTokenTTL = 0 },
		"LoginTokenTTL is not positive":  func(c *simulator.Config) { c.LoginTokenTTL = 0 },
		"Latency is negative":            func(c *simulator.Config) { c.Latency = -1 },
		"HangLimit is negative":          func(c *simulator.Config) { c.HangLimit = -1 },
		"Trickle is negative":            func(c *simulator.Config) { c.Trickle = -1 },
		"CaptchaSuccessCode is no int32": func(c *simulator.Config) { c.CaptchaSuccessCode = 1 << 31 },
		"Zone is nil":                    func(c *simulator.Config) { c.Zone = nil },
		"Clock is nil":                   func(c *simulator.Config) { c.Clock = nil },
		"RSA key has no modulus":         func(c *simulator.Config) { c.PublicKey = &rsa.PublicKey{} },
		"RSA key has 512 bits":           func(c *simulator.Config) { c.PublicKey = &rsa.PublicKey{N: keyPair().Primes[0], E: 65537} },
	} {
		config := simulator.DefaultConfig()
		spoil(&config)
		if _, err := simulator.New(config); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error = %v, want %q", err, want)
		}
	}
}

func TestNewNamesEveryFault(t *testing.T) {
	t.Parallel()
	_, err := simulator.New(simulator.Config{})
	for _, want := range []string{"AppKey", "DevSecret", "LoginTokenTTL", "Zone", "Clock"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error = %v, want it to name %s", err, want)
		}
	}
}

func TestCaptchaSuccessCodeIsAParameter(t *testing.T) {
	t.Parallel()
	s, _ := newSimulator(t, func(c *simulator.Config) { c.CaptchaSuccessCode = 7000 })
	reply := post(t, s, "/action/check", object{"captchaContent": "blob", "exID": "x1"})
	wantCode(t, reply, 7000)
	if reply["content"] != "success" || reply["exID"] != "x1" {
		t.Errorf("reply = %v, want a success with its exID", reply)
	}
	wantCode(t, post(t, s, "/action/check", object{"captchaContent": "blob"}), 7104)
}

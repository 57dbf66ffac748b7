package simulator

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
)

// Config has what a customer of the upstream can set, and what the documentation does
// not say. The zero value is not valid: start from [DefaultConfig].
type Config struct {
	// AppKey and MasterSecret are for the verify, login, risk and captcha paths.
	AppKey, MasterSecret string
	// DevKey and DevSecret are for /v1/admin/open.
	DevKey, DevSecret string

	// NumberGap is the least time between two verifications of one number (9005).
	// Default 30 s; 0 is no limit, here and in the next four.
	NumberGap time.Duration
	// NumberDailyLimit bounds the verifications of one number in a calendar day
	// (9006). Default 10.
	NumberDailyLimit int
	// AppDailyLimit bounds all verifications in a calendar day (9007). Default 500,000.
	AppDailyLimit int
	// AppHourlyLimit bounds the captcha checks in a calendar hour (6005). Default 0.
	AppHourlyLimit int
	// QPS bounds the risk assessments in a calendar second (1804). Default 0.
	QPS int
	// Balance is how many billed answers the account pays for, see [Simulator.Refill].
	// Default 0, which is no limit.
	Balance int

	// VerifyTokenTTL and LoginTokenTTL are how long tokens are valid. The documentation
	// says 1 to 10 and 2 to 30 minutes, by carrier. Default 1 and 2 minutes.
	VerifyTokenTTL, LoginTokenTTL time.Duration
	// Zone is where calendar days and hours begin. Default Asia/Shanghai.
	Zone *time.Location

	// CaptchaSuccessCode is the code of a captcha that passed. Default 0.
	CaptchaSuccessCode int
	// NativeStatus answers with the HTTP status that fits the code: 401, 405,
	// 415, 429 or 500. Default false: always 200.
	NativeStatus bool

	// Mix is a load profile. It leaves out reserved tokens, and calls that are refused
	// before their token is read. Default none.
	Mix Mix
	// Seed makes a Mix repeatable: the nth call gets the same answer in every run.
	// Default 0.
	Seed uint64
	// Latency is the delay of fault-latency. Default 2 s.
	Latency time.Duration
	// HangLimit is when fault-hang resets the connection of a client that does not
	// leave. Default 1 minute.
	HangLimit time.Duration
	// Trickle is the pause before each byte of fault-slow. Default 100 ms: a reply
	// takes about ten seconds.
	Trickle time.Duration

	// Clock tells the time. It must be safe for concurrent use and must not
	// call the simulator. Default time.Now.
	Clock func() time.Time
	// PublicKey encrypts the number in a login reply. The upstream documents RSA-1024,
	// the least that crypto/rsa accepts; a larger key works too. Default nil: logins
	// answer 9022 until /v1/admin/open sets a key.
	PublicKey *rsa.PublicKey
}

// DefaultConfig has the documented limits, invented credentials and no public key.
func DefaultConfig() Config {
	return Config{
		AppKey:           strings.Repeat("a", 24),
		MasterSecret:     strings.Repeat("b", 24),
		DevKey:           strings.Repeat("d", 24),
		DevSecret:        strings.Repeat("e", 24),
		NumberGap:        30 * time.Second,
		NumberDailyLimit: 10,
		AppDailyLimit:    500_000,
		VerifyTokenTTL:   time.Minute,
		LoginTokenTTL:    2 * time.Minute,
		Latency:          2 * time.Second,
		HangLimit:        time.Minute,
		Trickle:          100 * time.Millisecond,
		// A fixed offset needs no time zone database. Shanghai has had no daylight
		// saving time since 1991.
		Zone:  time.FixedZone("Asia/Shanghai", 8*60*60),
		Clock: time.Now,
	}
}

// validate joins all faults, so that one run shows them.
func (c Config) validate() error {
	keyErr := checkKey(c.PublicKey)
	return errors.Join(
		require(c.AppKey != "", "AppKey is empty"),
		require(c.MasterSecret != "", "MasterSecret is empty"),
		require(c.DevKey != "", "DevKey is empty"),
		require(c.DevSecret != "", "DevSecret is empty"),
		// Basic authentication ends the user name at its first colon.
		require(!strings.Contains(c.AppKey, ":"), "AppKey contains a colon"),
		require(!strings.Contains(c.DevKey, ":"), "DevKey contains a colon"),
		require(c.NumberGap >= 0, "NumberGap is negative: %v", c.NumberGap),
		require(c.NumberDailyLimit >= 0, "NumberDailyLimit is negative: %d", c.NumberDailyLimit),
		require(c.AppDailyLimit >= 0, "AppDailyLimit is negative: %d", c.AppDailyLimit),
		require(c.AppHourlyLimit >= 0, "AppHourlyLimit is negative: %d", c.AppHourlyLimit),
		require(c.QPS >= 0, "QPS is negative: %d", c.QPS),
		require(c.Balance >= 0, "Balance is negative: %d", c.Balance),
		require(c.VerifyTokenTTL > 0, "VerifyTokenTTL is not positive: %v", c.VerifyTokenTTL),
		require(c.LoginTokenTTL > 0, "LoginTokenTTL is not positive: %v", c.LoginTokenTTL),
		require(c.Latency >= 0, "Latency is negative: %v", c.Latency),
		require(c.HangLimit >= 0, "HangLimit is negative: %v", c.HangLimit),
		require(c.Trickle >= 0, "Trickle is negative: %v", c.Trickle),
		require(c.CaptchaSuccessCode >= math.MinInt32 && c.CaptchaSuccessCode <= math.MaxInt32, "CaptchaSuccessCode is no int32: %d", c.CaptchaSuccessCode),
		require(c.Zone != nil, "Zone is nil"),
		require(c.Clock != nil, "Clock is nil"),
		require(keyErr == nil, "PublicKey: %w", keyErr),
	)
}

func require(ok bool, format string, args ...any) error {
	if ok {
		return nil
	}
	return fmt.Errorf(format, args...)
}

// KeyBits is the size that the upstream documents, and the least that a key may have.
const KeyBits = 1024

// ParsePublicKey reads an RSA public key of at least [KeyBits] from PEM, or from the
// bare base64 that consoles show. It ignores the label of the PEM, which is wrong on
// many keys, and tries PKIX first and PKCS #1 after it.
func ParsePublicKey(text []byte) (*rsa.PublicKey, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		// Fields removes line breaks that were pasted too.
		der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(string(text)), ""))
		if err != nil {
			return nil, errors.New("public key is neither PEM nor base64")
		}
		block = &pem.Block{Bytes: der}
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		var pkcs1Err error
		if parsed, pkcs1Err = x509.ParsePKCS1PublicKey(block.Bytes); pkcs1Err != nil {
			return nil, fmt.Errorf("parse public key: %w", errors.Join(err, pkcs1Err))
		}
	}
	key, ok := parsed.(*rsa.PublicKey)
	if !ok {
		return nil, fmt.Errorf("public key is %T, not RSA", parsed)
	}
	if err := checkKey(key); err != nil {
		return nil, err
	}
	return key, nil
}

// checkKey accepts nil, which is no key.
func checkKey(key *rsa.PublicKey) error {
	if key == nil {
		return nil
	}
	if key.N == nil {
		return errors.New("RSA key has no modulus")
	}
	if bits := key.N.BitLen(); bits < KeyBits {
		return fmt.Errorf("RSA key has %d bits, fewer than %d", bits, KeyBits)
	}
	return nil
}

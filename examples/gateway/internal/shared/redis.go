package shared

import (
	"errors"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// NewRedisClient returns a client for a URL such as
// redis://user:password@host:6379/0, rediss:// with TLS or unix:///path. Its
// operations end when their context does and are not repeated, as fits a cache
// that calls wait for. It connects when it is first used. The error does not
// repeat the URL, which may hold a password.
//
// go-redis itself writes a line to stderr for each connection that fails, unless
// the main program gives it a logger with redis.SetLogger.
func NewRedisClient(url string) (*redis.Client, error) {
	options, err := redis.ParseURL(url)
	if err != nil {
		return nil, errors.New("redis URL is not valid: want redis://[user:password@]host:port[/database], rediss:// or unix://")
	}
	options.ContextTimeoutEnabled = true
	options.MaxRetries = -1
	options.DialerRetries = 1
	options.DialTimeout = time.Second
	// Its handshake, a command that Redis 7 doesn't know, gains nothing here.
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return redis.NewClient(options), nil
}

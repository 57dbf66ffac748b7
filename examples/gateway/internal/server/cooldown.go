package server

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/cooldown"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/leases"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/shared"
)

// coolsDown is by default for a real upstream alone: every code that a user makes
// the simulator answer would end the calls after it.
func (s *settings) coolsDown() bool {
	return s.CoolDown == "on" || s.CoolDown == "auto" && !s.Simulate
}

// redisURL is "" where no Redis is set.
func (s *settings) redisURL() string {
	url := cmp.Or(string(s.RedisURL), s.RedisAddr)
	if url == "" || strings.Contains(url, "://") {
		return url
	}
	return "redis://" + url
}

func (s *settings) checkRedis() {
	_, err := redis.ParseURL(s.redisURL())
	s.require(!strings.Contains(s.RedisAddr, "@"), "redis-addr", "holds credentials: set redis-url-file or "+secrets["redis-url-file"]+" instead")
	s.require(s.RedisAddr == "" || s.RedisURL == "", "redis-addr", "and the URL of a Redis are both set: unset one")
	s.require(err == nil || s.RedisURL == "", "redis-url-file", "or "+secrets["redis-url-file"]+" is not a URL such as redis://:password@host:6379")
	s.require(err == nil || s.RedisAddr == "", "redis-addr", "is not an address such as localhost:6379")
}

// share sets what gateways share through Redis, where one is set: the cool-down, unless it
// is off, and the places of a caller.
func (s *settings) share(config *gateway.Config, signals *signals) (closeStore func(), err error) {
	url := s.redisURL()
	if url == "" {
		if s.coolsDown() {
			config.Cooldown = cooldown.New()
		}
		return func() {}, nil
	}
	client, err := shared.NewRedisClient(url)
	if err != nil {
		return nil, err
	}
	// It has one logger for the whole process, and by default that is stderr.
	redis.SetLogger(redisLog{signals.calls})
	guard := shared.NewGuard(s.RedisTimeout, signals.log)
	config.CallerPlaces = leases.New(client, guard)
	if s.coolsDown() {
		config.Cooldown = cooldown.NewShared(cooldown.NewRedisStore(client), guard)
	}
	return func() { _ = client.Close() }, nil // nothing is left to be written
}

// redisLog takes what go-redis has to say, such as a line for each connection
// that fails.
type redisLog struct{ log *slog.Logger }

// Printf implements what [redis.SetLogger] takes.
func (l redisLog) Printf(ctx context.Context, format string, args ...any) {
	l.log.WarnContext(ctx, "the Redis client has a problem", "problem", fmt.Sprintf(format, args...))
}

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
	s.require(s.RedisAddr == "" || s.coolsDown(), "redis-addr", "has no effect without the cool-down: set cooldown to on, or unset redis-addr")
	s.require(s.RedisURL == "" || s.coolsDown(), "redis-url-file", "or "+secrets["redis-url-file"]+" has no effect without the cool-down: set cooldown to on, or unset it")
	s.require(err == nil || s.RedisURL == "", "redis-url-file", "or "+secrets["redis-url-file"]+" is not a URL such as redis://:password@host:6379")
	s.require(err == nil || s.RedisAddr == "", "redis-addr", "is not an address such as localhost:6379")
}

// newCooldown is nil where none is wanted.
func (s *settings) newCooldown(signals *signals) (_ gateway.Cooldown, closeStore func(), err error) {
	if !s.coolsDown() {
		return nil, func() {}, nil
	}
	url := s.redisURL()
	if url == "" {
		return cooldown.New(), func() {}, nil
	}
	client, err := cooldown.NewRedisClient(url)
	if err != nil {
		return nil, nil, err
	}
	// It has one logger for the whole process, and by default that is stderr.
	redis.SetLogger(redisLog{signals.calls})
	closeStore = func() { _ = client.Close() } // nothing is left to be written
	return cooldown.NewShared(cooldown.NewRedisStore(client), s.RedisTimeout, signals.log), closeStore, nil
}

// redisLog takes what go-redis has to say, such as a line for each connection
// that fails.
type redisLog struct{ log *slog.Logger }

// Printf implements what [redis.SetLogger] takes.
func (l redisLog) Printf(ctx context.Context, format string, args ...any) {
	l.log.WarnContext(ctx, "the Redis client has a problem", "problem", fmt.Sprintf(format, args...))
}

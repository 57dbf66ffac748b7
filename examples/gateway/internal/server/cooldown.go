package server

import (
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
	return s.cooldown == "on" || s.cooldown == "auto" && !s.simulated()
}

// newCooldown is nil where none is wanted.
func (s *settings) newCooldown(log *slog.Logger) (_ gateway.Cooldown, closeStore func(), err error) {
	if !s.coolsDown() {
		return nil, func() {}, nil
	}
	if s.redisAddr == "" {
		return cooldown.New(cooldown.NewMemoryStore(), cooldown.WithLogger(log)), func() {}, nil
	}
	url := s.redisAddr
	if !strings.Contains(url, "://") {
		url = "redis://" + url
	}
	client, err := cooldown.NewRedisClient(url)
	if err != nil {
		return nil, nil, usageError{fmt.Errorf("-redis-addr or %s: %w", env("redis-addr"), err)}
	}
	// It has one logger for the whole process, and by default that is stderr.
	redis.SetLogger(redisLog{log})
	closeStore = func() { _ = client.Close() } // nothing is left to be written
	cool := cooldown.New(cooldown.NewRedisStore(client), cooldown.WithTimeout(s.redisTimeout), cooldown.WithLogger(log))
	return cool, closeStore, nil
}

// redisLog takes what go-redis has to say, such as a line for each connection
// that fails.
type redisLog struct{ log *slog.Logger }

// Printf implements what [redis.SetLogger] takes.
func (l redisLog) Printf(ctx context.Context, format string, args ...any) {
	l.log.WarnContext(ctx, "the Redis client has a problem", "problem", fmt.Sprintf(format, args...))
}

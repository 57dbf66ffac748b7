package main

import (
	"fmt"
	"log/slog"
	"strings"

	"github.com/codetable/grpc-codetable/examples/gateway"
	"github.com/codetable/grpc-codetable/examples/gateway/cooldown"
)

// newCooldown is nil where none is wanted. Every code that a user makes the
// simulator answer would end the calls after it.
func (s *settings) newCooldown(log *slog.Logger) (_ gateway.Cooldown, closeStore func(), err error) {
	if s.cooldown == off || s.cooldown == "auto" && s.simulated() {
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
	closeStore = func() { _ = client.Close() } // nothing is left to be written
	return cooldown.New(cooldown.NewRedisStore(client), cooldown.WithLogger(log)), closeStore, nil
}

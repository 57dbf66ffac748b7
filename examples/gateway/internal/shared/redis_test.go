package shared_test

import (
	"strings"
	"testing"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/shared"
)

func TestNewRedisClientHidesThePassword(t *testing.T) {
	t.Parallel()
	const password = "5e987ac6d2e04d95a9d8f0d1"
	for _, url := range []string{
		"", "http://a:" + password + "@127.0.0.1", "redis://a:" + password + "@127.0.0.1:port", "://" + password,
		"redis://127.0.0.1/" + password,
	} {
		_, err := shared.NewRedisClient(url)
		if err == nil || strings.Contains(err.Error(), password) || !strings.Contains(err.Error(), "redis://") {
			t.Errorf("error = %v, want one that shows a valid URL and no password", err)
		}
	}
}

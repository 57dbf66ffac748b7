package gateway_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
)

func TestSecretHides(t *testing.T) {
	t.Parallel()
	config := gateway.Config{MasterSecret: masterSecret}
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb+verb, config.MasterSecret, config)
	}
	for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(handler).Info("started", "secret", config.MasterSecret, "in", []gateway.Secret{masterSecret})
	}
	marshalled, err := json.Marshal(config.MasterSecret)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(marshalled)
	if got := out.String(); strings.Contains(got, masterSecret) || strings.Contains(got, fmt.Sprintf("%x", masterSecret)) {
		t.Errorf("a secret is shown: %s", got)
	}
}

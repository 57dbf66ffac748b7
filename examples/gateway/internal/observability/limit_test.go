package observability_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/observability"
)

// messages drops everything of a line but its message and its count.
func messages(log string) []string {
	var got []string
	for line := range strings.Lines(log) {
		_, rest, _ := strings.Cut(strings.TrimSpace(line), "msg=")
		got = append(got, rest)
	}
	return got
}

func TestLimitHandler(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		handler := observability.NewLimitHandler(slog.NewTextHandler(&out, nil), 1)
		log := slog.New(handler)
		derived := log.With("a", 1).WithGroup("g")
		want := func(what string, lines ...string) {
			t.Helper()
			if got := messages(out.String()); strings.Join(got, ";") != strings.Join(lines, ";") {
				t.Errorf("%s: %q, want %q", what, got, lines)
			}
			out.Reset()
		}

		for range 5 {
			log.Info("flood")
		}
		want("a burst of two", "flood", "flood")
		derived.Info("flood")
		want("a derived logger has no budget of its own")
		log.Error("trouble")
		log.Debug("hidden")
		want("errors are not crowded out", "trouble")

		time.Sleep(time.Second)
		derived.Info("later")
		want("the count comes first, in no group", `"log lines were suppressed" suppressed=4`, "later a=1")

		log.Info("again")
		if err := handler.Flush(t.Context()); err != nil {
			t.Error(err)
		}
		want("what is left at the end", `"log lines were suppressed" suppressed=1`)
		if got := handler.Suppressed(); got != 5 {
			t.Errorf("%d lines were suppressed, want 5", got)
		}
	})
}

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
		pass := func(d time.Duration) {
			time.Sleep(d)
			synctest.Wait()
		}

		for range 5 {
			log.Info("flood")
		}
		want("a burst of two", "flood", "flood")
		derived.Info("flood")
		want("a derived logger has no budget of its own")
		log.Error("trouble")
		log.Debug("hidden")
		want("errors are not suppressed", "trouble")

		pass(time.Second)
		want("the count is logged without another line, in no group", `"log lines were suppressed" suppressed=4`)
		derived.Info("later")
		want("the budget grows again", "later a=1")

		for range 100 { // a flood of ten seconds
			log.Info("flood")
			pass(100 * time.Millisecond)
		}
		if got := strings.Count(out.String(), "suppressed="); got < 9 || got > 10 {
			t.Errorf("%d reports in ten seconds, want one a second:\n%s", got, &out)
		}
		handler.SetRate(2)
		pass(time.Minute)
		out.Reset()
		for range 5 {
			log.Info("flood")
		}
		want("the new rate has another burst", "flood", "flood", "flood", "flood")
		before := handler.Suppressed()
		log.Info("again")
		if err := handler.Flush(t.Context()); err != nil {
			t.Error(err)
		}
		want("what is left at the end", `"log lines were suppressed" suppressed=2`)
		pass(time.Second)
		want("nothing is reported twice")
		if got := handler.Suppressed() - before; got != 1 {
			t.Errorf("%d lines were suppressed, want 1", got)
		}
	})
}

package telemetry_test

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/codetable/grpc-codetable/interceptor/telemetry"
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

// lines is what a log has written since it was last asked.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) take() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.text.Reset()
	return l.text.String()
}

func TestLimitHandler(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out lines
		handler := telemetry.NewLimitHandler(slog.NewTextHandler(&out, nil), 1)
		log := slog.New(handler)
		derived := log.With("a", 1).WithGroup("g")
		want := func(what string, expected ...string) {
			t.Helper()
			if got := messages(out.take()); strings.Join(got, ";") != strings.Join(expected, ";") {
				t.Errorf("%s: %q, want %q", what, got, expected)
			}
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
		if log := out.take(); strings.Count(log, "suppressed=") < 9 || strings.Count(log, "suppressed=") > 10 {
			t.Errorf("want one report in each of ten seconds:\n%s", log)
		}
		handler.SetRate(2)
		pass(time.Minute)
		out.take()
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

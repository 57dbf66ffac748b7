package telemetry

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// reportAfter is the time from the first suppressed line to the report.
const reportAfter = time.Second

// LimitHandler passes a bounded rate of log lines, so that a flood of calls is
// not a flood of lines. Each level has a budget of its own: no amount of
// information suppresses an error. Suppressed lines are counted, and the count
// is logged at most once a second. Give it the lines of calls only.
type LimitHandler struct {
	slog.Handler // of the lines that pass

	limit *limit // shared by the handlers that WithAttrs and WithGroup derive
}

type limit struct {
	levels     [4]*rate.Limiter // of debug, info, warn and error
	report     slog.Handler     // without attributes and groups
	unreported atomic.Int64
	total      atomic.Int64
}

// NewLimitHandler returns a handler that passes perSecond lines a second of
// each level, and up to twice that many at once.
func NewLimitHandler(next slog.Handler, perSecond int) *LimitHandler {
	l := &limit{report: next}
	for i := range l.levels {
		l.levels[i] = rate.NewLimiter(rate.Limit(perSecond), 2*perSecond)
	}
	return &LimitHandler{next, l}
}

// SetRate changes the number of lines a second.
func (h *LimitHandler) SetRate(perSecond int) {
	for _, level := range h.limit.levels {
		level.SetLimit(rate.Limit(perSecond))
		level.SetBurst(2 * perSecond)
	}
}

// Suppressed is the number of lines left out since the start.
func (h *LimitHandler) Suppressed() int64 { return h.limit.total.Load() }

// Flush logs how many lines were left out since the last report. Call it when
// no more lines are to come.
func (h *LimitHandler) Flush(ctx context.Context) error {
	n := h.limit.unreported.Swap(0)
	if n == 0 {
		return nil
	}
	record := slog.NewRecord(time.Now(), slog.LevelWarn, "log lines were suppressed", 0)
	record.AddAttrs(slog.Int64("suppressed", n))
	return h.limit.report.Handle(ctx, record)
}

// Enabled implements [slog.Handler]. It is false, and counts a suppressed line,
// while the budget of the level is used up, so that nobody builds such a line.
func (h *LimitHandler) Enabled(ctx context.Context, level slog.Level) bool {
	if !h.Handler.Enabled(ctx, level) {
		return false
	}
	if h.limit.budget(level).Tokens() >= 1 {
		return true
	}
	h.suppress()
	return false
}

// Handle implements [slog.Handler].
func (h *LimitHandler) Handle(ctx context.Context, record slog.Record) error {
	if h.limit.budget(record.Level).Allow() {
		return h.Handler.Handle(ctx, record)
	}
	h.suppress()
	return nil
}

func (h *LimitHandler) suppress() {
	h.limit.total.Add(1)
	if h.limit.unreported.Add(1) == 1 {
		time.AfterFunc(reportAfter, func() { _ = h.Flush(context.Background()) })
	}
}

// WithAttrs implements [slog.Handler].
func (h *LimitHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &LimitHandler{h.Handler.WithAttrs(attrs), h.limit}
}

// WithGroup implements [slog.Handler].
func (h *LimitHandler) WithGroup(name string) slog.Handler {
	return &LimitHandler{h.Handler.WithGroup(name), h.limit}
}

// budget is that of the level, or of the next lower one that has a name.
func (l *limit) budget(level slog.Level) *rate.Limiter {
	const step = int(slog.LevelInfo - slog.LevelDebug)
	return l.levels[max(0, min(int(level-slog.LevelDebug)/step, len(l.levels)-1))]
}

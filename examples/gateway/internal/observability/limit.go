package observability

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// LimitHandler passes a bounded rate of log lines on, so that a flood of calls
// is not a flood of lines. Each level has a budget of its own: no amount of
// information crowds an error out. Lines that are left out are counted, and the
// count is logged before the next line that passes.
type LimitHandler struct {
	next   slog.Handler
	levels *[4]limitedLevel // shared by the handlers that WithAttrs and WithGroup derive
	report slog.Handler     // next without attributes and groups
}

type limitedLevel struct {
	limiter *rate.Limiter
	missing atomic.Int64
	total   atomic.Int64
}

// NewLimitHandler returns a handler that passes perSecond lines a second of
// each level, and up to twice that many at once.
func NewLimitHandler(next slog.Handler, perSecond int) *LimitHandler {
	h := &LimitHandler{next: next, levels: new([4]limitedLevel), report: next}
	for i := range h.levels {
		h.levels[i].limiter = rate.NewLimiter(rate.Limit(perSecond), 2*perSecond)
	}
	return h
}

// Suppressed is the number of lines left out since the start.
func (h *LimitHandler) Suppressed() int64 {
	var n int64
	for i := range h.levels {
		n += h.levels[i].total.Load()
	}
	return n
}

// Flush logs how many lines were left out since the last report. Call it when
// no more lines are to come.
func (h *LimitHandler) Flush(ctx context.Context) error {
	errs := make([]error, 0, len(h.levels))
	for i := range h.levels {
		errs = append(errs, h.tell(ctx, &h.levels[i], time.Now()))
	}
	return errors.Join(errs...)
}

// Enabled implements [slog.Handler].
func (h *LimitHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

// Handle implements [slog.Handler].
func (h *LimitHandler) Handle(ctx context.Context, record slog.Record) error {
	level := &h.levels[levelIndex(record.Level)]
	if !level.limiter.Allow() {
		level.missing.Add(1)
		level.total.Add(1)
		return nil
	}
	return errors.Join(h.tell(ctx, level, record.Time), h.next.Handle(ctx, record))
}

// tell reports at the level of a warning, which no usual setting hides.
func (h *LimitHandler) tell(ctx context.Context, level *limitedLevel, now time.Time) error {
	missing := level.missing.Swap(0)
	if missing == 0 {
		return nil
	}
	record := slog.NewRecord(now, slog.LevelWarn, "log lines were suppressed", 0)
	record.AddAttrs(slog.Int64("suppressed", missing))
	return h.report.Handle(ctx, record)
}

// WithAttrs implements [slog.Handler].
func (h *LimitHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &LimitHandler{next: h.next.WithAttrs(attrs), levels: h.levels, report: h.report}
}

// WithGroup implements [slog.Handler].
func (h *LimitHandler) WithGroup(name string) slog.Handler {
	return &LimitHandler{next: h.next.WithGroup(name), levels: h.levels, report: h.report}
}

func levelIndex(level slog.Level) int {
	switch {
	case level < slog.LevelInfo:
		return 0
	case level < slog.LevelWarn:
		return 1
	case level < slog.LevelError:
		return 2
	default:
		return 3
	}
}

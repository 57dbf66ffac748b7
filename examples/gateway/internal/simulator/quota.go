package simulator

import "time"

// quota counts calls against the limits of a Config, in calendar windows.
// Not safe for concurrent use.
type quota struct {
	config  Config
	second  window
	hour    window
	day     window
	numbers ledger[numberUse]
}

type numberUse struct {
	last time.Time
	day  window
}

// verification counts a comparison of phone, or returns the code of the limit that
// refuses it. A refused call is not counted.
func (q *quota) verification(phone string, now time.Time) (refusal code, ok bool) {
	key := digestOf(phone)
	use, known := q.numbers.get(key)
	today := startOfDay(now, q.config.Zone)
	switch {
	case q.day.full(today, q.config.AppDailyLimit):
		return appDailyLimit, false
	case use.day.full(today, q.config.NumberDailyLimit):
		return numberDailyLimit, false
	case known && now.Sub(use.last) < q.config.NumberGap:
		return numberTooSoon, false
	}
	q.day.add(today)
	use.day.add(today)
	use.last = now
	q.numbers.put(key, use)
	return 0, true
}

// captcha counts a captcha check and reports whether the hour has room for it.
func (q *quota) captcha(now time.Time) bool {
	return q.hour.take(startOfHour(now, q.config.Zone), q.config.AppHourlyLimit)
}

// assessment counts a risk assessment and reports whether the second has room.
func (q *quota) assessment(now time.Time) bool {
	return q.second.take(now.Truncate(time.Second), q.config.QPS)
}

// window counts the calls since start. It is a calendar window and not a
// rolling one: a later start empties it.
type window struct {
	start time.Time
	calls int
}

func (w *window) full(start time.Time, limit int) bool {
	return limit > 0 && w.start.Equal(start) && w.calls >= limit
}

func (w *window) add(start time.Time) {
	if !w.start.Equal(start) {
		*w = window{start: start}
	}
	w.calls++
}

func (w *window) take(start time.Time, limit int) bool {
	if w.full(start, limit) {
		return false
	}
	w.add(start)
	return true
}

func startOfDay(now time.Time, zone *time.Location) time.Time {
	year, month, day := now.In(zone).Date()
	return time.Date(year, month, day, 0, 0, 0, 0, zone)
}

// startOfHour subtracts, since time.Date can't tell the two equal hours at the end of
// daylight saving time apart.
func startOfHour(now time.Time, zone *time.Location) time.Time {
	local := now.In(zone)
	past := time.Duration(local.Minute())*time.Minute +
		time.Duration(local.Second())*time.Second +
		time.Duration(local.Nanosecond())
	return local.Add(-past)
}

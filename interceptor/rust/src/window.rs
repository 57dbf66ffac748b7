use std::time::Duration;

use codetable_proto::codetable::v1::CalendarWindow;
use jiff::{Timestamp, Zoned};

/// Returns the time that is left of a calendar window, in whole seconds. `None` if
/// there is no window, or if the zone is unknown on this machine.
pub(crate) fn left(window: CalendarWindow, zone: &str) -> Option<Duration> {
    if window == CalendarWindow::Unspecified {
        return None;
    }
    left_at(&Timestamp::now().in_tz(zone).ok()?, window)
}

fn left_at(now: &Zoned, window: CalendarWindow) -> Option<Duration> {
    let left = match window {
        CalendarWindow::Hour => {
            // The time of the clock, so that a change of daylight saving time never
            // makes it more than an hour.
            let past = u64::try_from(now.minute()).ok()? * 60 + u64::try_from(now.second()).ok()?;
            let past = Duration::new(past, now.subsec_nanosecond().try_into().ok()?);
            Duration::from_secs(3600).checked_sub(past)?
        }
        CalendarWindow::Day => {
            // The first instant of the date, even if that is not midnight.
            let noon = now
                .date()
                .tomorrow()
                .ok()?
                .at(12, 0, 0, 0)
                .to_zoned(now.time_zone().clone());
            now.duration_until(&noon.ok()?.start_of_day().ok()?)
                .try_into()
                .ok()?
        }
        _ => return None,
    };
    Some(whole_seconds(left))
}

/// Rounds up, so that nobody retries too early and the clock of the server is not
/// revealed.
pub(crate) fn whole_seconds(delay: Duration) -> Duration {
    let more = u64::from(delay.subsec_nanos() > 0);
    Duration::from_secs(delay.as_secs().saturating_add(more))
}

#[cfg(test)]
#[expect(clippy::expect_used, reason = "that is how a test fails")]
mod tests {
    use super::*;

    #[test]
    fn a_window_ends_by_the_calendar_of_the_zone() {
        for (now, window, want) in [
            (
                "2026-03-04T05:06:07+08[Asia/Shanghai]",
                CalendarWindow::Hour,
                3233,
            ),
            (
                "2026-03-04T05:06:07.5+08[Asia/Shanghai]",
                CalendarWindow::Hour,
                3233,
            ),
            (
                "2026-03-04T05:00:00+08[Asia/Shanghai]",
                CalendarWindow::Hour,
                3600,
            ),
            (
                "2026-03-04T23:59:59+08[Asia/Shanghai]",
                CalendarWindow::Day,
                1,
            ),
            (
                "2026-03-04T00:00:00+08[Asia/Shanghai]",
                CalendarWindow::Day,
                86_400,
            ),
            // A day of 23 hours, and the midnight that does not exist in Santiago.
            (
                "2026-03-29T00:00:00+01[Europe/Berlin]",
                CalendarWindow::Day,
                82_800,
            ),
            (
                "2026-09-05T12:00:00-04[America/Santiago]",
                CalendarWindow::Day,
                43_200,
            ),
        ] {
            let zoned: Zoned = now.parse().expect("the time is valid");
            assert_eq!(
                left_at(&zoned, window),
                Some(Duration::from_secs(want)),
                "{now}"
            );
        }
    }

    #[test]
    fn without_a_window_or_a_zone_nothing_is_left() {
        assert_eq!(left(CalendarWindow::Unspecified, "Asia/Shanghai"), None);
        assert_eq!(left(CalendarWindow::Day, "Nowhere/Atlantis"), None);
    }
}

import { CalendarWindow } from "@codetable/proto/codetable/v1/codetable_pb.js";

const second = 1000;
const hour = 3600 * second;

/**
 * Returns how long it is until the next calendar window begins in a time zone,
 * in milliseconds, rounded up to whole seconds. Returns undefined if there is no
 * window, or if the time zone is unknown here.
 */
export function timeLeft(
  window: CalendarWindow,
  timeZone: string,
  now: number,
): number | undefined {
  if (window === CalendarWindow.UNSPECIFIED || timeZone === "") {
    return undefined;
  }
  try {
    const read = clock(timeZone);
    const left = window === CalendarWindow.HOUR ? hourLeft(read, now) : dayLeft(read, now);
    return Math.ceil(left / second) * second;
  } catch {
    return undefined;
  }
}

type Clock = (at: number) => Readonly<Partial<Record<Intl.DateTimeFormatPartTypes, string>>>;

function clock(timeZone: string): Clock {
  const numeric = "numeric";
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    year: numeric,
    month: numeric,
    day: numeric,
    hour: numeric,
    minute: numeric,
    second: numeric,
  });
  return (at) =>
    Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
}

/** The minutes decide, so that a change of the clocks never makes it more than an hour. */
function hourLeft(read: Clock, now: number): number {
  const { minute, second: seconds } = read(now);
  return hour - (Number(minute) * 60 + Number(seconds)) * second - (now % second);
}

/** Searches the first instant with another date, which need not be midnight. */
function dayLeft(read: Clock, now: number): number {
  const dateOf = (at: number) => {
    const { year, month, day } = read(at);
    return [year, month, day].join("-");
  };
  const today = dateOf(now);
  let before = now;
  while (dateOf(before + hour) === today) {
    before += hour;
  }
  let after = before + hour;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (dateOf(middle) === today) {
      before = middle;
    } else {
      after = middle;
    }
  }
  return after - now;
}

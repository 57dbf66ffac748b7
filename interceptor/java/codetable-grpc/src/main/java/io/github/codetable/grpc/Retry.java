package io.github.codetable.grpc;

import io.github.codetable.v1.CalendarWindow;
import io.github.codetable.v1.RetryAction;
import java.time.Duration;

/**
 * Advice on repeating a failed call.
 *
 * @param action what has to happen before the call is repeated. {@code RETRY_ACTION_UNSPECIFIED}
 *     means: do not repeat it
 * @param delay the minimum time to wait; zero if none is defined
 * @param window the calendar window that has to end first
 */
public record Retry(RetryAction action, Duration delay, CalendarWindow window) {
  /** Advises nothing: do not repeat the call. */
  static final Retry NONE = after(RetryAction.RETRY_ACTION_UNSPECIFIED, Duration.ZERO);

  /** The longest delay of a mask after which the same request may be sent again. */
  static final Duration MAX_SAME_REQUEST = Duration.ofMinutes(1);

  static Retry after(RetryAction action, Duration delay) {
    return new Retry(action, delay, CalendarWindow.CALENDAR_WINDOW_UNSPECIFIED);
  }

  /** Returns the value of the trailer of gRFC A6: the delay in milliseconds, or -1. */
  String pushback() {
    if (action != RetryAction.RETRY_ACTION_SAME_REQUEST) {
      return "-1";
    }
    // Rounded up, and within the 32 bits that gRPC libraries parse.
    long millis = delay.plusNanos(999_999).toMillis();
    return Long.toString(Math.min(millis, Integer.MAX_VALUE));
  }
}

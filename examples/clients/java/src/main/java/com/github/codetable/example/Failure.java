package com.github.codetable.example;

import io.github.codetable.v1.CalendarWindow;
import io.github.codetable.v1.Fault;
import io.github.codetable.v1.RetryAction;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * What the status of a failed call says.
 *
 * @param known whether the code belongs to the table of the reader, listed there or not
 * @param code the code to switch on; UNRECOGNIZED if the table does not list it or does not know it
 * @param number the number of the code. A known code that came without one, and whose reason the
 *     table does not list, has a number that the table does not list. Empty if an unknown code came
 *     without one
 * @param reason the name of the code: that of the table, or as it was sent if the table lists none
 * @param domain the service that the code comes from
 * @param fault who must act before the call can succeed
 * @param retry whether and when the call may be repeated
 * @param metadata what else the server said of the failure
 * @param userMessages sentences for the end user by language tag, one under {@link #ANY_LANGUAGE}
 *     if it is for every reader; see {@link #userMessage}
 * @param <E> the enum that is the table
 */
public record Failure<E>(
    boolean known,
    E code,
    OptionalInt number,
    String reason,
    String domain,
    Fault fault,
    Retry retry,
    Map<String, String> metadata,
    Map<String, String> userMessages) {

  /** The key of a sentence that is shown whatever the language. */
  public static final String ANY_LANGUAGE = "*";

  /** Copies the maps, so that a failure never changes, and prints alike in every run. */
  public Failure {
    metadata = Collections.unmodifiableMap(new TreeMap<>(metadata));
    userMessages = Collections.unmodifiableMap(new TreeMap<>(userMessages));
  }

  /**
   * The sentence for the end user, in the first of the languages that it is available in.
   *
   * @param languages a language tag, or a list as in the header Accept-Language
   */
  public Optional<String> userMessage(String languages) {
    return Optional.ofNullable(
        userMessages.get(Languages.lookup(languages, userMessages.keySet()).orElse(ANY_LANGUAGE)));
  }

  /**
   * Advice on repeating a call.
   *
   * @param action what has to happen first
   * @param delay how long to wait at least
   * @param window the calendar window that has to end first
   */
  public record Retry(RetryAction action, Duration delay, CalendarWindow window) {}
}

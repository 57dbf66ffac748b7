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
 * What a failed call says.
 *
 * @param known whether the code is one of this table's domain. If not, the rest is as it was sent
 * @param code the code to switch on; UNRECOGNIZED if the table does not list it
 * @param number the number of the code. A known code without a number and without a listed reason
 *     has an unlisted number
 * @param reason the name of the code: the table's, or the sent one if the table does not list it
 * @param domain the service that defines the code
 * @param fault who must act before the call can succeed
 * @param retry whether and when the call may be repeated
 * @param metadata what the server added, such as {@code id}; and {@code code}, the number
 * @param userMessages the messages for the end user by language tag; see {@link #userMessage}
 * @param <E> the enum that is the table
 */
public record CodeError<E>(
    boolean known,
    E code,
    OptionalInt number,
    String reason,
    String domain,
    Fault fault,
    Retry retry,
    Map<String, String> metadata,
    Map<String, String> userMessages) {

  /** The key of the message for languages without one. */
  public static final String ANY_LANGUAGE = "*";

  /** Copies the maps, so that an error is immutable and always prints the same. */
  public CodeError {
    metadata = Collections.unmodifiableMap(new TreeMap<>(metadata));
    userMessages = Collections.unmodifiableMap(new TreeMap<>(userMessages));
  }

  /**
   * Returns the message for the end user in the first available language, else in the default one.
   *
   * @param languages a language tag, or a list as in an Accept-Language header
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

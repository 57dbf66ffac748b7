package io.github.codetable.grpc;

import com.google.rpc.Status;
import io.github.codetable.v1.RetryAction;
import io.grpc.Metadata;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/** Reads the errors that servers send. */
final class StatusReader {
  /** The longest reason that AIP-193 allows, in bytes. */
  static final int MAX_REASON = 63;

  private StatusReader() {}

  /**
   * Reads the status of a failed call: the first code of a table, or else the first {@code
   * ErrorInfo}, or else the rest that a mask shows.
   *
   * @param cause the cause of the error that is returned
   */
  static Optional<CodeError> read(
      io.grpc.Status status, Metadata trailers, Tables tables, Throwable cause) {
    return Details.read(status, trailers)
        .flatMap(
            message ->
                tables
                    .find(message)
                    .map(found -> coded(message, found))
                    .or(() -> SentInfo.first(message).map(info -> foreign(message, info, tables)))
                    .or(() -> masked(message)))
        .map(content -> new CodeError(content, status, trailers, cause));
  }

  private static Content coded(Status status, Tables.Found found) {
    CodeSpec<?> spec = found.named().spec();
    Map<String, String> metadata = new TreeMap<>(found.info().metadata());
    if (spec.listed() || found.named().numbered()) {
      metadata.put(Details.CODE, Integer.toString(spec.number()));
    }
    Retry advice = spec.retry(Clock.systemUTC());
    Duration delay = Details.retryDelay(status).orElse(advice.delay());
    return new Content(
        spec,
        OptionalInt.of(spec.number()),
        reason(spec, found.info()),
        spec.table().domain(),
        new Retry(advice.action(), delay, advice.window()),
        metadata,
        messages(spec, status),
        Details.requestId(status),
        false,
        status,
        true);
  }

  /** A newer table may have a name for a code that this one does not list. */
  private static String reason(CodeSpec<?> spec, SentInfo info) {
    return spec.listed() || info.reason().isEmpty()
        ? spec.reason()
        : Texts.cut(info.reason(), MAX_REASON);
  }

  /** The server has a sentence for a code that this table does not list. */
  private static Messages messages(CodeSpec<?> spec, Status status) {
    if (spec.listed() && !spec.messages().isEmpty()) {
      return spec.messages();
    }
    return Details.localizedMessage(status).map(spec.messages()::with).orElse(spec.messages());
  }

  private static Content foreign(Status status, SentInfo info, Tables tables) {
    // In the domain of a table the number is a success, which is refused.
    boolean refused = tables.get(info.domain()).isPresent();
    return new Content(
        null,
        refused ? OptionalInt.empty() : info.parsedNumber(),
        info.reason(),
        info.domain(),
        Retry.after(
            RetryAction.RETRY_ACTION_UNSPECIFIED, Details.retryDelay(status).orElse(Duration.ZERO)),
        info.metadataAsSent(),
        sentence(status),
        Details.requestId(status),
        false,
        status,
        true);
  }

  private static Optional<Content> masked(Status status) {
    if (!isMask(status)) {
      return Optional.empty();
    }
    return Optional.of(
        new Content(
            null,
            OptionalInt.empty(),
            "",
            "",
            maskRetry(status),
            Map.of(),
            sentence(status),
            Details.requestId(status),
            true,
            status,
            true));
  }

  static boolean isMask(Status status) {
    return Details.has(status, Details.REQUEST_INFO) && !Details.has(status, Details.ERROR_INFO);
  }

  /** Returns the advice of a mask. Only its delay tells whether a calendar window has to end. */
  static Retry maskRetry(Status status) {
    Optional<Duration> sent = Details.retryDelay(status);
    Duration delay = sent.orElse(Duration.ZERO);
    boolean unavailable = status.getCode() == io.grpc.Status.Code.UNAVAILABLE.value();
    if (sent.isEmpty() || !unavailable) {
      return Retry.after(RetryAction.RETRY_ACTION_UNSPECIFIED, delay);
    }
    return Retry.after(
        delay.compareTo(Retry.MAX_SAME_REQUEST) <= 0
            ? RetryAction.RETRY_ACTION_SAME_REQUEST
            : RetryAction.RETRY_ACTION_NEXT_WINDOW,
        delay);
  }

  private static Messages sentence(Status status) {
    return Details.localizedMessage(status).map(Messages::ofAny).orElse(Messages.NONE);
  }
}

package io.github.codetable.grpc;

import com.google.protobuf.Any;
import com.google.rpc.Status;
import io.github.codetable.v1.RetryAction;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * A status that does not explain an error. It reveals only whether waiting helps and for how long.
 *
 * @param status the status
 * @param requestId the id by which the operator finds the error in the logs
 * @param retry the advice
 */
record Mask(Status status, String requestId, Retry retry) {
  /** The minimum delay for a calendar window, by which clients tell it from a short wait. */
  private static final Duration MIN_WINDOW = Retry.MAX_SAME_REQUEST.plusSeconds(1);

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final String BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  private static final int ID_LENGTH = 26; // 130 bits

  /** Returns a random id. */
  static String randomId() {
    return RANDOM
        .ints(ID_LENGTH, 0, BASE32.length())
        .mapToObj(BASE32::charAt)
        .collect(StringBuilder::new, StringBuilder::append, StringBuilder::append)
        .toString();
  }

  /** Returns the mask of an error with advice. */
  static Mask of(Retry advice, Supplier<String> ids) {
    Duration delay = Details.wholeSeconds(advice.delay());
    RetryAction action = advice.action();
    if (action == RetryAction.RETRY_ACTION_SAME_REQUEST
        && delay.compareTo(Retry.MAX_SAME_REQUEST) > 0) {
      action = RetryAction.RETRY_ACTION_NEXT_WINDOW;
    }
    switch (action) {
      case RETRY_ACTION_SAME_REQUEST -> {}
      case RETRY_ACTION_NEXT_WINDOW -> delay = max(delay, MIN_WINDOW);
      default -> {
        return opaque(ids);
      }
    }
    return of(io.grpc.Status.Code.UNAVAILABLE, Retry.after(action, delay), ids)
        .with(Details.packRetryInfo(delay));
  }

  /**
   * Keeps the code and the delay of a status of the handler. For UNAVAILABLE the delay is one of a
   * window, since the handler did not say that the same request may be sent again.
   */
  static Mask redact(Status own, Supplier<String> ids) {
    io.grpc.Status.Code code = io.grpc.Status.fromCodeValue(own.getCode()).getCode();
    Mask mask = of(code, Retry.NONE, ids);
    return Details.retryDelay(own)
        .map(Details::wholeSeconds)
        .map(delay -> code == io.grpc.Status.Code.UNAVAILABLE ? max(delay, MIN_WINDOW) : delay)
        .map(delay -> mask.with(Details.packRetryInfo(delay)))
        .orElse(mask);
  }

  /** Returns a status that reveals nothing. */
  static Mask opaque(Supplier<String> ids) {
    return of(io.grpc.Status.Code.INTERNAL, Retry.NONE, ids);
  }

  private static Mask of(io.grpc.Status.Code code, Retry retry, Supplier<String> ids) {
    String id = ids.get();
    Status status =
        Status.newBuilder()
            .setCode(code.value())
            .setMessage(text(code))
            .addDetails(Details.packRequestInfo(id))
            .build();
    return new Mask(status, id, retry);
  }

  Mask with(Any detail) {
    return new Mask(status.toBuilder().addDetails(detail).build(), requestId, retry);
  }

  private static String text(io.grpc.Status.Code code) {
    return switch (code) {
      case UNAVAILABLE -> "service temporarily unavailable";
      case UNIMPLEMENTED -> "not implemented";
      case DEADLINE_EXCEEDED -> "context deadline exceeded";
      default -> "internal error";
    };
  }

  /** Returns advice that suits both of two errors. */
  static Retry combine(Retry a, Retry b) {
    Retry stricter = strictness(b) > strictness(a) ? b : a;
    return new Retry(stricter.action(), max(a.delay(), b.delay()), stricter.window());
  }

  private static int strictness(Retry retry) {
    return switch (retry.action()) {
      case RETRY_ACTION_SAME_REQUEST -> 0;
      case RETRY_ACTION_NEXT_WINDOW -> 1;
      default -> 2; // waiting does not help
    };
  }

  private static Duration max(Duration a, Duration b) {
    return a.compareTo(b) >= 0 ? a : b;
  }
}

package io.github.codetable.grpc;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.Optional;

/** Reads codes from exceptions. */
public final class Codes {
  private Codes() {}

  /**
   * Returns the error in an exception or in its causes: a {@link CodeError}, or one that is read
   * from a {@link StatusRuntimeException} or a {@link StatusException}. An error with a code of the
   * tables is preferred to one without. It is empty if there is nothing to read, such as for a
   * connection that failed.
   *
   * <p>It never throws. It follows at most 4096 causes.
   *
   * @param thrown what a stub, a future or an observer gave
   * @param tables the tables whose codes are read. Without them, the result is what a {@link
   *     CodeClientInterceptor} has attached, or an error without a code
   */
  public static Optional<CodeError> from(Throwable thrown, CodeTable<?>... tables) {
    try {
      Tables known = Tables.of(tables);
      List<CodeError> found =
          Causes.of(thrown).all().stream().flatMap(cause -> read(cause, known).stream()).toList();
      return found.stream()
          .filter(error -> error.spec() != null)
          .findFirst()
          .or(() -> found.stream().findFirst());
    } catch (RuntimeException hostile) {
      return Optional.empty(); // a foreign exception throws in getCause
    }
  }

  private static Optional<CodeError> read(Throwable thrown, Tables tables) {
    if (thrown instanceof CodeError error) {
      return error.spec() != null || tables.all().isEmpty()
          ? Optional.of(error)
          : read(error.getStatus(), error.getTrailers(), tables, error)
              .or(() -> Optional.of(error));
    } else if (thrown instanceof StatusRuntimeException failed) {
      return read(failed.getStatus(), failed.getTrailers(), tables, failed);
    } else if (thrown instanceof StatusException failed) {
      return read(failed.getStatus(), failed.getTrailers(), tables, failed);
    }
    return Optional.empty();
  }

  private static Optional<CodeError> read(
      Status status, Metadata trailers, Tables tables, Throwable thrown) {
    // The interceptor has read this status: its error follows among the causes.
    boolean isRead = status.getCause() instanceof CodeError && !(thrown instanceof CodeError);
    return isRead ? Optional.empty() : StatusReader.read(status, trailers, tables, thrown);
  }
}

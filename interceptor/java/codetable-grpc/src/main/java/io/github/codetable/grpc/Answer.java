package io.github.codetable.grpc;

import com.google.rpc.Status;
import io.grpc.Metadata;
import java.util.List;

/**
 * What is sent of an error.
 *
 * @param status the status
 * @param retry the advice, which the trailer repeats
 * @param error the code; null if there is none. If it is masked, the first hidden one
 * @param requestId the id of a status that reveals nothing of the error, else ""
 * @param masked whether a public boundary hides the error
 * @param ended whether the call was cancelled or ran out of time
 * @param shed what the budget removed
 * @param trailers other trailers of the handler
 */
record Answer(
    Status status,
    Retry retry,
    CodeError error,
    String requestId,
    boolean masked,
    boolean ended,
    List<String> shed,
    Metadata trailers) {
  static final Metadata.Key<String> PUSHBACK =
      Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);

  static Answer of(Status status) {
    return new Answer(status, Retry.NONE, null, "", false, false, List.of(), new Metadata());
  }

  static Answer of(CodeError error, Status status, Metadata trailers) {
    return new Answer(status, error.retry(), error, "", false, false, List.of(), trailers);
  }

  static Answer hiding(Mask mask, CodeError error, boolean masked) {
    return new Answer(
        mask.status(),
        mask.retry(),
        error,
        mask.requestId(),
        masked,
        false,
        List.of(),
        new Metadata());
  }

  Answer withTrailers(Metadata other) {
    return new Answer(status, retry, error, requestId, masked, ended, shed, other);
  }

  Answer withEnded() {
    return new Answer(status, retry, error, requestId, masked, true, shed, trailers);
  }

  Answer withStatus(Status changed) {
    return new Answer(changed, retry, error, requestId, masked, ended, shed, trailers);
  }

  /** Returns the answer within the budget. */
  Answer fitted(Tables tables, int budget) {
    Fit fit = new Fit(tables, budget);
    Status fitting = fit.apply(status);
    return new Answer(fitting, retry, error, requestId, masked, ended, fit.shed(), trailers);
  }

  /** Returns whether the status reveals nothing of the error. */
  boolean isOpaque() {
    return !requestId.isEmpty();
  }

  /** Returns the trailers that are sent. gRPC does not retry if it gets two values of a key. */
  Metadata allTrailers() {
    Metadata all = new Metadata();
    all.merge(trailers);
    all.discardAll(Details.KEY);
    all.discardAll(PUSHBACK);
    if (status.getDetailsCount() > 0) {
      all.put(Details.KEY, status.toByteArray());
    }
    all.put(PUSHBACK, retry.pushback());
    return all;
  }
}

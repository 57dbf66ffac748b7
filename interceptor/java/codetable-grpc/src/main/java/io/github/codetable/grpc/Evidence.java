package io.github.codetable.grpc;

import com.google.protobuf.Any;
import com.google.rpc.Status;
import io.github.codetable.v1.RetryAction;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** The result of one walk through an exception and its causes. The first finding counts. */
final class Evidence {
  private final boolean publicBoundary;
  private final Context context;
  private final List<CodeTable<?>> ofErrors = new ArrayList<>();
  private final Tables tables;
  private boolean received; // the rest of the chain came from another server

  private Answer inner; // the result of another interceptor in the chain
  private CodeError code;
  private CodeError decoded; // from a status that this library did not make
  private Status status; // one without a code
  private Metadata trailers = new Metadata(); // those of the handler
  private boolean ended;

  // Used at a public boundary only.
  private boolean hidden;
  private CodeError firstHidden;
  private Retry advice = Retry.NONE;

  private Evidence(Causes causes, Tables tables, boolean publicBoundary, Context context) {
    this.publicBoundary = publicBoundary;
    this.context = context;
    for (Throwable cause : causes.all()) {
      if (cause instanceof CodeError error && error.spec() != null) {
        ofErrors.add(error.spec().table());
      }
    }
    this.tables = tables.with(ofErrors);
  }

  static Evidence of(Throwable origin, Tables tables, boolean publicBoundary, Context context) {
    Causes causes = Causes.of(origin);
    Evidence found = new Evidence(causes, tables, publicBoundary, context);
    for (Throwable cause : causes.all()) {
      found.add(cause);
      if (found.isDecided()) {
        break;
      }
    }
    if (publicBoundary && !causes.whole()) {
      found.hide(null, Retry.NONE);
    }
    return found;
  }

  /** A public boundary examines the whole chain, unless the first finding is opaque. */
  private boolean isDecided() {
    if (inner != null && inner.isOpaque()) {
      return true;
    }
    return !publicBoundary && (inner != null || code != null);
  }

  private void add(Throwable cause) {
    if (cause instanceof Translated translated) {
      addInner(translated.answer());
    } else if (cause instanceof Received) {
      received = true;
    } else if (cause instanceof CodeError error) {
      addCode(error);
    } else if (cause instanceof StatusRuntimeException failed) {
      addForeign(failed.getStatus(), failed.getTrailers());
    } else if (cause instanceof StatusException failed) {
      addForeign(failed.getStatus(), failed.getTrailers());
    }
  }

  /** The status of a failure can't be OK. */
  private void addForeign(io.grpc.Status sent, Metadata sentTrailers) {
    if (!sent.isOk() && !isShell(sent)) {
      addStatus(sent, sentTrailers);
    }
  }

  private void addInner(Answer answer) {
    if (inner == null && code == null) {
      inner = answer;
    }
    if (answer.isOpaque()) {
      return;
    }
    if (answer.error() != null) {
      hideFault(answer.error());
    } else {
      hideInfos(answer.status());
    }
  }

  private void addCode(CodeError error) {
    if (error.spec() == null) {
      received = true;
      addStatus(error.getStatus(), error.getTrailers());
      return;
    }
    if (code == null) {
      code = error;
    }
    hideFault(error);
    if (error.received()) {
      hideInfos(error.status());
    }
  }

  private void addStatus(io.grpc.Status sent, Metadata sentTrailers) {
    received |= sent.getCause() instanceof Received;
    Status message = Details.read(sent, sentTrailers).orElseGet(() -> bare(sent));
    hideInfos(message);
    Optional<CodeError> read =
        StatusReader.read(sent, sentTrailers, tables, sent.getCause())
            .filter(error -> error.spec() != null);
    if (read.isEmpty() && publicBoundary && received) {
      if (callerLeft(sent.getCode())) {
        ended = true;
        return;
      }
      hide(null, adviceOf(message));
    }
    boolean first = decoded == null && status == null;
    if (first && !received && sentTrailers != null) {
      trailers = sentTrailers;
    }
    if (read.isPresent()) {
      hideFault(read.get());
      decoded = decoded == null ? read.get() : decoded;
    } else if (status == null) {
      status = message;
    }
  }

  /** Returns whether a status only carries the error that is its cause. */
  private static boolean isShell(io.grpc.Status sent) {
    Throwable cause = sent.getCause();
    return cause instanceof Translated
        || CodeError.isLink(cause)
        || (cause instanceof CodeError error
            && error.getStatus().getCode() == sent.getCode()
            && Objects.equals(error.getStatus().getDescription(), sent.getDescription()));
  }

  private static Status bare(io.grpc.Status sent) {
    String text = Objects.requireNonNullElse(sent.getDescription(), "");
    return Status.newBuilder()
        .setCode(sent.getCode().value())
        .setMessage(Texts.clean(text))
        .build();
  }

  /** Returns whether a call to another server failed because the caller of this one has left. */
  private boolean callerLeft(io.grpc.Status.Code failed) {
    return context.isCancelled() && Contexts.statusFromCancelled(context).getCode() == failed;
  }

  /** Hides a code whose fault the public must not see. Unknown faults are hidden too. */
  private void hideFault(CodeError error) {
    if (isHidden(error.spec())) {
      hide(error, error.retry());
    }
  }

  private static boolean isHidden(CodeSpec<?> spec) {
    return switch (spec.fault()) {
      case FAULT_CALLER, FAULT_END_USER, FAULT_UPSTREAM -> false;
      case FAULT_OPERATOR, FAULT_UNSPECIFIED, UNRECOGNIZED -> true;
    };
  }

  /** Hides a status with an ErrorInfo that the public must not see or that is not identified. */
  private void hideInfos(Status message) {
    for (Any detail : message.getDetailsList()) {
      if (!SentInfo.isNamed(detail)) {
        continue;
      }
      Optional<SentInfo> info = SentInfo.read(detail);
      if (info.isEmpty()) {
        hide(null, Retry.NONE);
        continue;
      }
      Named named = tables.name(info.get()).orElse(null);
      if (named != null && (!named.failing() || named.ambiguous())) {
        hide(null, Retry.NONE);
      } else if (named != null && isHidden(named.spec())) {
        Retry retry = named.spec().retry(Clock.systemUTC());
        Duration delay = Details.retryDelay(message).orElse(retry.delay());
        hide(null, new Retry(retry.action(), delay, retry.window()));
      }
    }
  }

  /** Only a mask states that the same request may be sent again. */
  private static Retry adviceOf(Status message) {
    if (StatusReader.isMask(message)) {
      return StatusReader.maskRetry(message);
    }
    return Details.retryDelay(message)
        .filter(delay -> message.getCode() == io.grpc.Status.Code.UNAVAILABLE.value())
        .map(delay -> Retry.after(RetryAction.RETRY_ACTION_NEXT_WINDOW, delay))
        .orElse(Retry.NONE);
  }

  /** Records a hidden error. A retry is advised only if it can help all of them. */
  private void hide(CodeError error, Retry retry) {
    if (!publicBoundary) {
      return;
    }
    firstHidden = firstHidden == null ? error : firstHidden;
    advice = hidden ? Mask.combine(advice, retry) : retry;
    hidden = true;
  }

  Answer inner() {
    return inner;
  }

  /** Returns the code that would be sent; null if there is none. */
  CodeError code() {
    return code != null ? code : decoded;
  }

  /** Returns the status that would be sent without a code; null if something else would be. */
  Status uncoded() {
    if (inner != null) {
      return inner.error() == null && !inner.ended() ? inner.status() : null;
    }
    return code() == null ? status : null;
  }

  /** Returns the trailers of the handler, never those of another server. */
  Metadata trailers() {
    return code == null ? trailers : new Metadata();
  }

  boolean ended() {
    return ended;
  }

  /** Returns whether a public boundary hides the error. */
  boolean hidden() {
    return hidden;
  }

  /** Returns the first hidden code; null if something else is hidden. */
  CodeError firstHidden() {
    return firstHidden;
  }

  /** Returns advice that suits all hidden errors. */
  Retry advice() {
    return advice;
  }

  /** Returns the tables of the errors in the chain. */
  List<CodeTable<?>> tables() {
    return ofErrors;
  }
}

package io.github.codetable.grpc;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import java.util.concurrent.atomic.AtomicBoolean;

/** A call of a server whose failure is translated. */
final class TranslatingCall<Q, R> extends SimpleForwardingServerCall<Q, R> {
  private final Translator translator;
  private final Translator.Call info;
  private final AtomicBoolean closed = new AtomicBoolean();

  TranslatingCall(ServerCall<Q, R> call, Translator translator, Translator.Call info) {
    super(call);
    this.translator = translator;
    this.info = info;
  }

  /** Starts the handler. What it or its listener throws ends the call. */
  ServerCall.Listener<Q> guard(ServerCallHandler<Q, R> next, Metadata headers) {
    try {
      return new Guard(next.startCall(this, headers));
    } catch (Throwable thrown) {
      fail(thrown);
      return new ServerCall.Listener<>() {};
    }
  }

  @Override
  public void close(Status status, Metadata trailers) {
    closed.set(true);
    if (status.isOk()) {
      super.close(status, trailers);
    } else {
      send(origin(status, trailers));
    }
  }

  /** gRPC makes UNKNOWN of an exception without a status, and keeps it as the cause. */
  private static Throwable origin(Status status, Metadata trailers) {
    boolean bare =
        status.getCode() == Status.Code.UNKNOWN
            && status.getDescription() == null
            && status.getCause() != null
            && !trailers.containsKey(Details.KEY);
    return bare ? status.getCause() : status.asRuntimeException(trailers);
  }

  private void send(Throwable origin) {
    Answer answer = translator.translate(info, origin);
    Status status =
        Status.fromCodeValue(answer.status().getCode())
            .withDescription(answer.status().getMessage())
            .withCause(new Translated(answer, origin));
    super.close(status, answer.allTrailers());
  }

  /** Ends the call, unless it has ended. gRPC handles an {@link Error} and what comes too late. */
  private void fail(Throwable thrown) {
    boolean late = closed.getAndSet(true);
    if (!late) {
      send(thrown);
    }
    if (thrown instanceof Error error) {
      throw error;
    }
    if (late && thrown instanceof RuntimeException exception) {
      throw exception;
    }
  }

  private final class Guard extends SimpleForwardingServerCallListener<Q> {
    Guard(ServerCall.Listener<Q> listener) {
      super(listener);
    }

    private void run(Runnable callback) {
      try {
        callback.run();
      } catch (Throwable thrown) {
        fail(thrown);
      }
    }

    @Override
    public void onMessage(Q message) {
      run(() -> super.onMessage(message));
    }

    @Override
    public void onHalfClose() {
      run(super::onHalfClose);
    }

    @Override
    public void onReady() {
      run(super::onReady);
    }

    @Override
    public void onCancel() {
      run(super::onCancel);
    }

    @Override
    public void onComplete() {
      run(super::onComplete);
    }
  }
}

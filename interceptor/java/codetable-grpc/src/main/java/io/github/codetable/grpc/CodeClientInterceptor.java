package io.github.codetable.grpc;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;

/**
 * Attaches a {@link CodeError} to every failed call that has one, unary or streaming. The stubs
 * make the exceptions, so the error is their cause: {@link Codes#from} finds it, and code that
 * examines the exception sees the same status and the same trailers.
 *
 * <p>A failed call without one gets a mark as its cause, by which a {@link CodeServerInterceptor}
 * at a public boundary hides it. Use this interceptor on every connection from a public server.
 */
public final class CodeClientInterceptor implements ClientInterceptor {
  private final Tables tables;

  private CodeClientInterceptor(Tables tables) {
    this.tables = tables;
  }

  /** Returns an interceptor that reads the codes of tables. */
  public static CodeClientInterceptor of(CodeTable<?>... tables) {
    return new CodeClientInterceptor(Tables.of(tables));
  }

  @Override
  public <Q, R> ClientCall<Q, R> interceptCall(
      MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
    return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
      @Override
      public void start(Listener<R> listener, Metadata headers) {
        super.start(
            new SimpleForwardingClientCallListener<>(listener) {
              @Override
              public void onClose(Status status, Metadata trailers) {
                super.onClose(status.isOk() ? status : receive(status, trailers), trailers);
              }
            },
            headers);
      }
    };
  }

  Status receive(Status status, Metadata trailers) {
    Throwable cause = status.getCause();
    if (cause instanceof CodeError || cause instanceof Received) {
      return status; // another interceptor has read it
    }
    try {
      return StatusReader.read(status, trailers, tables, cause)
          .map(status::withCause)
          .orElseGet(() -> status.withCause(new Received(cause)));
    } catch (RuntimeException unreadable) {
      return status.withCause(new Received(cause));
    }
  }
}

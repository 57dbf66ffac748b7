package com.github.codetable.example;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusException;

/**
 * Sends each {@link CodeException} that a handler passes to {@code onError} as the status of its
 * code. Other failures keep their status, and gRPC's own retry is forbidden for them.
 */
public final class CodeServerInterceptor implements ServerInterceptor {
  private static final Metadata.Key<String> ACCEPT_LANGUAGE =
      Metadata.Key.of("accept-language", Metadata.ASCII_STRING_MARSHALLER);

  private final StatusEncoder encoder;

  /** Creates an interceptor that sends the statuses of an encoder. */
  public CodeServerInterceptor(StatusEncoder encoder) {
    this.encoder = encoder;
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    return next.startCall(
        new SimpleForwardingServerCall<>(call) {
          @Override
          public void close(Status status, Metadata trailers) {
            if (status.getCause() instanceof CodeException thrown) {
              StatusException encoded = encoder.encode(thrown.number(), languages(headers));
              trailers.merge(encoded.getTrailers());
              super.close(encoded.getStatus(), trailers);
              return;
            }
            if (!status.isOk()) {
              // The call may have spent a single-use token.
              trailers.put(StatusEncoder.PUSHBACK, StatusEncoder.NO_RETRY);
            }
            super.close(status, trailers);
          }
        },
        headers);
  }

  private static String languages(Metadata headers) {
    Iterable<String> sent = headers.getAll(ACCEPT_LANGUAGE);
    return sent == null ? "" : String.join(",", sent);
  }
}

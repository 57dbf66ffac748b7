package com.github.codetable.example;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusException;

/**
 * Sends each {@link CodeException} that a handler gives to {@code onError} as the status that its
 * table says. What any other failure means stays as it is, but it is not retried blindly either.
 */
public final class CodeServerInterceptor implements ServerInterceptor {
  private static final Metadata.Key<String> ACCEPT_LANGUAGE =
      Metadata.Key.of("accept-language", Metadata.ASCII_STRING_MARSHALLER);

  private final StatusEncoder encoder;

  /** Sends what an encoder makes of each code. */
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

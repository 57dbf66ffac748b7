package io.github.codetable.grpc;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import com.google.rpc.ErrorInfo;
import com.google.rpc.LocalizedMessage;
import com.google.rpc.RequestInfo;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import io.grpc.Metadata;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/** The details of a {@code google.rpc.Status}, and the metadata that carries them. */
final class Details {
  static final Metadata.Key<byte[]> KEY =
      Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);

  /** The key of the number in {@code ErrorInfo.metadata}. It is wire contract. */
  static final String CODE = "code";

  static final String PACKAGE = "google.rpc.";
  static final String ERROR_INFO = ErrorInfo.getDescriptor().getFullName();
  static final String RETRY_INFO = RetryInfo.getDescriptor().getFullName();
  static final String LOCALIZED_MESSAGE = LocalizedMessage.getDescriptor().getFullName();
  static final String REQUEST_INFO = RequestInfo.getDescriptor().getFullName();

  /** The longest delay of the implementation in Go, whose unit is the nanosecond. */
  static final Duration MAX = Duration.ofNanos(Long.MAX_VALUE);

  /** Possessive, since the stack limits what Java can match with backtracking. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z_]\\w*+(?:\\.[A-Za-z_]\\w*+)*+");

  private Details() {}

  /** Returns the full name of the message, or "" if the type URL has none. */
  static String name(Any detail) {
    String url = detail.getTypeUrl();
    String name = url.substring(url.lastIndexOf('/') + 1);
    return NAME.matcher(name).matches() ? name : "";
  }

  static boolean is(Any detail, String name) {
    String url = detail.getTypeUrl();
    return url.equals(name) || url.endsWith("/" + name);
  }

  static boolean has(Status status, String name) {
    return status.getDetailsList().stream().anyMatch(detail -> is(detail, name));
  }

  /**
   * Returns the status that came with a gRPC status; empty if there is none, if it is malformed or
   * if its code is another one.
   */
  static Optional<Status> read(io.grpc.Status status, Metadata trailers) {
    byte[] bytes = trailers == null || status.isOk() ? null : trailers.get(KEY);
    if (bytes == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(Status.parseFrom(bytes))
          .filter(parsed -> parsed.getCode() == status.getCode().value());
    } catch (InvalidProtocolBufferException malformed) {
      return Optional.empty();
    }
  }

  /** Returns the delay of the first readable {@code RetryInfo}. */
  static Optional<Duration> retryDelay(Status status) {
    return find(status, RETRY_INFO, RetryInfo.parser()).map(retry -> toJava(retry.getRetryDelay()));
  }

  static Optional<Messages.Sentence> localizedMessage(Status status) {
    return find(status, LOCALIZED_MESSAGE, LocalizedMessage.parser())
        .filter(sent -> !sent.getMessage().isEmpty())
        .map(sent -> new Messages.Sentence(sent.getLocale(), sent.getMessage()));
  }

  static String requestId(Status status) {
    return find(status, REQUEST_INFO, RequestInfo.parser())
        .map(RequestInfo::getRequestId)
        .orElse("");
  }

  static <M extends Message> Optional<M> find(Status status, String name, Parser<M> parser) {
    return status.getDetailsList().stream()
        .filter(detail -> is(detail, name))
        .flatMap(detail -> parse(detail, parser).stream())
        .findFirst();
  }

  static <M extends Message> Optional<M> parse(Any detail, Parser<M> parser) {
    try {
      return Optional.of(parser.parseFrom(detail.getValue()));
    } catch (InvalidProtocolBufferException malformed) {
      return Optional.empty();
    }
  }

  static Any packRetryInfo(Duration delay) {
    return Any.pack(RetryInfo.newBuilder().setRetryDelay(toProto(delay)).build());
  }

  static Any packLocalizedMessage(Messages.Sentence sentence) {
    return Any.pack(
        LocalizedMessage.newBuilder()
            .setLocale(sentence.locale())
            .setMessage(sentence.text())
            .build());
  }

  static Any packRequestInfo(String id) {
    return Any.pack(RequestInfo.newBuilder().setRequestId(id).build());
  }

  /** A message can hold durations at which java.time throws. None is negative here. */
  static Duration toJava(com.google.protobuf.Duration sent) {
    long seconds = Math.max(-MAX.toSeconds(), Math.min(sent.getSeconds(), MAX.toSeconds()));
    Duration duration = Duration.ofSeconds(seconds, sent.getNanos());
    if (duration.isNegative()) {
      return Duration.ZERO;
    }
    return duration.compareTo(MAX) > 0 ? MAX : duration;
  }

  static com.google.protobuf.Duration toProto(Duration duration) {
    return com.google.protobuf.Duration.newBuilder()
        .setSeconds(duration.getSeconds())
        .setNanos(duration.getNano())
        .build();
  }

  /** Rounds up, so that nobody retries too early. */
  static Duration wholeSeconds(Duration duration) {
    return Duration.ofSeconds(duration.getSeconds() + (duration.getNano() > 0 ? 1 : 0));
  }
}

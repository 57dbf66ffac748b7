package io.github.codetable.grpc;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.PreconditionFailure;
import com.google.rpc.QuotaFailure;
import com.google.rpc.ResourceInfo;
import com.google.rpc.Status;
import io.github.codetable.v1.Code;
import io.grpc.Metadata;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Builds a {@link CodeError}. What is refused here never loses the code: the error is made without
 * it, and names it as a suppressed exception.
 */
public final class CodeErrorBuilder {
  /** The rule of AIP-193. */
  private static final Pattern KEY = Pattern.compile("[a-z][a-zA-Z0-9_-]{1,63}");

  private final CodeSpec<?> spec;
  private final Map<String, String> metadata = new TreeMap<>();
  private final Map<String, Any> details = new LinkedHashMap<>();
  private final List<IllegalArgumentException> refused = new ArrayList<>();
  private String message;
  private Duration retryAfter; // null: that of the table
  private Throwable cause;
  private Clock clock = Clock.systemUTC();

  CodeErrorBuilder(CodeSpec<?> spec) {
    if (spec.isSuccess()) {
      throw new IllegalArgumentException(spec + " is a success");
    }
    this.spec = spec;
    this.message = spec.message();
  }

  /**
   * Sets the text for developers. It is sent: put nothing private into it. It is cut to 1 KiB in
   * gRPC's encoding. Default: the notes of the table, also for a null, such as the message of an
   * exception may be.
   */
  public CodeErrorBuilder message(String text) {
    if (text != null && !text.isEmpty()) {
      message = Texts.cutMessage(Texts.clean(text), Texts.MAX_MESSAGE);
    }
    return this;
  }

  /**
   * Adds metadata. It is sent: put nothing private into it. The key is one of AIP-193, such as
   * {@code requestCount}; {@code code} is reserved.
   */
  public CodeErrorBuilder metadata(String key, String value) {
    if (key == null || key.equals(Details.CODE) || !KEY.matcher(key).matches()) {
      String name = Texts.cut(String.valueOf(key), 128);
      refused.add(new IllegalArgumentException("metadata key " + name));
    } else if (value == null) {
      refused.add(new IllegalArgumentException("no value of the metadata key " + key));
    } else {
      metadata.put(key, Texts.clean(value));
    }
    return this;
  }

  /**
   * Sets the delay of the retry, 292 years at most. It does not allow one that the table forbids.
   */
  public CodeErrorBuilder retryAfter(Duration delay) {
    if (delay == null || delay.isNegative()) {
      refused.add(new IllegalArgumentException("retry delay " + delay));
    } else {
      retryAfter = delay.compareTo(Details.MAX) > 0 ? Details.MAX : delay;
    }
    return this;
  }

  /**
   * Adds a detail, or replaces the one of its type. It is sent: put nothing private into it. {@code
   * ErrorInfo} and {@code RetryInfo} are refused, since the table defines them.
   */
  public CodeErrorBuilder detail(Message detail) {
    if (detail == null) {
      refused.add(new IllegalArgumentException("no detail"));
      return this;
    }
    Any packed = detail instanceof Any any ? any : Any.pack(detail);
    String name = Details.name(packed);
    if (name.isEmpty() || name.equals(Details.ERROR_INFO) || name.equals(Details.RETRY_INFO)) {
      refused.add(new IllegalArgumentException("detail " + packed.getTypeUrl()));
    } else {
      details.remove(name);
      details.put(name, packed);
    }
    return this;
  }

  /** Sets the cause. It is never sent. */
  public CodeErrorBuilder cause(Throwable origin) {
    cause = origin;
    return this;
  }

  /** Sets the clock that gives the time left to a calendar window. */
  CodeErrorBuilder clock(Clock source) {
    clock = source;
    return this;
  }

  /** Returns the error. */
  public CodeError build() {
    Retry advice = spec.retry(clock);
    if (retryAfter != null) {
      advice = new Retry(advice.action(), retryAfter, advice.window());
    }
    Status status = status(advice.delay());
    Metadata trailers = new Metadata();
    trailers.put(Details.KEY, status.toByteArray());
    Map<String, String> all = new TreeMap<>(metadata);
    all.put(Details.CODE, Integer.toString(spec.number()));
    Content content =
        new Content(
            spec,
            OptionalInt.of(spec.number()),
            spec.reason(),
            spec.table().domain(),
            advice,
            all,
            spec.messages(),
            Details.requestId(status),
            false,
            status,
            false);
    CodeError error =
        new CodeError(
            content, spec.statusCode().toStatus().withDescription(message), trailers, cause);
    refused.forEach(error::addSuppressed);
    return error;
  }

  private Status status(Duration delay) {
    ErrorInfo.Builder info =
        ErrorInfo.newBuilder()
            .setReason(spec.reason())
            .setDomain(spec.table().domain())
            .putMetadata(Details.CODE, Integer.toString(spec.number()))
            .putAllMetadata(metadata);
    Status.Builder status =
        Status.newBuilder()
            .setCode(spec.statusCode().value())
            .setMessage(message)
            .addDetails(Any.pack(info.build()));
    if (!delay.isZero() || retryAfter != null) {
      status.addDetails(Details.packRetryInfo(delay));
    }
    subject()
        .map(Any::pack)
        .filter(detail -> !details.containsKey(Details.name(detail)))
        .ifPresent(status::addDetails);
    return status.addAllDetails(details.values()).build();
  }

  /** Returns the standard detail that the table names. It has only texts of the table. */
  private Optional<Message> subject() {
    Code code = spec.options();
    String subject = code.getDetail().getSubject();
    String notes = code.getNotes();
    return switch (code.getDetail().getType()) {
      case DETAIL_TYPE_BAD_REQUEST -> {
        BadRequest.Builder request = BadRequest.newBuilder();
        request
            .addFieldViolationsBuilder()
            .setField(subject)
            .setDescription(notes)
            .setReason(spec.reason());
        yield Optional.of(request.build());
      }
      case DETAIL_TYPE_PRECONDITION_FAILURE -> {
        PreconditionFailure.Builder failure = PreconditionFailure.newBuilder();
        failure
            .addViolationsBuilder()
            .setType(spec.reason())
            .setSubject(subject)
            .setDescription(notes);
        yield Optional.of(failure.build());
      }
      case DETAIL_TYPE_QUOTA_FAILURE -> {
        QuotaFailure.Builder failure = QuotaFailure.newBuilder();
        failure.addViolationsBuilder().setSubject(subject).setDescription(notes);
        yield Optional.of(failure.build());
      }
      case DETAIL_TYPE_RESOURCE_INFO ->
          Optional.of(
              ResourceInfo.newBuilder().setResourceType(subject).setDescription(notes).build());
      case DETAIL_TYPE_UNSPECIFIED, UNRECOGNIZED -> Optional.empty();
    };
  }
}

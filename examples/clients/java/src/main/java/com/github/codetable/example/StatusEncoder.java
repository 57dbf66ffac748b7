package com.github.codetable.example;

import static java.util.function.Predicate.not;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.LocalizedMessage;
import com.google.rpc.PreconditionFailure;
import com.google.rpc.QuotaFailure;
import com.google.rpc.ResourceInfo;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import io.github.codetable.v1.CalendarWindow;
import io.github.codetable.v1.Code;
import io.github.codetable.v1.Retry;
import io.github.codetable.v1.RetryAction;
import io.grpc.Metadata;
import io.grpc.StatusException;
import io.grpc.protobuf.StatusProto;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Encodes codes as statuses, as the Go interceptors do. All text of a status comes from the table,
 * never from a request.
 */
public final class StatusEncoder {
  /** The delay for gRPC's own retry, in milliseconds (gRFC A6). */
  static final Metadata.Key<String> PUSHBACK =
      Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);

  /** A negative {@link #PUSHBACK} forbids the retry. */
  static final String NO_RETRY = "-1";

  private final CodeTable<?> table;
  private final Clock clock;

  /** Creates an encoder for a table. The clock gives the time left to the next calendar window. */
  public StatusEncoder(CodeTable<?> table, Clock clock) {
    this.table = table;
    this.clock = clock;
  }

  /**
   * Returns the status of a failing code, whether the table lists it or not.
   *
   * @param languages the Accept-Language header of the caller; "" if there is none
   */
  public StatusException encode(int number, String languages) {
    CodeTable.Entry<?> entry = table.entry(number);
    Metadata trailers = new Metadata();
    trailers.put(PUSHBACK, pushback(entry.options().getRetry()));
    if (entry.isSuccess()) {
      // A handler that fails with a success code has a bug, which the caller must not see.
      return new StatusException(
          io.grpc.Status.INTERNAL.withDescription("internal error"), trailers);
    }
    Status.Builder status =
        Status.newBuilder()
            .setCode(entry.status().value())
            .setMessage(message(entry))
            .addDetails(Any.pack(errorInfo(entry)));
    retryInfo(entry).map(Any::pack).ifPresent(status::addDetails);
    detail(entry).map(Any::pack).ifPresent(status::addDetails);
    localizedMessage(entry, languages).map(Any::pack).ifPresent(status::addDetails);
    return StatusProto.toStatusException(status.build(), trailers);
  }

  /** Returns the text for developers. */
  private static String message(CodeTable.Entry<?> entry) {
    if (!entry.listed()) {
      return "the response code is not listed";
    }
    Code code = entry.options();
    return Stream.of(code.getNotes(), code.getDescription(), entry.reason())
        .filter(not(String::isEmpty))
        .findFirst()
        .orElse("");
  }

  private ErrorInfo errorInfo(CodeTable.Entry<?> entry) {
    return ErrorInfo.newBuilder()
        .setReason(entry.reason())
        .setDomain(table.domain())
        .putMetadata(CodeReader.CODE, Integer.toString(entry.number()))
        .build();
  }

  private Optional<RetryInfo> retryInfo(CodeTable.Entry<?> entry) {
    Retry advice = entry.options().getRetry();
    Optional<com.google.protobuf.Duration> delay =
        switch (advice.getAfterCase()) {
          case DELAY -> Optional.of(advice.getDelay());
          case WINDOW -> Optional.of(toProto(untilNext(advice.getWindow())));
          case AFTER_NOT_SET -> Optional.empty();
        };
    return delay.map(after -> RetryInfo.newBuilder().setRetryDelay(after).build());
  }

  /** Rounds up to whole seconds, so that no caller retries too early. */
  private Duration untilNext(CalendarWindow window) {
    ZonedDateTime now = clock.instant().atZone(ZoneId.of(table.timeZone()));
    ZonedDateTime next =
        switch (window) {
          case CALENDAR_WINDOW_HOUR -> now.truncatedTo(ChronoUnit.HOURS).plusHours(1);
          // A day does not begin at 00:00 if the clocks change then.
          case CALENDAR_WINDOW_DAY -> now.toLocalDate().plusDays(1).atStartOfDay(now.getZone());
          case CALENDAR_WINDOW_UNSPECIFIED, UNRECOGNIZED -> now;
        };
    return Duration.between(now, next).plusNanos(999_999_999).truncatedTo(ChronoUnit.SECONDS);
  }

  private static com.google.protobuf.Duration toProto(Duration duration) {
    return com.google.protobuf.Duration.newBuilder()
        .setSeconds(duration.getSeconds())
        .setNanos(duration.getNano())
        .build();
  }

  /** Returns the standard detail that the table names for the code. */
  private static Optional<Message> detail(CodeTable.Entry<?> entry) {
    Code code = entry.options();
    String subject = code.getDetail().getSubject();
    return switch (code.getDetail().getType()) {
      case DETAIL_TYPE_BAD_REQUEST -> {
        BadRequest.Builder request = BadRequest.newBuilder();
        request
            .addFieldViolationsBuilder()
            .setField(subject)
            .setDescription(code.getNotes())
            .setReason(entry.reason());
        yield Optional.of(request.build());
      }
      case DETAIL_TYPE_PRECONDITION_FAILURE -> {
        PreconditionFailure.Builder failure = PreconditionFailure.newBuilder();
        failure
            .addViolationsBuilder()
            .setType(entry.reason())
            .setSubject(subject)
            .setDescription(code.getNotes());
        yield Optional.of(failure.build());
      }
      case DETAIL_TYPE_QUOTA_FAILURE -> {
        QuotaFailure.Builder failure = QuotaFailure.newBuilder();
        failure.addViolationsBuilder().setSubject(subject).setDescription(code.getNotes());
        yield Optional.of(failure.build());
      }
      case DETAIL_TYPE_RESOURCE_INFO ->
          Optional.of(
              ResourceInfo.newBuilder()
                  .setResourceType(subject)
                  .setDescription(code.getNotes())
                  .build());
      case DETAIL_TYPE_UNSPECIFIED, UNRECOGNIZED -> Optional.empty();
    };
  }

  private Optional<LocalizedMessage> localizedMessage(CodeTable.Entry<?> entry, String languages) {
    var messages = table.userMessages(entry);
    return Languages.lookup(languages, messages.keySet())
        .or(() -> languages.isEmpty() ? Optional.empty() : Optional.of(table.defaultLocale()))
        .filter(messages::containsKey)
        .map(
            locale ->
                LocalizedMessage.newBuilder()
                    .setLocale(locale)
                    .setMessage(messages.get(locale))
                    .build());
  }

  private static String pushback(Retry advice) {
    if (advice.getAction() != RetryAction.RETRY_ACTION_SAME_REQUEST) {
      return NO_RETRY;
    }
    Duration delay = CodeReader.duration(advice.getDelay());
    // Rounded up, and within 32 bits, which gRPC libraries parse.
    return Long.toString(Math.min(delay.plusNanos(999_999).toMillis(), Integer.MAX_VALUE));
  }
}

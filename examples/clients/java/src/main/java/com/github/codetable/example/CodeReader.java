package com.github.codetable.example;

import static java.util.function.Predicate.not;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.ProtocolMessageEnum;
import com.google.rpc.ErrorInfo;
import com.google.rpc.LocalizedMessage;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import io.github.codetable.v1.CalendarWindow;
import io.github.codetable.v1.Fault;
import io.github.codetable.v1.RetryAction;
import io.grpc.protobuf.StatusProto;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Reads response codes from failed calls. It never throws, whatever a server sends. Unlisted
 * numbers and other domains are kept as they were sent.
 *
 * @param <E> the enum that is the table
 */
public final class CodeReader<E extends Enum<E> & ProtocolMessageEnum> {
  /** The key of {@code ErrorInfo.metadata} that holds the number. */
  static final String CODE = "code";

  /** The longest reason that AIP-193 allows, in bytes. */
  private static final int MAX_REASON = 63;

  private static final Pattern DECIMAL = Pattern.compile("-?[0-9]+");

  /**
   * The longest duration of protobuf. A message can hold longer ones, at which java.time throws.
   */
  private static final long MAX_SECONDS = 315_576_000_000L;

  private final CodeTable<E> table;

  /** Creates a reader of the codes of a table. */
  public CodeReader(CodeTable<E> table) {
    this.table = table;
  }

  /**
   * Reads the status of a {@code StatusRuntimeException} or a {@code StatusException}, which may be
   * the cause of another exception. Returns empty if it has no {@code ErrorInfo}.
   */
  public Optional<CodeError<E>> read(Throwable thrown) {
    try {
      return Optional.ofNullable(StatusProto.fromThrowable(thrown)).flatMap(this::read);
    } catch (IllegalArgumentException malformed) {
      // The details are not a Status, or their code contradicts that of the call.
      return Optional.empty();
    }
  }

  /** Reads a status. Returns empty if it has no {@code ErrorInfo} or is OK. */
  public Optional<CodeError<E>> read(Status status) {
    if (status.getCode() == io.grpc.Status.Code.OK.value()) {
      return Optional.empty();
    }
    List<ErrorInfo> infos = details(status, ErrorInfo.class).toList();
    return infos.stream()
        .flatMap(info -> find(info).map(entry -> known(status, info, entry)).stream())
        .findFirst()
        .or(() -> infos.stream().findFirst().map(info -> unknown(status, info)));
  }

  /**
   * Trusts the domain, then the number, then the reason. Without a number and a listed reason the
   * code is an unlisted one. Returns empty for a success, since the call failed.
   */
  private Optional<CodeTable.Entry<E>> find(ErrorInfo info) {
    if (!info.getDomain().equals(table.domain())) {
      return Optional.empty();
    }
    OptionalInt number = number(info);
    return Optional.of(
            number.isPresent()
                ? table.entry(number.getAsInt())
                : table.entry(info.getReason()).orElseGet(() -> table.entry(table.absent())))
        .filter(not(CodeTable.Entry::isSuccess));
  }

  private CodeError<E> known(Status status, ErrorInfo info, CodeTable.Entry<E> entry) {
    var advice = entry.options().getRetry();
    Map<String, String> metadata = new HashMap<>(info.getMetadataMap());
    metadata.remove(CODE);
    if (entry.listed() || number(info).isPresent()) {
      metadata.put(CODE, Integer.toString(entry.number()));
    }
    Map<String, String> messages = messages(entry);
    return new CodeError<>(
        true,
        entry.code(),
        OptionalInt.of(entry.number()),
        entry.listed() ? entry.reason() : sentReason(info),
        table.domain(),
        entry.options().getFault(),
        new CodeError.Retry(
            advice.getAction(),
            delay(status).orElse(duration(advice.getDelay())),
            advice.getWindow()),
        metadata,
        entry.listed() ? messages : sentMessage(status).orElse(messages));
  }

  /** Returns the messages of the table, with that of its default locale for other languages. */
  private Map<String, String> messages(CodeTable.Entry<E> entry) {
    Map<String, String> messages = table.userMessages(entry);
    Optional.ofNullable(messages.get(table.defaultLocale()))
        .ifPresent(message -> messages.put(CodeError.ANY_LANGUAGE, message));
    return messages;
  }

  /** Returns the reason that a newer table has for the code. */
  private static String sentReason(ErrorInfo info) {
    if (info.getReason().isEmpty()) {
      return CodeTable.UNRECOGNIZED_CODE;
    }
    byte[] sent = info.getReason().getBytes(StandardCharsets.UTF_8);
    int end = Math.min(sent.length, MAX_REASON);
    while (end < sent.length && (sent[end] & 0xC0) == 0x80) {
      end--; // Never cut within a character.
    }
    return new String(sent, 0, end, StandardCharsets.UTF_8);
  }

  private CodeError<E> unknown(Status status, ErrorInfo info) {
    boolean foreign = !info.getDomain().equals(table.domain());
    return new CodeError<>(
        false,
        table.unrecognized(),
        // In this table's own domain the number is a success, which is refused.
        foreign ? number(info) : OptionalInt.empty(),
        info.getReason(),
        info.getDomain(),
        Fault.FAULT_UNSPECIFIED,
        new CodeError.Retry(
            RetryAction.RETRY_ACTION_UNSPECIFIED,
            delay(status).orElse(Duration.ZERO),
            CalendarWindow.CALENDAR_WINDOW_UNSPECIFIED),
        info.getMetadataMap(),
        sentMessage(status).orElse(Map.of()));
  }

  private static OptionalInt number(ErrorInfo info) {
    String code = info.getMetadataOrDefault(CODE, "");
    if (!DECIMAL.matcher(code).matches()) {
      return OptionalInt.empty();
    }
    try {
      return OptionalInt.of(Integer.parseInt(code));
    } catch (NumberFormatException beyond32Bits) {
      return OptionalInt.empty();
    }
  }

  private static Optional<Duration> delay(Status status) {
    return details(status, RetryInfo.class).findFirst().map(info -> duration(info.getRetryDelay()));
  }

  static Duration duration(com.google.protobuf.Duration sent) {
    long seconds = Math.max(-MAX_SECONDS, Math.min(sent.getSeconds(), MAX_SECONDS));
    Duration duration = Duration.ofSeconds(seconds, sent.getNanos());
    return duration.isNegative() ? Duration.ZERO : duration;
  }

  private static Optional<Map<String, String>> sentMessage(Status status) {
    return details(status, LocalizedMessage.class)
        .findFirst()
        .map(sent -> Map.of(CodeError.ANY_LANGUAGE, sent.getMessage()));
  }

  /** Returns the details of one type, without the malformed ones. */
  private static <M extends Message> Stream<M> details(Status status, Class<M> type) {
    return status.getDetailsList().stream()
        .filter(detail -> detail.is(type))
        .flatMap(detail -> unpack(detail, type).stream());
  }

  private static <M extends Message> Optional<M> unpack(Any detail, Class<M> type) {
    try {
      return Optional.of(detail.unpack(type));
    } catch (InvalidProtocolBufferException malformed) {
      return Optional.empty();
    }
  }
}

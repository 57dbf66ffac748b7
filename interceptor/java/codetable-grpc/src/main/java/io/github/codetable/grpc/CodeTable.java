package io.github.codetable.grpc;

import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.ProtocolMessageEnum;
import io.github.codetable.v1.CalendarWindow;
import io.github.codetable.v1.Code;
import io.github.codetable.v1.GrpcCode;
import io.github.codetable.v1.Table;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * A table of response codes: an enum with the options of {@code codetable.v1}. It is immutable and
 * safe for concurrent use. Make it once, as a constant.
 *
 * @param <E> the generated enum, or {@link EnumValueDescriptor} for an enum that is known at run
 *     time only
 */
public final class CodeTable<E> {
  /** The reason of a number that the enum does not list. It is wire contract. */
  static final String UNRECOGNIZED_CODE = "UNRECOGNIZED_CODE";

  private final Table options;
  private final E unrecognized; // null if the enum has no such constant
  private final Messages messages;
  private final Optional<ZoneId> zone;
  private final Map<Integer, CodeSpec<E>> byNumber = new TreeMap<>();
  private final Map<String, CodeSpec<E>> byReason = new HashMap<>();
  private final Map<E, CodeSpec<E>> byCode = new HashMap<>();
  private final int absent;

  private CodeTable(EnumDescriptor type, Function<EnumValueDescriptor, E> codes, E unrecognized) {
    this.options =
        Options.of(type)
            .orElseThrow(
                () -> new IllegalArgumentException(type.getFullName() + " is not a code table"));
    this.unrecognized = unrecognized;
    this.messages = Messages.of(options.getDefaultUserMessagesMap(), options.getDefaultLocale());
    this.zone = zone(options.getTimeZone());
    type.getValues().forEach(value -> add(value, codes.apply(value)));
    int number = Integer.MIN_VALUE;
    while (byNumber.containsKey(number)) {
      number++;
    }
    absent = number;
  }

  /** If a number has several names, the first is its reason; the others are read as well. */
  private void add(EnumValueDescriptor value, E code) {
    Code codeOptions = Options.of(value);
    String reason = Options.reason(value, codeOptions);
    CodeSpec<E> spec =
        byNumber.computeIfAbsent(
            value.getNumber(),
            number -> new CodeSpec<>(this, code, number, reason, true, codeOptions));
    byReason.putIfAbsent(reason, spec);
    byCode.putIfAbsent(code, spec);
  }

  /**
   * Returns the table of a generated enum.
   *
   * @throws IllegalArgumentException if the enum is not a table
   */
  public static <E extends Enum<E> & ProtocolMessageEnum> CodeTable<E> of(Class<E> type) {
    Map<String, E> names = new HashMap<>();
    for (E constant : type.getEnumConstants()) {
      names.put(constant.name(), constant);
    }
    E first = type.getEnumConstants()[0];
    EnumDescriptor descriptor = first.getDescriptorForType();
    // An alias is not a constant of its own: its number is that of a constant before it.
    return new CodeTable<>(
        descriptor,
        value -> names.get(descriptor.findValueByNumber(value.getNumber()).getName()),
        names.get("UNRECOGNIZED"));
  }

  /**
   * Returns the table of an enum that is known at run time only. Its codes are the descriptors of
   * the values.
   *
   * @throws IllegalArgumentException if the enum is not a table
   */
  public static CodeTable<EnumValueDescriptor> of(EnumDescriptor type) {
    return new CodeTable<>(type, Function.identity(), null);
  }

  /** Returns the service that defines the codes, as sent in {@code ErrorInfo.domain}. */
  public String domain() {
    return options.getDomain();
  }

  /** Returns the codes that the enum lists, in the order of the numbers. */
  public Collection<CodeSpec<E>> specs() {
    return Collections.unmodifiableCollection(byNumber.values());
  }

  /** Returns what the table says of a number, listed or not. */
  public CodeSpec<E> spec(int number) {
    CodeSpec<E> listed = byNumber.get(number);
    return listed != null ? listed : unlisted(number);
  }

  /** Returns what the table says of the code with a reason; empty if it lists none. */
  public Optional<CodeSpec<E>> spec(String reason) {
    return Optional.ofNullable(byReason.get(reason));
  }

  /**
   * Returns the error of a code, for a handler to throw or to give to {@code onError}.
   *
   * @throws IllegalArgumentException if the code is a success or not one of the table
   */
  public CodeError error(E code) {
    return newError(code).build();
  }

  /**
   * Returns the error of a number, listed or not.
   *
   * @throws IllegalArgumentException if the number is a success
   */
  public CodeError error(int number) {
    return newError(number).build();
  }

  /**
   * Returns a builder of the error of a code.
   *
   * @throws IllegalArgumentException if the code is a success or not one of the table
   */
  public CodeErrorBuilder newError(E code) {
    CodeSpec<E> spec = byCode.get(Objects.requireNonNull(code, "code"));
    if (spec == null) {
      throw new IllegalArgumentException(code + " is not a code of " + domain());
    }
    return new CodeErrorBuilder(spec);
  }

  /**
   * Returns a builder of the error of a number, listed or not.
   *
   * @throws IllegalArgumentException if the number is a success
   */
  public CodeErrorBuilder newError(int number) {
    return new CodeErrorBuilder(spec(number));
  }

  /** Returns the constant for what the table does not list; null if the enum has none. */
  E unrecognized() {
    return unrecognized;
  }

  /** Returns an unlisted number, for a code with neither a number nor a listed reason. */
  int absent() {
    return absent;
  }

  String defaultLocale() {
    return options.getDefaultLocale();
  }

  /** Returns the sentences that do not depend on a code. */
  Messages messages() {
    return messages;
  }

  /** Unset reads as OK, but an unlisted code must be a failure. */
  private CodeSpec<E> unlisted(int number) {
    int status = options.getUnrecognizedGrpcCodeValue();
    Code code =
        Code.newBuilder()
            .setGrpcCodeValue(
                status == GrpcCode.GRPC_CODE_OK_VALUE ? GrpcCode.GRPC_CODE_UNKNOWN_VALUE : status)
            .build();
    return new CodeSpec<>(this, unrecognized, number, UNRECOGNIZED_CODE, false, code);
  }

  private static Optional<ZoneId> zone(String name) {
    try {
      return Optional.of(ZoneId.of(name));
    } catch (DateTimeException unknown) {
      return Optional.empty();
    }
  }

  /** Returns the time left, in whole seconds and rounded up, so that no caller is too early. */
  Duration untilNext(CalendarWindow window, Clock clock) {
    if (zone.isEmpty()) {
      return Duration.ZERO;
    }
    ZonedDateTime now = clock.instant().atZone(zone.get());
    ZonedDateTime next =
        switch (window) {
          case CALENDAR_WINDOW_HOUR -> now.truncatedTo(ChronoUnit.HOURS).plusHours(1);
          // A day does not begin at 00:00 if the clocks change then.
          case CALENDAR_WINDOW_DAY -> now.toLocalDate().plusDays(1).atStartOfDay(now.getZone());
          case CALENDAR_WINDOW_UNSPECIFIED, UNRECOGNIZED -> now;
        };
    return Details.wholeSeconds(Duration.between(now, next));
  }
}

package com.github.codetable.example;

import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.ProtocolMessageEnum;
import io.github.codetable.v1.Code;
import io.github.codetable.v1.CodetableProto;
import io.github.codetable.v1.GrpcCode;
import io.github.codetable.v1.Table;
import io.grpc.Status;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The table of response codes that the options of an annotated enum make.
 *
 * <p>All of it comes from the descriptor of the generated enum. protobuf-java parses the options of
 * a generated file with the extensions that the file uses, so no registry is needed here.
 *
 * @param <E> the generated enum
 */
public final class CodeTable<E extends Enum<E> & ProtocolMessageEnum> {
  /** The reason of a number that the enum does not list. It is wire contract. */
  public static final String UNRECOGNIZED_CODE = "UNRECOGNIZED_CODE";

  private final Table options;
  private final E unrecognized;
  private final Map<Integer, Entry<E>> byNumber = new LinkedHashMap<>();
  private final Map<String, Entry<E>> byReason = new HashMap<>();
  private final int absent;

  /**
   * Reads the options of an enum.
   *
   * @throws IllegalArgumentException if the enum is not annotated
   */
  public CodeTable(Class<E> type) {
    // protoc adds this constant to each open enum, for the numbers that the enum does not list.
    unrecognized = Enum.valueOf(type, "UNRECOGNIZED");
    EnumDescriptor descriptor = unrecognized.getDescriptorForType();
    if (!descriptor.getOptions().hasExtension(CodetableProto.table)) {
      throw new IllegalArgumentException(descriptor.getFullName() + " is not a code table");
    }
    options = descriptor.getOptions().getExtension(CodetableProto.table);
    Map<Integer, E> constants = new HashMap<>();
    for (E constant : type.getEnumConstants()) {
      if (constant != unrecognized) {
        constants.put(constant.getNumber(), constant);
      }
    }
    for (EnumValueDescriptor value : descriptor.getValues()) {
      int number = value.getNumber();
      String reason = reason(value);
      Code code = value.getOptions().getExtension(CodetableProto.code);
      // The first of several names of a number is its reason; the others are still understood.
      Entry<E> entry = new Entry<>(constants.get(number), number, reason, true, code);
      byReason.putIfAbsent(
          reason, Optional.ofNullable(byNumber.putIfAbsent(number, entry)).orElse(entry));
    }
    int number = Integer.MIN_VALUE;
    while (byNumber.containsKey(number)) {
      number++;
    }
    absent = number;
  }

  /** The service that the codes come from, as {@code ErrorInfo.domain} carries it. */
  public String domain() {
    return options.getDomain();
  }

  /** The IANA time zone of calendar windows. */
  public String timeZone() {
    return options.getTimeZone();
  }

  /** The constant that stands for every number that the enum does not list. */
  public E unrecognized() {
    return unrecognized;
  }

  /** A number that the enum does not list, for a failure that says no number. */
  public int absent() {
    return absent;
  }

  /** The codes that the enum lists, in the order of the enum. */
  public Collection<Entry<E>> entries() {
    return Collections.unmodifiableCollection(byNumber.values());
  }

  /** The code with a number. It exists for every number, listed or not. */
  public Entry<E> entry(int number) {
    Entry<E> listed = byNumber.get(number);
    if (listed != null) {
      return listed;
    }
    // Unset reads as OK, which no unlisted code may be.
    int status = options.getUnrecognizedGrpcCodeValue();
    Code code =
        Code.newBuilder()
            .setGrpcCodeValue(
                status == GrpcCode.GRPC_CODE_OK_VALUE ? GrpcCode.GRPC_CODE_UNKNOWN_VALUE : status)
            .build();
    return new Entry<>(unrecognized, number, UNRECOGNIZED_CODE, false, code);
  }

  /** The listed code with a reason. */
  public Optional<Entry<E>> entry(String reason) {
    return Optional.ofNullable(byReason.get(reason));
  }

  /** The sentences for the end user by language tag: in each, that of the code or of the table. */
  public Map<String, String> userMessages(Entry<?> entry) {
    Map<String, String> sentences = new HashMap<>(options.getDefaultUserMessagesMap());
    sentences.putAll(entry.options().getUserMessagesMap());
    return sentences;
  }

  /** The language for readers of languages that the table lacks; "" if it names none. */
  public String defaultLocale() {
    return options.getDefaultLocale();
  }

  /** The reason that the options state, or else the name without the prefix of the enum. */
  static String reason(EnumValueDescriptor value) {
    String stated = value.getOptions().getExtension(CodetableProto.code).getReason();
    if (!stated.isEmpty()) {
      return stated;
    }
    String prefix = upperSnakeCase(value.getType().getName()) + "_";
    String name = value.getName();
    return name.startsWith(prefix) ? name.substring(prefix.length()) : name;
  }

  /** Begins words where buf does: at an upper-case letter beside a lower-case one. */
  private static String upperSnakeCase(String name) {
    return name.replaceAll("(?<=[a-z])(?=[A-Z])|(?<=[^_])(?=[A-Z][a-z])", "_")
        .toUpperCase(Locale.ROOT);
  }

  /**
   * One code.
   *
   * @param code the constant of the enum, its UNRECOGNIZED if the enum does not list the number
   * @param number the number on the wire
   * @param reason the name of the value without the prefix of the enum, or {@link
   *     #UNRECOGNIZED_CODE}
   * @param listed whether the enum lists the number
   * @param options what the enum says of the code
   */
  public record Entry<E>(E code, int number, String reason, boolean listed, Code options) {
    /** The status that the code travels as. One that the table leaves out is no success. */
    public Status.Code status() {
      return options.hasGrpcCode()
          ? Status.fromCodeValue(options.getGrpcCodeValue()).getCode()
          : Status.Code.UNKNOWN;
    }

    /** Whether the code is that of a call that succeeded. */
    public boolean isSuccess() {
      return status() == Status.Code.OK;
    }
  }
}

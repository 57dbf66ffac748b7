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
 * A code table: what the options of an annotated enum say of its codes.
 *
 * <p>All of it comes from the descriptor of the generated enum. protobuf-java parses the options of
 * a generated file with the extensions that the file imports, so no registry is needed.
 *
 * @param <E> the generated enum
 */
public final class CodeTable<E extends Enum<E> & ProtocolMessageEnum> {
  /** The reason of a number that the enum does not list. It is part of the wire contract. */
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
    // protoc adds this constant to each open enum, for unlisted numbers.
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
      // If a number has several names, the first is its reason; the others are read as well.
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

  /** Returns the service that defines the codes, which {@code ErrorInfo.domain} carries. */
  public String domain() {
    return options.getDomain();
  }

  /** Returns the IANA time zone of calendar windows. */
  public String timeZone() {
    return options.getTimeZone();
  }

  /** Returns the constant that stands for every unlisted number. */
  public E unrecognized() {
    return unrecognized;
  }

  /** Returns an unlisted number, for a failure without a number and without a listed reason. */
  public int absent() {
    return absent;
  }

  /** Returns the codes that the enum lists, in the order of the enum. */
  public Collection<Entry<E>> entries() {
    return Collections.unmodifiableCollection(byNumber.values());
  }

  /** Returns the code of any number, listed or not. */
  public Entry<E> entry(int number) {
    Entry<E> listed = byNumber.get(number);
    if (listed != null) {
      return listed;
    }
    // Unset reads as OK, but an unlisted code must be a failure.
    int status = options.getUnrecognizedGrpcCodeValue();
    Code code =
        Code.newBuilder()
            .setGrpcCodeValue(
                status == GrpcCode.GRPC_CODE_OK_VALUE ? GrpcCode.GRPC_CODE_UNKNOWN_VALUE : status)
            .build();
    return new Entry<>(unrecognized, number, UNRECOGNIZED_CODE, false, code);
  }

  /** Returns the listed code with a reason. */
  public Optional<Entry<E>> entry(String reason) {
    return Optional.ofNullable(byReason.get(reason));
  }

  /** Returns the messages by language tag: each is the code's, or else the table's. */
  public Map<String, String> userMessages(Entry<?> entry) {
    Map<String, String> messages = new HashMap<>(options.getDefaultUserMessagesMap());
    messages.putAll(entry.options().getUserMessagesMap());
    return messages;
  }

  /** Returns the locale for languages that the table lacks; "" if it names none. */
  public String defaultLocale() {
    return options.getDefaultLocale();
  }

  /** Returns the reason that the options state, or else the name without the enum's prefix. */
  static String reason(EnumValueDescriptor value) {
    String stated = value.getOptions().getExtension(CodetableProto.code).getReason();
    if (!stated.isEmpty()) {
      return stated;
    }
    String prefix = upperSnakeCase(value.getType().getName()) + "_";
    String name = value.getName();
    return name.startsWith(prefix) ? name.substring(prefix.length()) : name;
  }

  /** As for buf lint, words begin at an upper-case letter beside a lower-case one. */
  private static String upperSnakeCase(String name) {
    return name.replaceAll("(?<=[a-z])(?=[A-Z])|(?<=[^_])(?=[A-Z][a-z])", "_")
        .toUpperCase(Locale.ROOT);
  }

  /**
   * One code.
   *
   * @param code the constant of the enum; UNRECOGNIZED if the enum does not list the number
   * @param number the number on the wire
   * @param reason the name of the code; {@link #UNRECOGNIZED_CODE} if it is not listed
   * @param listed whether the enum lists the number
   * @param options what the enum says of the code
   */
  public record Entry<E>(E code, int number, String reason, boolean listed, Code options) {
    /** Returns the gRPC status of the code. A code without one is UNKNOWN, not a success. */
    public Status.Code status() {
      return options.hasGrpcCode()
          ? Status.fromCodeValue(options.getGrpcCodeValue()).getCode()
          : Status.Code.UNKNOWN;
    }

    /** Returns whether the code is a success. */
    public boolean isSuccess() {
      return status() == Status.Code.OK;
    }
  }
}

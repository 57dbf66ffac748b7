package com.github.codetable.example;

import com.github.codetable.v1.Code;
import com.github.codetable.v1.CodetableProto;
import com.github.codetable.v1.GrpcCode;
import com.github.codetable.v1.Table;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.ProtocolMessageEnum;
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
    String prefix = upperSnakeCase(descriptor.getName()) + "_";
    for (EnumValueDescriptor value : descriptor.getValues()) {
      int number = value.getNumber();
      String name = value.getName();
      String reason = name.startsWith(prefix) ? name.substring(prefix.length()) : name;
      Code code = value.getOptions().getExtension(CodetableProto.code);
      // The first of several names of a number is its reason; the others are still understood.
      Entry<E> entry = new Entry<>(constants.get(number), number, reason, true, code);
      byReason.putIfAbsent(
          reason, Optional.ofNullable(byNumber.putIfAbsent(number, entry)).orElse(entry));
    }
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

  /** The sentences for the end user, by language tag. */
  public Map<String, String> userMessages(Entry<?> entry) {
    Map<String, String> own = entry.options().getUserMessagesMap();
    return own.isEmpty() ? options.getDefaultUserMessagesMap() : own;
  }

  private static String upperSnakeCase(String name) {
    return name.replaceAll("(?<=[^A-Z_])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_")
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

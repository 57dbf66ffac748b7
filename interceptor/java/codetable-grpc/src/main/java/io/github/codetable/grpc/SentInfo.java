package io.github.codetable.grpc;

import com.google.protobuf.Any;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * A {@code google.rpc.ErrorInfo} as it was sent.
 *
 * @param number the number as text; "" if none was sent
 * @param metadata the other metadata, sorted by key
 */
record SentInfo(String reason, String domain, String number, Map<String, String> metadata) {
  private static final Pattern DECIMAL = Pattern.compile("-?[0-9]+");

  /** Returns whether a detail is named ErrorInfo; it may be unreadable. */
  static boolean isNamed(Any detail) {
    return Details.is(detail, Details.ERROR_INFO);
  }

  /** Returns the first readable one of a status. */
  static Optional<SentInfo> first(Status status) {
    return Details.find(status, Details.ERROR_INFO, ErrorInfo.parser()).map(SentInfo::of);
  }

  /** Reads a detail; empty if it is unreadable. */
  static Optional<SentInfo> read(Any detail) {
    return Details.parse(detail, ErrorInfo.parser()).map(SentInfo::of);
  }

  private static SentInfo of(ErrorInfo info) {
    Map<String, String> metadata = new TreeMap<>(info.getMetadataMap());
    metadata.remove(Details.CODE);
    String number = info.getMetadataOrDefault(Details.CODE, "");
    return new SentInfo(info.getReason(), info.getDomain(), number, metadata);
  }

  /** Returns the number; empty if it is no decimal number of 32 bits. */
  OptionalInt parsedNumber() {
    if (!DECIMAL.matcher(number).matches()) {
      return OptionalInt.empty();
    }
    try {
      return OptionalInt.of(Integer.parseInt(number));
    } catch (NumberFormatException beyond32Bits) {
      return OptionalInt.empty();
    }
  }

  /** Returns all metadata, with the number as it was sent. */
  Map<String, String> metadataAsSent() {
    Map<String, String> all = new TreeMap<>(metadata);
    if (!number.isEmpty()) {
      all.put(Details.CODE, number);
    }
    return all;
  }
}

package io.github.codetable.grpc;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import java.io.IOException;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * A {@code google.rpc.ErrorInfo} as it was sent. Its texts may be invalid UTF-8, which the parser
 * of protobuf-java refuses.
 *
 * @param number the number as text; "" if none was sent
 * @param metadata the other metadata, sorted by key
 */
record SentInfo(String reason, String domain, String number, Map<String, String> metadata) {
  private static final Pattern DECIMAL = Pattern.compile("-?[0-9]+");

  private static final int KEY = 1;
  private static final int VALUE = 2;

  /** The texts of two fields of a message. */
  private static final class Fields {
    final ByteString[] last = {ByteString.EMPTY, ByteString.EMPTY};

    String text(int field) {
      return Texts.clean(last[field - 1]);
    }
  }

  /** Returns whether a detail is named ErrorInfo; it may be unreadable. */
  static boolean isNamed(Any detail) {
    return Details.is(detail, Details.ERROR_INFO);
  }

  /** Returns the first readable one of a status. */
  static Optional<SentInfo> first(Status status) {
    return status.getDetailsList().stream()
        .filter(SentInfo::isNamed)
        .flatMap(detail -> read(detail).stream())
        .findFirst();
  }

  /** Reads a detail; empty if its bytes are no message. */
  static Optional<SentInfo> read(Any detail) {
    Map<String, String> metadata = new TreeMap<>();
    try {
      Fields info =
          fields(
              detail.getValue(),
              entry -> {
                Fields pair = fields(entry, ignored -> {});
                metadata.put(pair.text(KEY), pair.text(VALUE));
              });
      String number = metadata.getOrDefault(Details.CODE, "");
      metadata.remove(Details.CODE);
      return Optional.of(
          new SentInfo(
              info.text(ErrorInfo.REASON_FIELD_NUMBER),
              info.text(ErrorInfo.DOMAIN_FIELD_NUMBER),
              number,
              Collections.unmodifiableMap(metadata)));
    } catch (IOException malformed) {
      return Optional.empty();
    }
  }

  @FunctionalInterface
  private interface Entries {
    void add(ByteString entry) throws IOException;
  }

  /** Reads the last values of the fields 1 and 2, and each value of the field 3. */
  private static Fields fields(ByteString message, Entries entries) throws IOException {
    Fields fields = new Fields();
    CodedInputStream in = message.newCodedInput();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      int field = WireFormat.getTagFieldNumber(tag);
      if (WireFormat.getTagWireType(tag) != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
        if (!in.skipField(tag)) {
          throw new IOException("the end of a group that has not begun");
        }
        continue;
      }
      ByteString value = in.readBytes();
      if (field == KEY || field == VALUE) {
        fields.last[field - 1] = value;
      } else if (field == ErrorInfo.METADATA_FIELD_NUMBER) {
        entries.add(value);
      }
    }
    return fields;
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

package io.github.codetable.grpc;

import com.google.protobuf.Any;
import com.google.protobuf.CodedOutputStream;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The {@code ErrorInfo} of the code of a status, while {@link Fit} shortens it. Domain and number
 * are never cut, since a part of them would name another code.
 */
final class FitInfo {
  /** The longest name of DNS. An unknown domain that is longer is not kept. */
  private static final int MAX_DOMAIN = 253;

  private static final int MAX_NUMBER = "-2147483648".length();
  private static final int MAX_VALUE = 1 << 10;

  private final int index;
  private final ErrorInfo.Builder info = ErrorInfo.newBuilder();
  private final String number;
  private final Map<String, String> metadata;
  private boolean shorter;
  private Any packed;

  private FitInfo(Status status, int index, SentInfo sent, Named named) {
    this.index = index;
    this.packed = status.getDetails(index);
    boolean ofTable = named != null && named.spec().reason().equals(sent.reason());
    info.setReason(ofTable ? sent.reason() : Texts.cut(sent.reason(), StatusReader.MAX_REASON));
    info.setDomain(sent.domain());
    if (named != null && named.numbered()) {
      number = Integer.toString(named.spec().number());
    } else {
      number = sent.number().length() > MAX_NUMBER ? "" : sent.number();
    }
    metadata = new TreeMap<>(sent.metadata());
    metadata.replaceAll((key, value) -> Texts.cut(value, MAX_VALUE));
    pack();
  }

  /** Returns the one that readers use, or else the first one if it is readable. */
  static Optional<FitInfo> of(Tables tables, Status status) {
    return tables
        .find(status)
        .map(found -> new FitInfo(status, found.index(), found.info(), found.named()))
        .or(() -> first(status));
  }

  private static Optional<FitInfo> first(Status status) {
    int index = 0;
    while (index < status.getDetailsCount() && !SentInfo.isNamed(status.getDetails(index))) {
      index++;
    }
    if (index == status.getDetailsCount()) {
      return Optional.empty();
    }
    int first = index;
    return SentInfo.read(status.getDetails(first))
        .filter(sent -> Texts.size(sent.domain()) <= MAX_DOMAIN)
        .map(sent -> new FitInfo(status, first, sent, null));
  }

  /** Returns where the detail is in the status. */
  int index() {
    return index;
  }

  /** Returns the detail as it is sent. */
  Any packed() {
    return packed;
  }

  boolean isShorter() {
    return shorter;
  }

  /** Drops metadata until a number of bytes is removed, the largest first. */
  void drop(int over) {
    List<String> order = new ArrayList<>(metadata.keySet());
    order.sort(Comparator.comparingInt((String key) -> size(key)).reversed());
    int left = over;
    for (String key : order) {
      if (left > 0) {
        int size = size(key);
        left -= 1 + CodedOutputStream.computeUInt32SizeNoTag(size) + size;
        metadata.remove(key);
      }
    }
    pack();
  }

  /** Returns the size of an entry, without its own tag and length. */
  private int size(String key) {
    return CodedOutputStream.computeStringSize(1, key)
        + CodedOutputStream.computeStringSize(2, metadata.get(key));
  }

  private void pack() {
    info.clearMetadata();
    if (!number.isEmpty()) {
      info.putMetadata(Details.CODE, number);
    }
    info.putAllMetadata(metadata);
    int before = packed.getValue().size();
    packed = Any.pack(info.build());
    shorter |= packed.getValue().size() < before;
  }
}

package io.github.codetable.grpc;

import com.google.protobuf.Any;
import com.google.rpc.Status;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Tables that are found by domain. */
final class Tables {
  private final Map<String, CodeTable<?>> byDomain = new LinkedHashMap<>();

  Tables(Collection<? extends CodeTable<?>> tables) {
    tables.forEach(table -> byDomain.putIfAbsent(table.domain(), table));
  }

  static Tables of(CodeTable<?>... tables) {
    return new Tables(List.of(tables));
  }

  Collection<CodeTable<?>> all() {
    return Collections.unmodifiableCollection(byDomain.values());
  }

  /** Returns these tables and more, which are preferred. */
  Tables with(Collection<? extends CodeTable<?>> more) {
    List<CodeTable<?>> all = new ArrayList<>(more);
    all.addAll(byDomain.values());
    return new Tables(all);
  }

  Optional<CodeTable<?>> get(String domain) {
    return Optional.ofNullable(byDomain.get(domain));
  }

  /**
   * The {@code ErrorInfo} of a status that names a failing code of a table.
   *
   * @param index where it is among the details
   */
  record Found(int index, SentInfo info, Named named) {}

  /** Returns the first one of a status. */
  Optional<Found> find(Status status) {
    for (int i = 0; i < status.getDetailsCount(); i++) {
      Any detail = status.getDetails(i);
      Optional<SentInfo> info = SentInfo.isNamed(detail) ? SentInfo.read(detail) : Optional.empty();
      Optional<Named> named = info.flatMap(this::name).filter(Named::failing);
      if (named.isPresent()) {
        return Optional.of(new Found(i, info.get(), named.get()));
      }
    }
    return Optional.empty();
  }

  /** Returns the code that an {@code ErrorInfo} names; empty if its domain is not known. */
  Optional<Named> name(SentInfo info) {
    return get(info.domain()).map(table -> Named.of(table, info));
  }
}

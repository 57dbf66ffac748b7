package io.github.codetable.grpc;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * An exception and its causes, from the outermost. Each is asked once.
 *
 * @param whole false if there are more than are examined
 */
record Causes(List<Throwable> all, boolean whole) {
  private static final int MAX = 1 << 12;

  static Causes of(Throwable thrown) {
    List<Throwable> all = new ArrayList<>();
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    Throwable next = thrown;
    while (next != null && all.size() < MAX && seen.add(next)) {
      all.add(next);
      next = next.getCause();
    }
    return new Causes(all, next == null || seen.contains(next));
  }
}

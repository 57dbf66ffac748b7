package com.github.codetable.example;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Locale.LanguageRange;
import java.util.Optional;

/** Selects the language of a message. */
final class Languages {
  /** The longest header that is parsed, since clients control it. */
  private static final int MAX_LENGTH = 1 << 10;

  private Languages() {}

  /**
   * Returns the first wanted language that is available: by the lookup of RFC 4647, else any tag of
   * the same language. Returns empty if there is none or if the list is malformed.
   *
   * @param wanted a language tag, or a list as in an Accept-Language header
   */
  static Optional<String> lookup(String wanted, Collection<String> available) {
    List<String> tags = available.stream().sorted().toList(); // Every run selects the same one.
    return parse(wanted).stream().flatMap(range -> best(range, tags).stream()).findFirst();
  }

  private static Optional<String> best(LanguageRange range, List<String> tags) {
    return Optional.ofNullable(Locale.lookupTag(List.of(range), tags))
        .or(() -> Locale.filterTags(List.of(primary(range)), tags).stream().findFirst());
  }

  private static LanguageRange primary(LanguageRange range) {
    String[] subtags = range.getRange().split("-", 2);
    return new LanguageRange(subtags[0]);
  }

  private static List<LanguageRange> parse(String wanted) {
    if (wanted.isEmpty() || wanted.length() > MAX_LENGTH) {
      return List.of();
    }
    try {
      return LanguageRange.parse(wanted).stream()
          // A weight of zero excludes a language, and "*" names none.
          .filter(range -> range.getWeight() > 0 && !range.getRange().startsWith("*"))
          .toList();
    } catch (IllegalArgumentException malformed) {
      return List.of();
    }
  }
}

package io.github.codetable.grpc;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Locale.LanguageRange;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Sentences for end users by language tag, and the one for readers of other languages. */
final class Messages {
  static final Messages NONE = new Messages(Map.of(), null);

  /** How much is read of a list of languages, since clients control it. */
  private static final int MAX_LIST = 256;

  private final TreeMap<String, String> texts = new TreeMap<>();
  private final Sentence fallback; // null if there is none

  /** A sentence and the tag of its language. */
  record Sentence(String locale, String text) {}

  private Messages(Map<String, String> texts, Sentence fallback) {
    texts.forEach(
        (locale, text) -> {
          if (!text.isEmpty()) {
            this.texts.put(locale, text);
          }
        });
    this.fallback = fallback;
  }

  /** Returns sentences of a table, whose default locale serves the other languages. */
  static Messages of(Map<String, String> texts, String defaultLocale) {
    String text = texts.getOrDefault(defaultLocale, "");
    return new Messages(texts, text.isEmpty() ? null : new Sentence(defaultLocale, text));
  }

  /** Returns one sentence, which serves every language. */
  static Messages ofAny(Sentence sentence) {
    return new Messages(Map.of(), sentence);
  }

  /** Returns the sentences with another one, which also serves all languages if none does. */
  Messages with(Sentence sent) {
    Map<String, String> all = new HashMap<>(texts);
    all.put(sent.locale(), sent.text());
    Sentence other = fallback;
    if (other == null || other.locale().equals(sent.locale())) {
      other = sent;
    }
    return new Messages(all, other);
  }

  /** Returns these sentences, and the other ones in the languages that are missing here. */
  Messages or(Messages others) {
    Map<String, String> all = new HashMap<>(others.texts);
    all.putAll(texts);
    return new Messages(all, fallback == null ? others.fallback : fallback);
  }

  boolean isEmpty() {
    return texts.isEmpty();
  }

  /**
   * Returns the sentence in the first language that is available, by the lookup of RFC 4647 or else
   * by the primary language alone. If there is none, it returns the sentence for other languages.
   *
   * @param languages a language tag, or a list as in the header Accept-Language
   */
  Optional<Sentence> match(String languages) {
    return parse(languages).stream()
        .flatMap(range -> best(range).stream())
        .findFirst()
        .map(locale -> new Sentence(locale, texts.get(locale)))
        .or(() -> Optional.ofNullable(fallback));
  }

  private Optional<String> best(LanguageRange range) {
    String primary = range.getRange().split("-", 2)[0];
    return Optional.ofNullable(lookup(range))
        .or(
            () ->
                texts.keySet().stream()
                    .filter(tag -> tag.split("-", 2)[0].equalsIgnoreCase(primary))
                    .findFirst());
  }

  /** Returns the tag as the table writes it; {@link Locale#lookupTag} may change its case. */
  private String lookup(LanguageRange range) {
    String found = Locale.lookupTag(List.of(range), texts.keySet());
    return texts.keySet().stream()
        .filter(tag -> tag.equalsIgnoreCase(found))
        .findFirst()
        .orElse(null);
  }

  private static List<LanguageRange> parse(String languages) {
    try {
      return LanguageRange.parse(head(languages)).stream()
          // A weight of zero excludes a language, and "*" names none.
          .filter(range -> range.getWeight() > 0 && !range.getRange().startsWith("*"))
          .toList();
    } catch (IllegalArgumentException | IndexOutOfBoundsException malformed) {
      return List.of(); // Java throws the second one for "-"
    }
  }

  /** Keeps the first languages of a list, which the reader prefers. */
  private static String head(String list) {
    if (list.length() <= MAX_LIST) {
      return list;
    }
    return list.substring(0, Math.max(list.lastIndexOf(',', MAX_LIST - 1), 0));
  }
}

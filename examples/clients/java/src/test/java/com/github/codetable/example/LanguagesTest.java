package com.github.codetable.example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LanguagesTest {
  private static final Set<String> AVAILABLE = Set.of("en", "zh-CN");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "zh-CN                      | zh-CN",
        "ZH-cn                      | zh-CN",
        "zh                         | zh-CN",
        "zh-Hans-CN                 | zh-CN",
        "en-GB                      | en",
        "en-GB-x-private            | en",
        "fr;q=1, zh;q=0.5, en;q=0.4 | zh-CN",
        "en;q=0.1, zh;q=0.2         | zh-CN",
        "zh-TW, en                  | zh-CN",
        "en;q=0, zh                 | zh-CN",
        "*, en                      | en",
        "fr                         |",
        "*                          |",
        "en;q=0                     |",
        "zh;q=x                     |",
        "zh_CN                      |",
        ";;;                        |",
        "''                         |",
      })
  void findsTheFirstThatIsAvailable(String wanted, String found) {
    assertEquals(Optional.ofNullable(found), Languages.lookup(wanted, AVAILABLE));
  }

  @Test
  void ignoresAListThatIsTooLong() {
    assertEquals(Optional.of("en"), Languages.lookup("en" + ",fr".repeat(300), AVAILABLE));
    assertEquals(Optional.empty(), Languages.lookup("en" + ",fr".repeat(400), AVAILABLE));
  }
}

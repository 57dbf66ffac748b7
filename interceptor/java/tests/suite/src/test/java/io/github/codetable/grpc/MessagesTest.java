package io.github.codetable.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MessagesTest {
  private static final Messages TEXTS =
      Messages.of(Map.of("en", "English", "zh-CN", "中文", "de", ""), "en");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "zh-CN                      | zh-CN",
        "ZH-cn                      | zh-CN",
        "zh                         | zh-CN",
        "zh-Hans-CN                 | zh-CN",
        "fr;q=1, zh;q=0.5, en;q=0.4 | zh-CN",
        "en;q=0.1, zh;q=0.2         | zh-CN",
        "zh-TW, en                  | zh-CN",
        "en;q=0, zh                 | zh-CN",
        "*, zh                      | zh-CN",
        "en-GB-x-private, zh        | en",
        "de                         | en",
        "fr                         | en",
        "*                          | en",
        "zh;q=0                     | en",
        "zh;q=x                     | en",
        ";;;                        | en",
        "-                          | en",
        "zh, -                      | en",
        "''                         | en",
      })
  void findsTheFirstLanguageThatIsAvailable(String wanted, String found) {
    assertEquals(found, TEXTS.match(wanted).orElseThrow().locale());
  }
}

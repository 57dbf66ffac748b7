package com.github.codetable.example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.codetable.jiguang.jverification.v1.ResponseCode;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatusEncoderTest {
  private static final CodeTable<ResponseCode> TABLE = new CodeTable<>(ResponseCode.class);

  /** Days and hours are those of the table's time zone. */
  @ParameterizedTest
  @CsvSource({
    "6005, 2026-01-31T15:59:59.5Z, PT1S",
    "6005, 2026-01-31T15:00:00Z, PT1H",
    "9006, 2026-01-31T15:30:00Z, PT30M",
    "9006, 2026-01-31T16:00:00Z, PT24H",
    "9007, 2026-01-31T16:00:01Z, PT23H59M59S",
    "9005, 2026-01-31T16:00:01Z, PT30S"
  })
  void delayIsTheTimeLeft(int code, Instant now, Duration left) {
    StatusEncoder encoder = new StatusEncoder(TABLE, Clock.fixed(now, ZoneOffset.UTC));
    CodeError<ResponseCode> error =
        new CodeReader<>(TABLE).read(encoder.encode(code, "")).orElseThrow();
    assertEquals(left, error.retry().delay());
  }
}

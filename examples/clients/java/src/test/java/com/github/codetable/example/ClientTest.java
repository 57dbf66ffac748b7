package com.github.codetable.example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.codetable.jiguang.jverification.v1.ResponseCode;
import io.github.codetable.v1.CalendarWindow;
import io.github.codetable.v1.Fault;
import io.github.codetable.v1.RetryAction;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ClientTest {
  /** No code of this table has the action, another table may. */
  @Test
  void asksForAnUnknownOutcome() {
    var retry =
        new CodeError.Retry(
            RetryAction.RETRY_ACTION_CONFIRM_OUTCOME,
            Duration.ofSeconds(2),
            CalendarWindow.CALENDAR_WINDOW_UNSPECIFIED);
    var error =
        new CodeError<>(
            true,
            ResponseCode.RESPONSE_CODE_BAD_SERVER,
            OptionalInt.of(9099),
            "BAD_SERVER",
            "example.com",
            Fault.FAULT_UPSTREAM,
            retry,
            Map.of(),
            Map.of());
    assertEquals("ask for the outcome before anything is repeated", Client.nextStep(error));
  }
}

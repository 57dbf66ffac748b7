package com.github.codetable.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.codetable.jiguang.jverification.v1.VerifyNumberResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** grpc-java's own retry obeys the table, by the pushback of the gateway. */
class RetryTest {
  /** A service config that takes nothing from the code table. */
  private static final Map<String, Object> SERVICE_CONFIG =
      Map.of(
          "methodConfig",
          List.of(
              Map.of(
                  "name", List.of(Map.of()),
                  "retryPolicy",
                      Map.of(
                          "maxAttempts",
                          4.0,
                          "initialBackoff",
                          "0.01s",
                          "maxBackoff",
                          "0.01s",
                          "backoffMultiplier",
                          1.0,
                          "retryableStatusCodes",
                          List.of("RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "UNAVAILABLE")))));

  @AutoClose private Gateway gateway;

  @AutoClose("shutdownNow")
  private ManagedChannel channel;

  @BeforeEach
  void start() throws IOException {
    gateway = new Gateway();
    channel = gateway.channel().defaultServiceConfig(SERVICE_CONFIG).enableRetry().build();
  }

  @Test
  void rateLimitIsRetriedOnceAndAnswered() throws StatusException {
    long start = System.nanoTime();
    VerifyNumberResponse response =
        Forced.stub(channel).verifyNumber(Forced.verifyNumber("then-success-1804-java"));
    Duration taken = Duration.ofNanos(System.nanoTime() - start);
    assertTrue(response.hasCode());
    assertEquals(9000, response.getCodeValue());
    // The delay is that of the table, not the backoff of the service config.
    assertTrue(taken.compareTo(Duration.ofSeconds(1)) >= 0, taken::toString);
    List<String> calls = gateway.stopAndListCalls("VerifyNumber");
    assertEquals(2, calls.size(), calls::toString);
    assertTrue(calls.get(0).contains("codetable.reason=QPS_LIMIT "), calls::toString);
    assertTrue(calls.get(1).contains("grpc.code=OK "), calls::toString);
  }

  @Test
  void spentTokenIsSentOnce() {
    StatusException thrown =
        assertThrows(StatusException.class, () -> Forced.call(Forced.stub(channel), 9003));
    assertEquals(Status.Code.FAILED_PRECONDITION, thrown.getStatus().getCode());
    List<String> calls = gateway.stopAndListCalls("VerifyNumber");
    assertEquals(1, calls.size(), calls::toString);
  }
}

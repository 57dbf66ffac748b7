package io.github.codetable.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
  private static final List<String> CODES =
      List.of("RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "UNAVAILABLE");

  private static final Map<String, Object> POLICY =
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
          CODES);

  /** A service config that takes nothing from the code table. */
  private static final Map<String, Object> SERVICE_CONFIG =
      Map.of("methodConfig", List.of(Map.of("name", List.of(Map.of()), "retryPolicy", POLICY)));

  @AutoClose private Gateway gateway;

  @AutoClose("shutdownNow")
  private ManagedChannel channel;

  @BeforeEach
  void start() throws IOException {
    gateway = new Gateway("-internal");
    channel =
        gateway
            .channel()
            .defaultServiceConfig(SERVICE_CONFIG)
            .intercept(CodeClientInterceptor.of(Verification.TABLE))
            .build();
  }

  @Test
  void aRateLimitIsRetriedOnceAndAnswered() throws StatusException {
    long start = System.nanoTime();
    var response = Forced.stub(channel).verifyNumber(Forced.verifyNumber("then-success-1804-java"));
    Duration taken = Duration.ofNanos(System.nanoTime() - start);
    assertEquals(9000, response.getCodeValue());
    // The delay is that of the table, not the backoff of the service config.
    assertTrue(taken.compareTo(Duration.ofSeconds(1)) >= 0, taken::toString);
    List<String> calls = gateway.stopAndListCalls("VerifyNumber");
    assertEquals(2, calls.size(), calls::toString);
    assertTrue(calls.get(0).contains("codetable.reason=QPS_LIMIT "), calls::toString);
    assertTrue(calls.get(1).contains("grpc.code=OK "), calls::toString);
  }

  @Test
  void aSpentTokenIsSentOnce() {
    StatusException thrown =
        assertThrows(StatusException.class, () -> Forced.call(Forced.stub(channel), 9003));
    assertEquals(Status.Code.FAILED_PRECONDITION, thrown.getStatus().getCode());
    List<String> calls = gateway.stopAndListCalls("VerifyNumber");
    assertEquals(1, calls.size(), calls::toString);
  }
}

package io.github.codetable.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.codetable.jiguang.jverification.v1.ResponseCode;
import io.github.codetable.v1.CalendarWindow;
import io.grpc.ManagedChannel;
import io.grpc.StatusException;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Reads codes from the Go gateway. */
class GatewayTest {
  private static final CodeTable<ResponseCode> TABLE = CodeTable.of(ResponseCode.class);

  private static final Map<CalendarWindow, Duration> WINDOWS =
      Map.of(
          CalendarWindow.CALENDAR_WINDOW_HOUR, Duration.ofHours(1),
          CalendarWindow.CALENDAR_WINDOW_DAY, Duration.ofDays(1));

  @AutoClose private static Gateway internal;
  @AutoClose private static Gateway open;

  @AutoClose("shutdownNow")
  private static ManagedChannel channel;

  @AutoClose("shutdownNow")
  private static ManagedChannel openChannel;

  @BeforeAll
  static void start() throws IOException {
    var headers = new io.grpc.Metadata();
    headers.put(Shop.ACCEPT_LANGUAGE, "zh-CN");
    var language = MetadataUtils.newAttachHeadersInterceptor(headers);
    internal = new Gateway("-internal");
    open = new Gateway();
    channel = internal.channel().intercept(CodeClientInterceptor.of(TABLE), language).build();
    openChannel = open.channel().intercept(CodeClientInterceptor.of(TABLE), language).build();
  }

  static Stream<Integer> successes() {
    return TABLE.specs().stream().filter(CodeSpec::isSuccess).map(CodeSpec::number);
  }

  static Stream<Integer> failures() {
    return Forced.failures(TABLE);
  }

  private static CodeError fail(ManagedChannel channel, int code) {
    return Codes.from(
            assertThrows(StatusException.class, () -> Forced.call(Forced.stub(channel), code)))
        .orElseThrow();
  }

  @ParameterizedTest
  @MethodSource("successes")
  void aSuccessIsInTheResponse(int code) throws StatusException {
    assertEquals(code, Forced.call(Forced.stub(channel), code));
    assertEquals(code, Forced.call(Forced.stub(openChannel), code));
  }

  /** The table says what must be read of a code; the vectors say the same of statuses. */
  @ParameterizedTest
  @MethodSource("failures")
  void everyCodeIsRead(int code) {
    CodeSpec<ResponseCode> spec = TABLE.spec(code);
    CodeError error = fail(channel, code);
    assertEquals(code, error.number().orElseThrow());
    assertEquals(spec.code(), error.code(TABLE));
    assertEquals(spec.reason(), error.reason());
    assertEquals("jverification.jiguang.cn", error.domain());
    assertEquals(spec.fault(), error.fault());
    assertEquals(spec.statusCode(), error.getStatus().getCode());
    assertEquals(spec.options().getRetry().getAction(), error.retry().action());
    assertEquals(spec.userMessage("zh-CN"), error.userMessage("zh-CN"));
    assertEquals(Integer.toString(code), error.metadata().get("code"));
    Duration window = WINDOWS.get(error.retry().window());
    if (window == null) {
      assertEquals(Details.toJava(spec.options().getRetry().getDelay()), error.retry().delay());
    } else {
      // The delay is the time left, which changes from call to call.
      assertTrue(error.retry().delay().compareTo(Duration.ZERO) > 0);
      assertTrue(error.retry().delay().compareTo(window) <= 0);
    }
  }

  @ParameterizedTest
  @MethodSource("failures")
  void aPublicGatewayMasksFaultsOfTheOperator(int code) {
    CodeSpec<ResponseCode> spec = TABLE.spec(code);
    CodeError error = fail(openChannel, code);
    switch (spec.fault()) {
      case FAULT_OPERATOR, FAULT_UNSPECIFIED -> {
        assertTrue(error.masked());
        assertEquals(26, error.requestId().length());
        assertEquals("服务暂时不可用，请稍后再试。", error.userMessage("en"));
        assertEquals("", error.reason());
      }
      default -> assertEquals(spec.code(), error.code(TABLE));
    }
  }
}

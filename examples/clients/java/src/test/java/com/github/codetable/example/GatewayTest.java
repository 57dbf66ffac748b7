package com.github.codetable.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.LocalizedMessage;
import io.github.codetable.jiguang.jverification.v1.ResponseCode;
import io.github.codetable.jiguang.jverification.v1.VerificationServiceGrpc.VerificationServiceBlockingV2Stub;
import io.github.codetable.v1.CalendarWindow;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Reads codes from the Go gateway. */
class GatewayTest {
  private static final CodeTable<ResponseCode> TABLE = new CodeTable<>(ResponseCode.class);
  private static final CodeReader<ResponseCode> READER = new CodeReader<>(TABLE);

  private static final Map<CalendarWindow, Duration> WINDOWS =
      Map.of(
          CalendarWindow.CALENDAR_WINDOW_HOUR, Duration.ofHours(1),
          CalendarWindow.CALENDAR_WINDOW_DAY, Duration.ofDays(1));

  @AutoClose private static Gateway gateway;

  @AutoClose("shutdownNow")
  private static ManagedChannel channel;

  @BeforeAll
  static void start() throws IOException {
    gateway = new Gateway();
    channel = gateway.channel().build();
  }

  static Stream<Integer> successes() {
    return TABLE.entries().stream().filter(CodeTable.Entry::isSuccess).map(CodeTable.Entry::number);
  }

  static Stream<Integer> failures() {
    return TABLE.entries().stream()
        .filter(entry -> !entry.isSuccess())
        .map(CodeTable.Entry::number);
  }

  @ParameterizedTest
  @MethodSource("successes")
  void successIsInTheResponse(int code) throws StatusException {
    assertEquals(code, Forced.call(Forced.stub(channel), code));
  }

  /** The vector of a code says what every language must read. */
  @ParameterizedTest
  @MethodSource("failures")
  void failureIsReadAsItsVector(int code) throws IOException {
    CodeError<ResponseCode> error = READER.read(fail(Forced.stub(channel), code)).orElseThrow();
    assertEquals(ResponseCode.forNumber(code), error.code());
    Vector.Reading want = Vector.named("code " + code).reading();
    Vector.Reading got = Vector.Reading.of(error, want.userMessage().keySet());
    Duration window = WINDOWS.get(error.retry().window());
    if (window != null) {
      // The delay is the time left, which changes from call to call.
      assertTrue(error.retry().delay().compareTo(Duration.ZERO) > 0);
      assertTrue(error.retry().delay().compareTo(window) <= 0);
      got = got.withDelay(want.retry().delayMs());
    }
    // The upstream adds an id of the answer.
    assertEquals(want, got.withoutMetadata("id"));
  }

  @Test
  void unlistedCodeIsKept() {
    StatusException thrown =
        assertThrows(
            StatusException.class,
            () -> Forced.stub(channel).verifyNumber(Forced.verifyNumber("code-424242")));
    CodeError<ResponseCode> error = READER.read(thrown).orElseThrow();
    assertEquals(ResponseCode.UNRECOGNIZED, error.code());
    assertEquals(424242, error.number().orElseThrow());
  }

  @ParameterizedTest
  @CsvSource({"zh-Hans-CN, zh-CN", "'fr, en;q=0.5', en"})
  void messageIsInTheLanguageOfTheCaller(String languages, String locale)
      throws InvalidProtocolBufferException {
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("accept-language", Metadata.ASCII_STRING_MARSHALLER), languages);
    var stub =
        Forced.stub(channel).withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    StatusException thrown = fail(stub, 9003);
    LocalizedMessage sent = Forced.localized(StatusProto.fromThrowable(thrown)).orElseThrow();
    assertEquals(locale, sent.getLocale());
    assertEquals(
        READER.read(thrown).orElseThrow().userMessage(languages).orElseThrow(), sent.getMessage());
  }

  @Test
  void callerWithoutALanguageGetsNoMessage() throws InvalidProtocolBufferException {
    var status = StatusProto.fromThrowable(fail(Forced.stub(channel), 9003));
    assertEquals(Optional.empty(), Forced.localized(status));
  }

  @Test
  void clientShowsEachMethod() throws InterruptedException {
    String failed =
        """
        %s: 9003 TOKEN_EXPIRED_OR_NOT_EXIST of jverification.jiguang.cn
          fault: END_USER
          retry: NEW_INPUT
          next:  have the SDK make another token
          user:  验证已过期，请重新开始验证。
        """;
    String want =
        Stream.of(
                "VerifyNumber",
                "ExchangeLoginToken",
                "QueryBusinessRisk",
                "CheckCaptcha",
                "EnableOneClickLogin")
            .map(failed::formatted)
            .collect(Collectors.joining());
    want +=
        "VerifyNumbers: 9003 TOKEN_EXPIRED_OR_NOT_EXIST\nVerifyNumbers: 9000 VERIFY_CONSISTENT\n";
    assertEquals(want, runClient(channel, "code-9003"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "code-9000 | VerifyNumber: 9000 VERIFY_CONSISTENT",
        "code-9001 | next:  take it for a no",
        "code-1804 | retry: SAME_REQUEST, in 1 s",
        "code-1804 | next:  send the same request again",
        "code-424242 | VerifyNumber: 424242 UNRECOGNIZED_CODE of jverification.jiguang.cn",
        "code-424242 | next:  show the message to the user",
      })
  void clientExplainsTheCode(String token, String line) throws InterruptedException {
    String shown = runClient(channel, token);
    assertTrue(shown.lines().anyMatch(shownLine -> shownLine.strip().equals(line)), shown);
  }

  @Test
  void clientShowsThatThereIsNoGateway() throws InterruptedException {
    ManagedChannel closed = gateway.channel().build().shutdownNow();
    String shown = runClient(closed, "code-9000");
    assertEquals(6, shown.lines().count(), shown);
    assertTrue(shown.lines().allMatch(line -> line.endsWith(": no code: UNAVAILABLE")), shown);
  }

  private static String runClient(ManagedChannel channel, String token)
      throws InterruptedException {
    ByteArrayOutputStream shown = new ByteArrayOutputStream();
    new Client(channel, "zh-CN", new PrintStream(shown, true, StandardCharsets.UTF_8)).run(token);
    return shown.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
  }

  private static StatusException fail(VerificationServiceBlockingV2Stub stub, int code) {
    return assertThrows(StatusException.class, () -> Forced.call(stub, code));
  }
}

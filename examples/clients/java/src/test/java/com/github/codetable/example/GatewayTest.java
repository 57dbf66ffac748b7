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
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What comes from the Go gateway, over a socket. */
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

  /** The vector of the code says what every language reads. */
  @ParameterizedTest
  @MethodSource("failures")
  void failureIsReadAsItsVector(int code) throws IOException {
    Failure<ResponseCode> failure = READER.read(fail(Forced.stub(channel), code)).orElseThrow();
    assertEquals(ResponseCode.forNumber(code), failure.code());
    Vector.Reading want = Vector.named("code " + code).reading();
    Vector.Reading got = Vector.Reading.of(failure, want.userMessage().keySet());
    Duration window = WINDOWS.get(failure.retry().window());
    if (window != null) {
      // The delay is the time that is left, another one at each moment.
      assertTrue(failure.retry().delay().compareTo(Duration.ZERO) > 0);
      assertTrue(failure.retry().delay().compareTo(window) <= 0);
      got = got.withDelay(want.retry().delayMs());
    }
    // The serial of an answer that the upstream gave.
    assertEquals(want, got.withoutMetadata("id"));
  }

  @Test
  void unlistedCodeIsKept() {
    StatusException thrown =
        assertThrows(
            StatusException.class,
            () -> Forced.stub(channel).verifyNumber(Forced.verifyNumber("code-424242")));
    Failure<ResponseCode> failure = READER.read(thrown).orElseThrow();
    assertEquals(ResponseCode.UNRECOGNIZED, failure.code());
    assertEquals(424242, failure.number().orElseThrow());
  }

  @ParameterizedTest
  @CsvSource({"zh-Hans-CN, zh-CN", "'fr, en;q=0.5', en"})
  void sentenceIsInTheLanguageOfTheCaller(String languages, String locale)
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
  void noSentenceIsSentToACallerOfNoLanguage() throws InvalidProtocolBufferException {
    var status = StatusProto.fromThrowable(fail(Forced.stub(channel), 9003));
    assertEquals(Optional.empty(), Forced.localized(status));
  }

  @Test
  void clientShowsEachMethod() throws InterruptedException {
    assertEquals(
        """
        VerifyNumber: 9000 VERIFY_CONSISTENT
        VerifyNumber: VERIFY_NOT_CONSISTENT, the answer is no
        VerifyNumber: TOKEN_EXPIRED_OR_NOT_EXIST, have the SDK make another token
        VerifyNumber: QPS_LIMIT, send it again in 1000 ms
        VerifyNumber: UNRECOGNIZED_CODE, look up 424242 of jverification.jiguang.cn
        VerifyNumbers: 9000 VERIFY_CONSISTENT, 9001 VERIFY_NOT_CONSISTENT, 9003 TOKEN_EXPIRED_OR_NOT_EXIST
        ExchangeLoginToken: 8000 GET_PHONE_SUCCESS
        QueryBusinessRisk: 0 SUCCESS
        CheckCaptcha: NOT_PROOF, tell the user: The check has expired. Please do a new one.
        EnableOneClickLogin: SIGN_ONCE_OPENED_ALREADY, tell the user: One-click login is switched on already.
        """,
        runClient(channel));
  }

  @Test
  void clientLivesWithoutAGateway() throws InterruptedException {
    ManagedChannel closed = gateway.channel().build().shutdownNow();
    String shown = runClient(closed);
    assertEquals(10, shown.lines().count(), shown);
    assertTrue(shown.lines().allMatch(line -> line.endsWith(": no code, UNAVAILABLE")), shown);
  }

  private static String runClient(ManagedChannel channel) throws InterruptedException {
    ByteArrayOutputStream shown = new ByteArrayOutputStream();
    new Client(channel, new PrintStream(shown, true, StandardCharsets.UTF_8)).run();
    return shown.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
  }

  private static StatusException fail(VerificationServiceBlockingV2Stub stub, int code) {
    return assertThrows(StatusException.class, () -> Forced.call(stub, code));
  }
}

package com.github.codetable.example;

import io.github.codetable.jiguang.jverification.v1.CheckCaptchaRequest;
import io.github.codetable.jiguang.jverification.v1.EnableOneClickLoginRequest;
import io.github.codetable.jiguang.jverification.v1.ExchangeLoginTokenRequest;
import io.github.codetable.jiguang.jverification.v1.Platform;
import io.github.codetable.jiguang.jverification.v1.QueryBusinessRiskRequest;
import io.github.codetable.jiguang.jverification.v1.ResponseCode;
import io.github.codetable.jiguang.jverification.v1.VerificationServiceGrpc;
import io.github.codetable.jiguang.jverification.v1.VerificationServiceGrpc.VerificationServiceBlockingV2Stub;
import io.github.codetable.jiguang.jverification.v1.VerifyNumberRequest;
import io.github.codetable.jiguang.jverification.v1.VerifyNumbersRequest;
import io.github.codetable.jiguang.jverification.v1.VerifyNumbersResponse;
import io.grpc.Channel;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Calls each method of a gateway, and shows what a client does with the codes that come back. The
 * simulator behind the gateway answers a token like {@code code-9003} with that code.
 */
public final class Client {
  private static final CodeTable<ResponseCode> TABLE = new CodeTable<>(ResponseCode.class);
  private static final CodeReader<ResponseCode> READER = new CodeReader<>(TABLE);
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final String PHONE = "13800138000";

  private final VerificationServiceBlockingV2Stub stub;
  private final PrintStream out;

  Client(Channel channel, PrintStream out) {
    this.stub = VerificationServiceGrpc.newBlockingV2Stub(channel);
    this.out = out;
  }

  /** Calls the gateway, without TLS, whose address is the one argument. */
  public static void main(String[] args) throws InterruptedException {
    if (args.length != 1) {
      System.err.println("usage: Client HOST:PORT");
      System.exit(2);
    }
    ManagedChannel channel =
        Grpc.newChannelBuilder(args[0], InsecureChannelCredentials.create()).build();
    try {
      new Client(channel, System.out).run();
    } finally {
      channel.shutdownNow();
    }
  }

  void run() throws InterruptedException {
    verifyNumber("phone-" + PHONE + "-once");
    verifyNumber("code-9001");
    verifyNumber("code-9003");
    verifyNumber("code-1804");
    verifyNumber("code-424242");
    verifyNumbers(List.of("code-9000", "code-9001", "code-9003"));
    exchangeLoginToken("code-8000");
    queryBusinessRisk(PHONE);
    checkCaptcha("code-7110");
    enableOneClickLogin("code-9203");
  }

  private void verifyNumber(String token) throws InterruptedException {
    show(
        "VerifyNumber",
        () -> {
          var response = stub().verifyNumber(item(token));
          return answer(response.hasCode(), response.getCodeValue());
        });
  }

  /** Each item of the stream is answered with a code of its own, so that none ends the others. */
  private void verifyNumbers(List<String> tokens) throws InterruptedException {
    show(
        "VerifyNumbers",
        () -> {
          BlockingClientCall<VerifyNumbersRequest, VerifyNumbersResponse> call =
              stub().verifyNumbers();
          for (String token : tokens) {
            call.write(VerifyNumbersRequest.newBuilder().setItem(item(token)).build());
          }
          call.halfClose();
          List<String> answers = new ArrayList<>();
          for (var response = call.read(); response != null; response = call.read()) {
            answers.add(answer(response.getItem().hasCode(), response.getItem().getCodeValue()));
          }
          return String.join(", ", answers);
        });
  }

  private void exchangeLoginToken(String token) throws InterruptedException {
    var request = ExchangeLoginTokenRequest.newBuilder().setLoginToken(token).build();
    show(
        "ExchangeLoginToken",
        () -> {
          var response = stub().exchangeLoginToken(request);
          return answer(response.hasCode(), response.getCodeValue());
        });
  }

  private void queryBusinessRisk(String phone) throws InterruptedException {
    var request = QueryBusinessRiskRequest.newBuilder().setPhone(phone).build();
    show(
        "QueryBusinessRisk",
        () -> {
          var response = stub().queryBusinessRisk(request);
          return answer(response.hasCode(), response.getCodeValue());
        });
  }

  private void checkCaptcha(String content) throws InterruptedException {
    var request = CheckCaptchaRequest.newBuilder().setCaptchaContent(content).build();
    show(
        "CheckCaptcha",
        () -> {
          var response = stub().checkCaptcha(request);
          return answer(response.hasCode(), response.getCodeValue());
        });
  }

  private void enableOneClickLogin(String appKey) throws InterruptedException {
    var request =
        EnableOneClickLoginRequest.newBuilder()
            .setAppKey(appKey)
            .setPlatform(Platform.PLATFORM_IOS)
            .setPackageName("com.example.app")
            .build();
    show(
        "EnableOneClickLogin",
        () -> {
          var response = stub().enableOneClickLogin(request);
          return answer(response.hasCode(), response.getCodeValue());
        });
  }

  /** A call, and what to show of its response. */
  @FunctionalInterface
  private interface Call {
    String send() throws StatusException, InterruptedException;
  }

  private void show(String method, Call call) throws InterruptedException {
    String shown;
    try {
      shown = call.send();
    } catch (StatusException e) {
      shown = READER.read(e).map(Client::nextStep).orElse("no code, " + e.getStatus().getCode());
    }
    out.println(method + ": " + shown);
  }

  /**
   * Switches on the few codes that need a step of their own; the table knows what fits the rest.
   */
  static String nextStep(Failure<ResponseCode> failure) {
    String step =
        switch (failure.code()) {
          case RESPONSE_CODE_VERIFY_NOT_CONSISTENT -> "the answer is no";
          case RESPONSE_CODE_TOKEN_EXPIRED_OR_NOT_EXIST, RESPONSE_CODE_TOKEN_INVALID ->
              "have the SDK make another token";
          case UNRECOGNIZED ->
              "look up %s of %s"
                  .formatted(
                      failure.metadata().getOrDefault(CodeReader.CODE, failure.reason()),
                      failure.domain());
          default -> advice(failure);
        };
    return failure.reason() + ", " + step;
  }

  private static String advice(Failure<ResponseCode> failure) {
    long delay = failure.retry().delay().toMillis();
    return switch (failure.retry().action()) {
      case RETRY_ACTION_SAME_REQUEST -> "send it again in " + delay + " ms";
      case RETRY_ACTION_CONFIRM_OUTCOME -> "ask for its outcome in " + delay + " ms";
      default -> "tell the user: " + failure.userMessage("en").orElse("try again later");
    };
  }

  /** An unset code is no answer, though it reads as SUCCESS. */
  private static String answer(boolean given, int number) {
    return given ? number + " " + TABLE.entry(number).reason() : "no code";
  }

  private static VerifyNumberRequest item(String token) {
    return VerifyNumberRequest.newBuilder().setPhone(PHONE).setToken(token).build();
  }

  /** A deadline is a moment: each call needs its own. */
  private VerificationServiceBlockingV2Stub stub() {
    return stub.withDeadlineAfter(TIMEOUT);
  }
}

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
import io.grpc.Channel;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusException;
import io.grpc.stub.MetadataUtils;
import java.io.PrintStream;
import java.time.Duration;
import java.util.function.Function;

/**
 * Calls each method of a gateway, and shows what a client does with the answers: it switches on the
 * code, reads the retry advice, and has a message for the end user.
 */
public final class Client {
  private static final CodeTable<ResponseCode> TABLE = new CodeTable<>(ResponseCode.class);
  private static final CodeReader<ResponseCode> READER = new CodeReader<>(TABLE);
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final String PHONE = "13800138000";
  private static final String USAGE =
      """
      usage: make run ADDR=host:port [TOKEN=token [LOCALE=locale]]

        ADDR    address of a gateway without TLS
        TOKEN   sent by every call; the simulator answers code-N with N (default code-9003)
        LOCALE  language of the message for the end user (default en)
      """;

  private final VerificationServiceBlockingV2Stub stub;
  private final String locale;
  private final PrintStream out;

  Client(Channel channel, String locale, PrintStream out) {
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("accept-language", Metadata.ASCII_STRING_MARSHALLER), locale);
    this.stub =
        VerificationServiceGrpc.newBlockingV2Stub(channel)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    this.locale = locale;
    this.out = out;
  }

  /** Calls every method with one token. */
  public static void main(String[] args) throws InterruptedException {
    if (args.length < 1 || args.length > 3) {
      System.err.print(USAGE);
      System.exit(2);
    }
    String token = args.length > 1 ? args[1] : "code-9003";
    String locale = args.length > 2 ? args[2] : "en";
    ManagedChannel channel =
        Grpc.newChannelBuilder(args[0], InsecureChannelCredentials.create()).build();
    try {
      new Client(channel, locale, System.out).run(token);
    } finally {
      channel.shutdownNow();
    }
  }

  void run(String token) throws InterruptedException {
    var verify = VerifyNumberRequest.newBuilder().setPhone(PHONE).setToken(token).build();
    var login = ExchangeLoginTokenRequest.newBuilder().setLoginToken(token).build();
    var risk = QueryBusinessRiskRequest.newBuilder().setPhone(token).build();
    var captcha = CheckCaptchaRequest.newBuilder().setCaptchaContent(token).build();
    var enable =
        EnableOneClickLoginRequest.newBuilder()
            .setAppKey(token)
            .setPlatform(Platform.PLATFORM_IOS)
            .setPackageName("com.example.app")
            .build();
    show(
        "VerifyNumber",
        () -> stub().verifyNumber(verify),
        r -> text(r.hasCode(), r.getCodeValue()));
    show(
        "ExchangeLoginToken",
        () -> stub().exchangeLoginToken(login),
        r -> text(r.hasCode(), r.getCodeValue()));
    show(
        "QueryBusinessRisk",
        () -> stub().queryBusinessRisk(risk),
        r -> text(r.hasCode(), r.getCodeValue()));
    show(
        "CheckCaptcha",
        () -> stub().checkCaptcha(captcha),
        r -> text(r.hasCode(), r.getCodeValue()));
    show(
        "EnableOneClickLogin",
        () -> stub().enableOneClickLogin(enable),
        r -> text(r.hasCode(), r.getCodeValue()));
    verifyNumbers(verify, verify.toBuilder().setToken("code-9000").build());
  }

  /** Verifies numbers over one stream, where each answer has a code of its own. */
  private void verifyNumbers(VerifyNumberRequest... items) throws InterruptedException {
    try {
      var call = stub().verifyNumbers();
      for (VerifyNumberRequest item : items) {
        call.write(VerifyNumbersRequest.newBuilder().setItem(item).build());
      }
      call.halfClose();
      for (var response = call.read(); response != null; response = call.read()) {
        var item = response.getItem();
        String failed = "no code: " + response.getGrpcCode().name().replaceFirst("^GRPC_CODE_", "");
        out.println(
            "VerifyNumbers: " + (item.hasCode() ? text(true, item.getCodeValue()) : failed));
      }
    } catch (StatusException e) {
      out.println("VerifyNumbers: " + explain(e));
    }
  }

  /** One call of a method. */
  @FunctionalInterface
  private interface Call<R> {
    R send() throws StatusException, InterruptedException;
  }

  private <R> void show(String method, Call<R> call, Function<R, String> text)
      throws InterruptedException {
    String shown;
    try {
      shown = text.apply(call.send());
    } catch (StatusException e) {
      shown = explain(e);
    }
    out.println(method + ": " + shown);
  }

  /** An unset code is not a success, although its getter returns SUCCESS. */
  private static String text(boolean hasCode, int number) {
    return hasCode ? number + " " + TABLE.entry(number).reason() : "no code";
  }

  private String explain(StatusException e) {
    return READER.read(e).map(this::explain).orElse("no code: " + e.getStatus().getCode());
  }

  private String explain(CodeError<ResponseCode> error) {
    String number = error.number().isPresent() ? "" + error.number().getAsInt() : "no number";
    long delay = error.retry().delay().toSeconds();
    return """
        %s %s of %s
          fault: %s
          retry: %s%s
          next:  %s
          user:  %s"""
        .formatted(
            number,
            error.reason(),
            error.domain(),
            error.fault().name().replaceFirst("^FAULT_", ""),
            error.retry().action().name().replaceFirst("^RETRY_ACTION_", ""),
            delay > 0 ? ", in " + delay + " s" : "",
            nextStep(error),
            error.userMessage(locale).orElse(""));
  }

  /** Switches on the codes that need a step of their own; the table has advice for the rest. */
  static String nextStep(CodeError<ResponseCode> error) {
    return switch (error.code()) {
      case RESPONSE_CODE_TOKEN_EXPIRED_OR_NOT_EXIST, RESPONSE_CODE_TOKEN_INVALID ->
          "have the SDK make another token";
      case RESPONSE_CODE_VERIFY_NOT_CONSISTENT -> "take it for a no";
      default ->
          switch (error.retry().action()) {
            case RETRY_ACTION_SAME_REQUEST -> "send the same request again";
            case RETRY_ACTION_NEW_INPUT, RETRY_ACTION_NEXT_WINDOW -> "try again with a fresh token";
            case RETRY_ACTION_CONFIRM_OUTCOME -> "ask for the outcome before anything is repeated";
            default -> "show the message to the user";
          };
    };
  }

  /** Each call gets a deadline of its own. */
  private VerificationServiceBlockingV2Stub stub() {
    return stub.withDeadlineAfter(TIMEOUT);
  }
}

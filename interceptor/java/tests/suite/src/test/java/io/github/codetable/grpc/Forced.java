package io.github.codetable.grpc;

import io.github.codetable.jiguang.jverification.v1.CheckCaptchaRequest;
import io.github.codetable.jiguang.jverification.v1.EnableOneClickLoginRequest;
import io.github.codetable.jiguang.jverification.v1.ExchangeLoginTokenRequest;
import io.github.codetable.jiguang.jverification.v1.Platform;
import io.github.codetable.jiguang.jverification.v1.QueryBusinessRiskRequest;
import io.github.codetable.jiguang.jverification.v1.VerificationServiceGrpc;
import io.github.codetable.jiguang.jverification.v1.VerificationServiceGrpc.VerificationServiceBlockingV2Stub;
import io.github.codetable.jiguang.jverification.v1.VerifyNumberRequest;
import io.grpc.Channel;
import io.grpc.StatusException;
import java.time.Duration;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Makes a server answer with a code, by the method that the code belongs to. */
final class Forced {
  /** Numbers that the table does not list. */
  static final int[] UNLISTED = {1, 77, 424242, -7, Integer.MIN_VALUE, Integer.MAX_VALUE};

  private Forced() {}

  /** Returns the listed failing codes and the unlisted ones. */
  static Stream<Integer> failures(CodeTable<?> table) {
    Stream<Integer> listed =
        table.specs().stream().filter(spec -> !spec.isSuccess()).map(CodeSpec::number);
    return Stream.concat(listed, IntStream.of(UNLISTED).boxed());
  }

  static VerificationServiceBlockingV2Stub stub(Channel channel) {
    return VerificationServiceGrpc.newBlockingV2Stub(channel)
        .withDeadlineAfter(Duration.ofSeconds(30));
  }

  static VerifyNumberRequest verifyNumber(String token) {
    return VerifyNumberRequest.newBuilder().setPhone("13800138000").setToken(token).build();
  }

  /** Returns the code of the response; null if it is unset. */
  static Integer call(VerificationServiceBlockingV2Stub stub, int code) throws StatusException {
    String token = "code-" + code;
    if (code == 0 || code > 1800 && code <= 2000) {
      var request = QueryBusinessRiskRequest.newBuilder().setPhone(token).build();
      var response = stub.queryBusinessRisk(request);
      return response.hasCode() ? response.getCodeValue() : null;
    } else if (code >= 6000 && code < 8000) {
      var request = CheckCaptchaRequest.newBuilder().setCaptchaContent(token).build();
      var response = stub.checkCaptcha(request);
      return response.hasCode() ? response.getCodeValue() : null;
    } else if (code >= 8000 && code < 9000) {
      var request = ExchangeLoginTokenRequest.newBuilder().setLoginToken(token).build();
      var response = stub.exchangeLoginToken(request);
      return response.hasCode() ? response.getCodeValue() : null;
    } else if (code >= 9200 && code < 9400) {
      var response = stub.enableOneClickLogin(enable(token));
      return response.hasCode() ? response.getCodeValue() : null;
    }
    var response = stub.verifyNumber(verifyNumber(token));
    return response.hasCode() ? response.getCodeValue() : null;
  }

  private static EnableOneClickLoginRequest enable(String appKey) {
    return EnableOneClickLoginRequest.newBuilder()
        .setAppKey(appKey)
        .setPlatform(Platform.PLATFORM_ANDROID)
        .setPackageName("com.example.app")
        .setAppSign("0123456789abcdef0123456789abcdef")
        .build();
  }
}

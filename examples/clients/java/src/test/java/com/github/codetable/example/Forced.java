package com.github.codetable.example;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.LocalizedMessage;
import com.google.rpc.Status;
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
import java.util.Optional;

/** Makes a server answer with a code, by the method that the code belongs to. */
final class Forced {
  private Forced() {}

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
    if (code <= 2000) {
      var request = QueryBusinessRiskRequest.newBuilder().setPhone(token).build();
      var response = stub.queryBusinessRisk(request);
      return response.hasCode() ? response.getCodeValue() : null;
    } else if (code < 8000) {
      var request = CheckCaptchaRequest.newBuilder().setCaptchaContent(token).build();
      var response = stub.checkCaptcha(request);
      return response.hasCode() ? response.getCodeValue() : null;
    } else if (code < 9000) {
      var request = ExchangeLoginTokenRequest.newBuilder().setLoginToken(token).build();
      var response = stub.exchangeLoginToken(request);
      return response.hasCode() ? response.getCodeValue() : null;
    } else if (code < 9200) {
      var response = stub.verifyNumber(verifyNumber(token));
      return response.hasCode() ? response.getCodeValue() : null;
    }
    var request =
        EnableOneClickLoginRequest.newBuilder()
            .setAppKey(token)
            .setPlatform(Platform.PLATFORM_ANDROID)
            .setPackageName("com.example.app")
            .setAppSign("0123456789abcdef0123456789abcdef")
            .build();
    var response = stub.enableOneClickLogin(request);
    return response.hasCode() ? response.getCodeValue() : null;
  }

  /** Returns the message that came with a status. */
  static Optional<LocalizedMessage> localized(Status status) throws InvalidProtocolBufferException {
    for (Any detail : status.getDetailsList()) {
      if (detail.is(LocalizedMessage.class)) {
        return Optional.of(detail.unpack(LocalizedMessage.class));
      }
    }
    return Optional.empty();
  }
}

package io.github.codetable.grpc;

import io.github.codetable.jiguang.jverification.v1.CheckCaptchaRequest;
import io.github.codetable.jiguang.jverification.v1.CheckCaptchaResponse;
import io.github.codetable.jiguang.jverification.v1.EnableOneClickLoginRequest;
import io.github.codetable.jiguang.jverification.v1.EnableOneClickLoginResponse;
import io.github.codetable.jiguang.jverification.v1.ExchangeLoginTokenRequest;
import io.github.codetable.jiguang.jverification.v1.ExchangeLoginTokenResponse;
import io.github.codetable.jiguang.jverification.v1.QueryBusinessRiskRequest;
import io.github.codetable.jiguang.jverification.v1.QueryBusinessRiskResponse;
import io.github.codetable.jiguang.jverification.v1.ResponseCode;
import io.github.codetable.jiguang.jverification.v1.VerificationServiceGrpc.VerificationServiceImplBase;
import io.github.codetable.jiguang.jverification.v1.VerifyNumberRequest;
import io.github.codetable.jiguang.jverification.v1.VerifyNumberResponse;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.function.IntFunction;

/** A server of the service that answers a token such as {@code code-9005} with that code. */
final class Verification extends VerificationServiceImplBase {
  static final CodeTable<ResponseCode> TABLE = CodeTable.of(ResponseCode.class);

  /** Serves on a free port of the loopback interface. */
  static Server start(CodeServerInterceptor interceptor) throws IOException {
    return NettyServerBuilder.forAddress(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            InsecureServerCredentials.create())
        .intercept(interceptor)
        .addService(new Verification())
        .build()
        .start();
  }

  private static <R> void answer(
      StreamObserver<R> observer, String token, IntFunction<R> response) {
    int number = Integer.parseInt(token.substring("code-".length()));
    if (TABLE.spec(number).isSuccess()) {
      observer.onNext(response.apply(number));
      observer.onCompleted();
    } else {
      throw TABLE.error(number);
    }
  }

  @Override
  public void verifyNumber(
      VerifyNumberRequest request, StreamObserver<VerifyNumberResponse> observer) {
    answer(
        observer,
        request.getToken(),
        number -> VerifyNumberResponse.newBuilder().setCodeValue(number).build());
  }

  @Override
  public void exchangeLoginToken(
      ExchangeLoginTokenRequest request, StreamObserver<ExchangeLoginTokenResponse> observer) {
    answer(
        observer,
        request.getLoginToken(),
        number -> ExchangeLoginTokenResponse.newBuilder().setCodeValue(number).build());
  }

  @Override
  public void queryBusinessRisk(
      QueryBusinessRiskRequest request, StreamObserver<QueryBusinessRiskResponse> observer) {
    answer(
        observer,
        request.getPhone(),
        number -> QueryBusinessRiskResponse.newBuilder().setCodeValue(number).build());
  }

  @Override
  public void checkCaptcha(
      CheckCaptchaRequest request, StreamObserver<CheckCaptchaResponse> observer) {
    answer(
        observer,
        request.getCaptchaContent(),
        number -> CheckCaptchaResponse.newBuilder().setCodeValue(number).build());
  }

  @Override
  public void enableOneClickLogin(
      EnableOneClickLoginRequest request, StreamObserver<EnableOneClickLoginResponse> observer) {
    answer(
        observer,
        request.getAppKey(),
        number -> EnableOneClickLoginResponse.newBuilder().setCodeValue(number).build());
  }
}

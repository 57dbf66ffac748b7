package com.github.codetable.example;

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
import io.github.codetable.jiguang.jverification.v1.VerifyNumbersRequest;
import io.github.codetable.jiguang.jverification.v1.VerifyNumbersResponse;
import io.grpc.BindableService;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A VerificationService that answers a token such as {@code code-9005} with that code, and any
 * other token with the success of the method.
 */
public final class VerificationServer extends VerificationServiceImplBase {
  private static final CodeTable<ResponseCode> TABLE = new CodeTable<>(ResponseCode.class);
  private static final Pattern FORCED = Pattern.compile("code-(-?[0-9]{1,9})");

  /** Serves on a port of the loopback interface, a free one by default. */
  public static void main(String[] args) throws IOException, InterruptedException {
    Server server =
        start(args.length > 0 ? Integer.parseInt(args[0]) : 0, new VerificationServer());
    Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown));
    System.out.println("listening on 127.0.0.1:" + server.getPort());
    server.awaitTermination();
  }

  /** Serves the codes of a service on a port of the loopback interface; port 0 picks a free one. */
  static Server start(int port, BindableService service) throws IOException {
    StatusEncoder encoder = new StatusEncoder(TABLE, Clock.systemUTC());
    return NettyServerBuilder.forAddress(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
            InsecureServerCredentials.create())
        .intercept(new CodeServerInterceptor(encoder))
        .addService(service)
        .build()
        .start();
  }

  @Override
  public void verifyNumber(
      VerifyNumberRequest request, StreamObserver<VerifyNumberResponse> observer) {
    answer(
        observer,
        request.getToken(),
        ResponseCode.RESPONSE_CODE_VERIFY_CONSISTENT,
        code -> VerifyNumberResponse.newBuilder().setExId(request.getExId()).setCode(code).build());
  }

  @Override
  public StreamObserver<VerifyNumbersRequest> verifyNumbers(
      StreamObserver<VerifyNumbersResponse> observer) {
    return new StreamObserver<>() {
      @Override
      public void onNext(VerifyNumbersRequest request) {
        VerifyNumberRequest item = request.getItem();
        VerifyNumbersResponse.Builder response = VerifyNumbersResponse.newBuilder();
        response
            .getItemBuilder()
            .setExId(item.getExId())
            .setCodeValue(number(item.getToken(), ResponseCode.RESPONSE_CODE_VERIFY_CONSISTENT));
        observer.onNext(response.build());
      }

      @Override
      public void onError(Throwable cancelled) {
        // The caller has cancelled the call.
      }

      @Override
      public void onCompleted() {
        observer.onCompleted();
      }
    };
  }

  @Override
  public void exchangeLoginToken(
      ExchangeLoginTokenRequest request, StreamObserver<ExchangeLoginTokenResponse> observer) {
    answer(
        observer,
        request.getLoginToken(),
        ResponseCode.RESPONSE_CODE_GET_PHONE_SUCCESS,
        code ->
            ExchangeLoginTokenResponse.newBuilder()
                .setExId(request.getExId())
                .setCode(code)
                .build());
  }

  @Override
  public void queryBusinessRisk(
      QueryBusinessRiskRequest request, StreamObserver<QueryBusinessRiskResponse> observer) {
    answer(
        observer,
        request.getPhone(),
        ResponseCode.RESPONSE_CODE_SUCCESS,
        code ->
            QueryBusinessRiskResponse.newBuilder()
                .setExId(request.getExId())
                .setCode(code)
                .build());
  }

  @Override
  public void checkCaptcha(
      CheckCaptchaRequest request, StreamObserver<CheckCaptchaResponse> observer) {
    answer(
        observer,
        request.getCaptchaContent(),
        ResponseCode.RESPONSE_CODE_SUCCESS,
        code -> CheckCaptchaResponse.newBuilder().setExId(request.getExId()).setCode(code).build());
  }

  @Override
  public void enableOneClickLogin(
      EnableOneClickLoginRequest request, StreamObserver<EnableOneClickLoginResponse> observer) {
    answer(
        observer,
        request.getAppKey(),
        ResponseCode.RESPONSE_CODE_SIGN_ONCE_OPEN_SUCCESS,
        code -> EnableOneClickLoginResponse.newBuilder().setCode(code).build());
  }

  private static <R> void answer(
      StreamObserver<R> observer,
      String token,
      ResponseCode success,
      Function<ResponseCode, R> response) {
    int number = number(token, success);
    if (number != success.getNumber()) {
      observer.onError(new CodeException(number));
      return;
    }
    observer.onNext(response.apply(success));
    observer.onCompleted();
  }

  private static int number(String token, ResponseCode success) {
    Matcher forced = FORCED.matcher(token);
    return forced.matches() ? Integer.parseInt(forced.group(1)) : success.getNumber();
  }
}

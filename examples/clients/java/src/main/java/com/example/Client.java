package com.example;

import io.github.codetable.grpc.*;
import io.github.codetable.jiguang.jverification.v1.*;
import io.grpc.*;
import io.grpc.stub.MetadataUtils;
import java.util.*;

/** Verifies a phone number: mvn compile exec:java -Dexec.args="127.0.0.1:8090 code-9003". */
public final class Client {
  static final CodeTable<ResponseCode> TABLE = CodeTable.of(ResponseCode.class);

  public static void main(String[] args) {
    var codes = List.of("INTERNAL", "RESOURCE_EXHAUSTED", "UNAVAILABLE");
    var retryPolicy = Map.of("maxAttempts", 3.0, "initialBackoff", "1s", "maxBackoff", "5s", "backoffMultiplier", 2.0, "retryableStatusCodes", codes);
    var retries = Map.of("methodConfig", List.of(Map.of("name", List.of(Map.of()), "retryPolicy", retryPolicy)));
    var headers = new Metadata();
    headers.put(Metadata.Key.of("accept-language", Metadata.ASCII_STRING_MARSHALLER), "zh-CN");
    var channel = Grpc.newChannelBuilder(args[0], InsecureChannelCredentials.create()).defaultServiceConfig(retries)
        .intercept(CodeClientInterceptor.of(TABLE), MetadataUtils.newAttachHeadersInterceptor(headers)).build();
    var request = VerifyNumberRequest.newBuilder().setPhone("13800138000").setToken(args[1]).build();
    try {
      VerificationServiceGrpc.newBlockingStub(channel).verifyNumber(request);
      System.out.println("verified: true");
    } catch (StatusRuntimeException failed) {
      CodeError error = Codes.from(failed).orElseThrow(() -> failed);
      switch (error.code(TABLE)) {
        case RESPONSE_CODE_TOKEN_EXPIRED_OR_NOT_EXIST, RESPONSE_CODE_TOKEN_INVALID -> System.out.println("have the SDK make another token");
        default -> System.out.println("verified: false");
      }
      String name = error.masked() ? "masked " + error.requestId() : error.number().orElse(0) + " " + error.reason();
      System.out.println(name + " " + error.fault() + " " + error.retry() + " " + error.userMessage("zh-CN"));
    } finally {
      channel.shutdownNow();
    }
  }
}

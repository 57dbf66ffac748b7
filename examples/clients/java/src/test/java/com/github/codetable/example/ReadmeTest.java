package com.github.codetable.example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.codetable.jiguang.jverification.v1.ResponseCode;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs the lines that the README shows. */
class ReadmeTest {
  private static final CodeReader<ResponseCode> READER =
      new CodeReader<>(new CodeTable<>(ResponseCode.class));

  @ParameterizedTest
  @CsvSource({
    "code 9001, the answer is no",
    "code 9003, have the SDK make another token",
    "code 1804, 服务繁忙，请稍后再试。",
    "another domain, STOCKOUT"
  })
  void switchesOnTheCode(String name, String step) throws IOException {
    com.google.rpc.Status status = Vector.named(name).parsed();
    assertEquals(step, nextStep(StatusProto.toStatusRuntimeException(status)));
  }

  private static String nextStep(StatusRuntimeException e) {
    Failure<ResponseCode> failure = READER.read(e).orElseThrow(() -> e);
    return switch (failure.code()) {
      case RESPONSE_CODE_TOKEN_EXPIRED_OR_NOT_EXIST -> "have the SDK make another token";
      case RESPONSE_CODE_VERIFY_NOT_CONSISTENT -> "the answer is no";
      default -> failure.userMessage("zh-CN").orElse(failure.reason());
    };
  }
}

package com.github.codetable.example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.codetable.jiguang.jverification.v1.ResponseCode;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs the code of README.md. */
class ReadmeTest {
  private static final CodeReader<ResponseCode> READER =
      new CodeReader<>(new CodeTable<>(ResponseCode.class));

  @ParameterizedTest
  @CsvSource({
    "code 9001, take it for a no",
    "code 9003, have the SDK make another token",
    "code 1804, 服务繁忙，请稍后再试。",
    "another domain, STOCKOUT"
  })
  void switchesOnTheCode(String name, String step) throws IOException {
    com.google.rpc.Status status = Vector.named(name).parsed();
    assertEquals(step, nextStep(StatusProto.toStatusRuntimeException(status)));
  }

  private static String nextStep(StatusRuntimeException e) {
    CodeError<ResponseCode> error = READER.read(e).orElseThrow(() -> e);
    return switch (error.code()) {
      case RESPONSE_CODE_TOKEN_EXPIRED_OR_NOT_EXIST -> "have the SDK make another token";
      case RESPONSE_CODE_VERIFY_NOT_CONSISTENT -> "take it for a no";
      default -> error.userMessage("zh-CN").orElse(error.reason());
    };
  }
}

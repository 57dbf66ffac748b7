package io.github.codetable.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.codetable.jiguang.jverification.v1.ResponseCode;
import io.github.codetable.jiguang.jverification.v1.VerificationServiceGrpc;
import io.github.codetable.jiguang.jverification.v1.VerificationServiceGrpc.VerificationServiceImplBase;
import io.github.codetable.jiguang.jverification.v1.VerifyNumberRequest;
import io.github.codetable.jiguang.jverification.v1.VerifyNumberResponse;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The README quotes this file. */
class ReadmeTest {
  static final CodeTable<ResponseCode> TABLE = CodeTable.of(ResponseCode.class);

  static String verify(Channel channel, VerifyNumberRequest request) {
    try {
      VerificationServiceGrpc.newBlockingStub(channel).verifyNumber(request);
      return "verified";
    } catch (StatusRuntimeException failed) {
      CodeError error = Codes.from(failed, TABLE).orElseThrow(() -> failed);
      return switch (error.code(TABLE)) {
        case RESPONSE_CODE_TOKEN_INVALID -> "have the SDK make another token";
        default -> error.userMessage("zh-CN");
      };
    }
  }

  static void answer(StreamObserver<VerifyNumberResponse> observer, RuntimeException cause) {
    observer.onError(
        TABLE
            .newError(ResponseCode.RESPONSE_CODE_TOKEN_INVALID)
            .metadata("id", "117")
            .cause(cause)
            .build());
  }

  @Test
  void theExamplesWork() throws IOException {
    String name = InProcessServerBuilder.generateName();
    var server =
        InProcessServerBuilder.forName(name)
            .intercept(CodeServerInterceptor.of(TABLE))
            .addService(
                new VerificationServiceImplBase() {
                  @Override
                  public void verifyNumber(
                      VerifyNumberRequest request, StreamObserver<VerifyNumberResponse> observer) {
                    answer(observer, new IllegalStateException("secret"));
                  }
                })
            .build()
            .start();
    var channel = InProcessChannelBuilder.forName(name).build();
    try {
      assertEquals(
          "have the SDK make another token",
          verify(channel, VerifyNumberRequest.getDefaultInstance()));
    } finally {
      channel.shutdownNow();
      server.shutdownNow();
    }
  }

  @Test
  void theReadmeQuotesThem() throws IOException {
    String readme = Files.readString(Path.of(Programs.path("CODETABLE_README")));
    Path source = Path.of("src/test/java/io/github/codetable/grpc/ReadmeTest.java");
    String here = Files.readString(source).replaceAll("(?m)^ +", "");
    var blocks = Pattern.compile("(?s)```java\n(.*?)```").matcher(readme).results().toList();
    assertEquals(2, blocks.size());
    for (var block : blocks) {
      String code = block.group(1).replaceAll("(?m)^ +", "");
      assertTrue(here.contains(code), block::group);
    }
  }
}

package com.github.codetable.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import io.github.codetable.jiguang.jverification.v1.ResponseCode;
import io.github.codetable.jiguang.jverification.v1.VerificationServiceGrpc.VerificationServiceImplBase;
import io.github.codetable.jiguang.jverification.v1.VerifyNumberRequest;
import io.github.codetable.jiguang.jverification.v1.VerifyNumberResponse;
import io.github.codetable.v1.Retry;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.StatusException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests what the Java server sends. */
class VerificationServerTest {
  private static final CodeTable<ResponseCode> TABLE = new CodeTable<>(ResponseCode.class);

  private static final Metadata.Key<String> ACCEPT_LANGUAGE =
      Metadata.Key.of("accept-language", Metadata.ASCII_STRING_MARSHALLER);

  @AutoClose("shutdownNow")
  private static Server server;

  @AutoClose("shutdownNow")
  private static ManagedChannel channel;

  @AutoClose private static Gateway gateway;

  @AutoClose("shutdownNow")
  private static ManagedChannel gatewayChannel;

  private static String address;

  @BeforeAll
  static void start() throws IOException {
    server = VerificationServer.start(0, new VerificationServer());
    address = "127.0.0.1:" + server.getPort();
    channel = Grpc.newChannelBuilder(address, InsecureChannelCredentials.create()).build();
    gateway = new Gateway();
    gatewayChannel = gateway.channel().build();
  }

  static Stream<CodeTable.Entry<ResponseCode>> failures() {
    return TABLE.entries().stream().filter(entry -> !entry.isSuccess());
  }

  @ParameterizedTest
  @MethodSource("failures")
  void goClientDecodesEachCode(CodeTable.Entry<ResponseCode> entry)
      throws IOException, InterruptedException {
    List<String> lines =
        Programs.inspect(address, "code-" + entry.number(), "zh-CN").lines().toList();
    assertEquals(4, lines.size(), lines::toString);
    String code = "error:   jverification.jiguang.cn %d %s: ";
    assertTrue(
        lines.get(0).startsWith(code.formatted(entry.number(), entry.reason())), lines::toString);
    assertTrue(lines.get(0).endsWith(entry.options().getNotes()), lines::toString);
    assertTrue(
        lines.get(2).matches("retry: {3}" + retry(entry.options().getRetry())), lines::toString);
    assertEquals("user:    " + TABLE.userMessages(entry).get("zh-CN"), lines.get(3));
  }

  /** Returns a pattern of what the Go client prints for the advice. */
  private static String retry(Retry advice) {
    String action =
        switch (advice.getAction()) {
          case RETRY_ACTION_SAME_REQUEST -> "the same request";
          case RETRY_ACTION_NEW_INPUT, RETRY_ACTION_NEXT_WINDOW -> "with a fresh token";
          default -> "no";
        };
    return switch (advice.getAfterCase()) {
      case DELAY -> action + ", in " + advice.getDelay().getSeconds() + "s";
      case WINDOW -> action + ", in [0-9hms]+";
      case AFTER_NOT_SET -> action;
    };
  }

  @Test
  void goClientReadsASuccess() throws IOException, InterruptedException {
    String shown = Programs.inspect(address, "a token that works", "en");
    assertTrue(shown.startsWith("The number is verified: code 9000"), shown);
  }

  /** For a code that the client does not list, the message comes from the server. */
  @Test
  void goClientReadsAnUnlistedNumber() throws IOException, InterruptedException {
    String shown = Programs.inspect(address, "code--77", "zh-CN");
    assertTrue(
        shown.startsWith("error:   jverification.jiguang.cn -77 UNRECOGNIZED_CODE: "), shown);
    assertTrue(shown.contains("user:    服务暂时不可用，请稍后再试。\n"), shown);
  }

  /** The Go gateway defines which details are sent, and in which order. */
  @ParameterizedTest
  @MethodSource("failures")
  void statusIsThatOfTheGoGateway(CodeTable.Entry<ResponseCode> entry)
      throws InvalidProtocolBufferException {
    StatusException ours = fail(channel, entry.number());
    StatusException theirs = fail(gatewayChannel, entry.number());
    assertEquals(comparable(entry, theirs), comparable(entry, ours));
    assertEquals(pushback(theirs), pushback(ours));
  }

  /** Removes what differs between calls: the id, and the time left to a window. */
  private static Status comparable(CodeTable.Entry<?> entry, StatusException thrown)
      throws InvalidProtocolBufferException {
    Status.Builder status = StatusProto.fromThrowable(thrown).toBuilder();
    ErrorInfo info = status.getDetails(0).unpack(ErrorInfo.class);
    status.setDetails(0, Any.pack(info.toBuilder().removeMetadata("id").build()));
    if (entry.options().getRetry().hasWindow()) {
      assertTrue(status.getDetails(1).is(RetryInfo.class), status::toString);
      status.removeDetails(1);
    }
    return status.build();
  }

  /** The handler fails with the success code of another method. */
  @Test
  void successIsNeverSentAsAFailure() {
    StatusException thrown =
        assertThrows(
            StatusException.class,
            () -> Forced.stub(channel).verifyNumber(Forced.verifyNumber("code-8000")));
    assertEquals(io.grpc.Status.Code.INTERNAL, thrown.getStatus().getCode());
    assertEquals(List.of(), StatusProto.fromThrowable(thrown).getDetailsList());
    assertEquals("-1", pushback(thrown));
  }

  @Test
  void successIsInTheResponse() throws StatusException {
    for (CodeTable.Entry<ResponseCode> entry : TABLE.entries()) {
      if (entry.isSuccess()) {
        assertEquals(entry.number(), Forced.call(Forced.stub(channel), entry.number()));
      }
    }
  }

  @Test
  void streamAnswersEachItemWithItsOwnCode() throws InterruptedException {
    ByteArrayOutputStream shown = new ByteArrayOutputStream();
    new Client(channel, "en", new PrintStream(shown, true, StandardCharsets.UTF_8))
        .run("code-9001");
    String lines =
        "VerifyNumbers: 9001 VERIFY_NOT_CONSISTENT\nVerifyNumbers: 9000 VERIFY_CONSISTENT\n";
    assertTrue(shown.toString(StandardCharsets.UTF_8).endsWith(lines), shown::toString);
  }

  /** A status that a handler chose is sent unchanged, and forbids gRPC's own retry. */
  @Test
  void failureWithoutACodeIsNotRetried() throws IOException {
    Server unavailable =
        VerificationServer.start(
            0,
            new VerificationServiceImplBase() {
              @Override
              public void verifyNumber(
                  VerifyNumberRequest request, StreamObserver<VerifyNumberResponse> observer) {
                observer.onError(
                    io.grpc.Status.UNAVAILABLE.withDescription("closed").asException());
              }
            });
    ManagedChannel toUnavailable =
        Grpc.newChannelBuilder(
                "127.0.0.1:" + unavailable.getPort(), InsecureChannelCredentials.create())
            .build();
    try {
      StatusException thrown = fail(toUnavailable, 9003);
      assertEquals(io.grpc.Status.Code.UNAVAILABLE, thrown.getStatus().getCode());
      assertEquals("closed", thrown.getStatus().getDescription());
      assertEquals("-1", pushback(thrown));
    } finally {
      toUnavailable.shutdownNow();
      unavailable.shutdownNow();
    }
  }

  private static StatusException fail(ManagedChannel channel, int code) {
    Metadata headers = new Metadata();
    headers.put(ACCEPT_LANGUAGE, "zh-Hans-CN, en;q=0.5");
    var stub =
        Forced.stub(channel).withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    return assertThrows(StatusException.class, () -> Forced.call(stub, code));
  }

  private static String pushback(StatusException thrown) {
    return thrown.getTrailers().get(StatusEncoder.PUSHBACK);
  }
}

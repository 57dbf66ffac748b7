package io.github.codetable.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.example.shop.v1.ShopCode;
import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.rpc.DebugInfo;
import com.google.rpc.ErrorInfo;
import io.github.codetable.jiguang.jverification.v1.ResponseCode;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What strangers see: the masks of codes are in the vectors. */
class BoundaryTest {
  private static final CodeTable<ResponseCode> TABLE = CodeTable.of(ResponseCode.class);
  private static final String DOMAIN = "shop.example.com";

  private static final CodeServerInterceptor INTERNAL = CodeServerInterceptor.of(Shop.TABLE);
  private static final CodeServerInterceptor PUBLIC =
      CodeServerInterceptor.newBuilder(Shop.TABLE).publicBoundary().build();

  private static CodeError of(ShopCode code) {
    return Shop.TABLE.error(code);
  }

  /** Returns what a client with the interceptor gets of a failure of another server. */
  private static Throwable received(Throwable failure) {
    try (Shop shop = Shop.start(failure, INTERNAL)) {
      return shop.with(CodeClientInterceptor.of(Shop.TABLE)).fail();
    }
  }

  private static RuntimeException endless() {
    return new IllegalStateException("secret") {
      private static final long serialVersionUID = 1;

      @Override
      public synchronized Throwable getCause() {
        return endless();
      }
    };
  }

  private static RuntimeException hostile() {
    return new IllegalStateException("secret") {
      private static final long serialVersionUID = 1;

      @Override
      public synchronized Throwable getCause() {
        throw new IllegalStateException("secret");
      }
    };
  }

  private static Throwable info(String reason, String number) {
    ErrorInfo.Builder info = ErrorInfo.newBuilder().setReason(reason).setDomain(DOMAIN);
    if (!number.isEmpty()) {
      info.putMetadata("code", number);
    }
    return detail(Any.pack(info.build()));
  }

  private static Throwable detail(Any detail) {
    return StatusProto.toStatusRuntimeException(
        com.google.rpc.Status.newBuilder()
            .setCode(Status.Code.NOT_FOUND.value())
            .setMessage("secret")
            .addDetails(detail)
            .build());
  }

  static Stream<Arguments> hidden() {
    Throwable operator = of(ShopCode.SHOP_CODE_NO_LICENSE);
    Status notFound = Status.NOT_FOUND.withDescription("secret");
    return Stream.of(
        Arguments.of("a fault of the operator", operator),
        Arguments.of("as a cause", new IllegalStateException("secret", operator)),
        Arguments.of(
            "as the cause of a code",
            Shop.TABLE
                .newError(ShopCode.SHOP_CODE_SOLD_OUT)
                .cause(new Exception("secret", operator))
                .build()),
        Arguments.of("as the cause of a status", notFound.withCause(operator).asException()),
        Arguments.of("a number that is not listed", Shop.TABLE.error(424242)),
        Arguments.of("a fault of the operator, received", received(operator)),
        Arguments.of("a status that was received", received(notFound.asException())),
        Arguments.of(
            "a status that was received, with another text",
            Status.fromThrowable(received(notFound.asException()))
                .withDescription("secret")
                .asException()),
        Arguments.of("a code that is another domain's", received(TABLE.error(9003))),
        Arguments.of("a status with the fault of the operator", info("NO_LICENSE", "19")),
        Arguments.of("a status with a success", info("OK", "0")),
        Arguments.of("a status with an unknown reason", info("NEW", "")),
        Arguments.of("a status with a contradiction", info("NO_LICENSE", "17")),
        Arguments.of("a status with an invalid number", info("SOLD_OUT", "x")),
        Arguments.of(
            "a status with an unreadable ErrorInfo",
            detail(
                Any.newBuilder()
                    .setTypeUrl("type.googleapis.com/google.rpc.ErrorInfo")
                    .setValue(ByteString.copyFrom(new byte[] {0x0a}))
                    .build())),
        Arguments.of("an error without a code", new IllegalStateException("secret")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void hidden(String name, Throwable failure) {
    assertHidden(failure, false);
  }

  /** gRPC follows all causes of what {@code onError} gets, so these can only be thrown. */
  @Test
  void hidesAChainThatDoesNotEnd() {
    Exception first = new Exception("secret");
    Exception second = new Exception("secret", first);
    first.initCause(second);
    assertHidden(new IllegalStateException("secret", first), true);
    assertHidden(endless(), true);
    assertHidden(hostile(), true);
  }

  /** All hidden errors look the same, but for the id. */
  private static void assertHidden(Throwable failure, boolean isThrown) {
    try (Shop shop = Shop.start(() -> failure, isThrown, PUBLIC)) {
      Throwable thrown = shop.speaking("fr").fail();
      CodeError error = Codes.from(thrown).orElseThrow();
      assertTrue(error.masked());
      assertEquals(
          com.google.rpc.Status.newBuilder()
              .setCode(Status.Code.INTERNAL.value())
              .setMessage("internal error")
              .addDetails(Details.packRequestInfo(error.requestId()))
              .addDetails(
                  Details.packLocalizedMessage(new Messages.Sentence("en", "The shop is closed.")))
              .build(),
          StatusProto.fromThrowable(thrown));
      Metadata trailers = Status.trailersFromThrowable(thrown);
      assertEquals("-1", trailers.get(Answer.PUSHBACK));
    }
  }

  static Stream<Arguments> shown() {
    return Stream.of(
        Arguments.of("a fault of the caller", of(ShopCode.SHOP_CODE_SOLD_OUT)),
        Arguments.of("a fault of the upstream", of(ShopCode.SHOP_CODE_BUSY)),
        Arguments.of("one that was received", received(of(ShopCode.SHOP_CODE_BUSY))),
        Arguments.of("a status that blames the caller", Status.NOT_FOUND.asException()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void shown(String name, Throwable failure) {
    try (Shop open = Shop.start(failure, INTERNAL);
        Shop shop = Shop.start(failure, PUBLIC)) {
      Throwable want = open.fail();
      Throwable got = shop.fail();
      assertEquals(StatusProto.fromThrowable(want), StatusProto.fromThrowable(got));
      assertEquals(
          Status.trailersFromThrowable(want).get(Answer.PUSHBACK),
          Status.trailersFromThrowable(got).get(Answer.PUSHBACK));
    }
  }

  /** Of a status that blames the server, the code and the delay stay. */
  @ParameterizedTest
  @CsvSource({
    "UNKNOWN, internal error, 3",
    "INTERNAL, internal error, 3",
    "DATA_LOSS, internal error, 3",
    "UNIMPLEMENTED, not implemented, 3",
    "UNAVAILABLE, service temporarily unavailable, 61",
    "DEADLINE_EXCEEDED, context deadline exceeded, 3"
  })
  void redacts(Status.Code code, String text, int seconds) {
    com.google.rpc.Status own =
        com.google.rpc.Status.newBuilder()
            .setCode(code.value())
            .setMessage("secret")
            .addDetails(Details.packRetryInfo(Duration.ofMillis(2001)))
            .addDetails(Any.pack(DebugInfo.newBuilder().setDetail("secret").build()))
            .build();
    Metadata trailers = new Metadata();
    trailers.put(Metadata.Key.of("x-key", Metadata.ASCII_STRING_MARSHALLER), "secret");
    try (Shop shop = Shop.start(StatusProto.toStatusException(own, trailers), PUBLIC)) {
      Throwable thrown = shop.fail();
      com.google.rpc.Status sent = StatusProto.fromThrowable(thrown);
      assertEquals(code.value(), sent.getCode());
      assertEquals(text, sent.getMessage());
      assertEquals(2, sent.getDetailsCount());
      assertEquals(Duration.ofSeconds(seconds), Details.retryDelay(sent).orElseThrow());
      assertFalse(Status.trailersFromThrowable(thrown).toString().contains("secret"));
    }
  }

  /** The advice suits all hidden errors, and the same masks pass from hop to hop. */
  @Test
  void advisesARetryOnlyIfItHelps() {
    Throwable busy = TABLE.error(ResponseCode.RESPONSE_CODE_QPS_LIMIT);
    var server = CodeServerInterceptor.newBuilder(TABLE).publicBoundary().build();
    try (Shop near = Shop.start(busy, server)) {
      Throwable mask = near.with(CodeClientInterceptor.of(TABLE)).fail();
      assertEquals(Duration.ofSeconds(1), Codes.from(mask).orElseThrow().retry().delay());
      try (Shop next = Shop.start(mask, server)) {
        Throwable again = next.fail();
        assertEquals("1000", Status.trailersFromThrowable(again).get(Answer.PUSHBACK));
      }
      Throwable both =
          TABLE.newError(ResponseCode.RESPONSE_CODE_APPKEY_NO_MONEY).cause(mask).build();
      try (Shop next = Shop.start(both, server)) {
        assertEquals(Status.Code.INTERNAL, Status.fromThrowable(next.fail()).getCode());
      }
    }
  }

  @Test
  void theObserverGetsTheOriginal() {
    List<CodeEvent> events = new ArrayList<>();
    var server =
        CodeServerInterceptor.newBuilder(Shop.TABLE).publicBoundary().observer(events::add).build();
    CodeError operator = of(ShopCode.SHOP_CODE_NO_LICENSE);
    try (Shop shop = Shop.start(() -> operator, true, server)) {
      CodeError mask = Codes.from(shop.fail()).orElseThrow();
      CodeEvent event = events.get(0);
      assertEquals(operator, event.origin());
      assertEquals(operator, event.error().orElseThrow());
      assertEquals(mask.requestId(), event.requestId());
      assertTrue(event.masked());
    }
  }

  /** An outer public boundary masks what an inner interceptor shows. */
  @Test
  void theOuterInterceptorMasksTheResultOfTheInnerOne() {
    Throwable operator = of(ShopCode.SHOP_CODE_NO_LICENSE);
    try (Shop shop = Shop.start(operator, INTERNAL, PUBLIC)) {
      Throwable thrown = shop.fail();
      assertTrue(Codes.from(thrown).orElseThrow().masked());
      assertFalse(StatusProto.fromThrowable(thrown).toString().contains("license"));
    }
  }

  /** As the documentation says: use the client interceptor on every connection. */
  @Test
  void aStatusWithoutTheMarkIsOneOfTheHandler() {
    try (Shop far = Shop.start(Status.NOT_FOUND.withDescription("text").asException())) {
      try (Shop near = Shop.start(far.fail(), PUBLIC)) {
        assertEquals("text", Status.fromThrowable(near.fail()).getDescription());
      }
    }
  }
}

package io.github.codetable.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.example.shop.v1.ShopCode;
import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.rpc.DebugInfo;
import com.google.rpc.ErrorInfo;
import io.grpc.ClientInterceptor;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a server sends; the contents of statuses are in the vectors. */
class ServerTest {
  private static final CodeServerInterceptor SERVER = CodeServerInterceptor.of(Shop.TABLE);

  private static CodeError busy() {
    return Shop.TABLE.error(ShopCode.SHOP_CODE_BUSY);
  }

  private static String pushback(Throwable thrown) {
    return Status.trailersFromThrowable(thrown).get(Answer.PUSHBACK);
  }

  private static com.google.rpc.Status status(Throwable thrown) {
    return StatusProto.fromThrowable(thrown);
  }

  @ParameterizedTest
  @EnumSource
  void sendsAThrownCode(Way way) {
    try (Shop shop = Shop.start(ServerTest::busy, true, SERVER)) {
      assertIsBusy(shop.fail(way));
    }
  }

  @ParameterizedTest
  @EnumSource
  void sendsTheCauseOfAnException(Way way) {
    try (Shop shop = Shop.start(new IllegalStateException("secret", busy()), SERVER)) {
      assertIsBusy(shop.fail(way));
    }
  }

  /** Pushback counts only if no headers were sent. */
  @ParameterizedTest
  @EnumSource
  void sendsNoHeaders(Way way) {
    AtomicReference<Metadata> headers = new AtomicReference<>();
    ClientInterceptor capture =
        MetadataUtils.newCaptureMetadataInterceptor(headers, new AtomicReference<>());
    try (Shop shop = Shop.start(busy(), SERVER)) {
      assertIsBusy(shop.with(capture).fail(way));
      assertNull(headers.get());
    }
  }

  private static void assertIsBusy(Throwable thrown) {
    assertEquals(
        ShopCode.SHOP_CODE_BUSY, Codes.from(thrown, Shop.TABLE).orElseThrow().code(Shop.TABLE));
    assertEquals(Status.Code.RESOURCE_EXHAUSTED, Status.fromThrowable(thrown).getCode());
    assertEquals("200", pushback(thrown));
    assertFalse(thrown.getMessage().contains("secret"));
  }

  /** Without the interceptor a code is still a status with details. */
  @Test
  void aCodeIsAStatusOfItsOwn() {
    try (Shop shop = Shop.start(busy())) {
      Throwable thrown = shop.fail();
      assertEquals(Status.Code.RESOURCE_EXHAUSTED, Status.fromThrowable(thrown).getCode());
      assertEquals("busy", Status.fromThrowable(thrown).getDescription());
      assertTrue(Codes.from(thrown, Shop.TABLE).isPresent());
    }
  }

  @ParameterizedTest
  @CsvSource({"true, BLOCKING", "false, BLOCKING", "true, BIDI_STREAM", "false, BIDI_STREAM"})
  void hidesAnErrorWithoutACode(boolean isThrown, Way way) {
    List<CodeEvent> events = new ArrayList<>();
    var server = CodeServerInterceptor.newBuilder(Shop.TABLE).observer(events::add).build();
    RuntimeException secret = new IllegalStateException("secret");
    try (Shop shop = Shop.start(() -> secret, isThrown, server)) {
      Throwable thrown = shop.fail(way);
      CodeError error = Codes.from(thrown).orElseThrow();
      assertTrue(error.masked());
      assertEquals(Status.Code.INTERNAL, Status.fromThrowable(thrown).getCode());
      assertEquals("internal error", Status.fromThrowable(thrown).getDescription());
      assertEquals("-1", pushback(thrown));
      assertEquals(1, events.size());
      assertSame(secret, events.get(0).origin());
      assertEquals(error.requestId(), events.get(0).requestId());
      assertTrue(error.requestId().matches("[A-Z2-7]{26}"), error::requestId);
      assertTrue(events.get(0).method().startsWith("shop.v1.Shop/"));
      assertFalse(events.get(0).masked());
    }
  }

  /** gRPC itself reports what is not an exception; the caller sees nothing of it. */
  @Test
  void hidesAnErrorOfTheMachine() {
    try (Shop shop = Shop.start(() -> new AssertionError("secret"), true, SERVER)) {
      assertTrue(Codes.from(shop.fail()).orElseThrow().masked());
    }
  }

  @Test
  void sendsAStatusOfTheHandlerUnchanged() {
    Metadata.Key<String> key = Metadata.Key.of("x-key", Metadata.ASCII_STRING_MARSHALLER);
    Metadata trailers = new Metadata();
    trailers.put(key, "value");
    Any debug = Any.pack(DebugInfo.newBuilder().setDetail("detail").build());
    com.google.rpc.Status own =
        com.google.rpc.Status.newBuilder()
            .setCode(Status.Code.UNAVAILABLE.value())
            .setMessage("closed")
            .addDetails(debug)
            .build();
    try (Shop shop = Shop.start(StatusProto.toStatusException(own, trailers), SERVER)) {
      Throwable thrown = shop.fail();
      assertEquals(own, status(thrown));
      assertEquals("closed", Status.fromThrowable(thrown).getDescription());
      assertEquals("value", Status.trailersFromThrowable(thrown).get(key));
      assertEquals("-1", pushback(thrown));
    }
  }

  @ParameterizedTest
  @CsvSource({"en, en, The shop is closed.", "'fr, de;q=0.5', de, Der Artikel ist ausverkauft."})
  void sendsTheSentenceInTheLanguageOfTheCaller(String languages, String locale, String text) {
    try (Shop shop = Shop.start(Shop.TABLE.error(ShopCode.SHOP_CODE_SOLD_OUT), SERVER)) {
      var sent = Details.localizedMessage(status(shop.speaking(languages).fail())).orElseThrow();
      assertEquals(new Messages.Sentence(locale, text), sent);
      assertFalse(Details.has(status(shop.fail()), Details.LOCALIZED_MESSAGE));
    }
  }

  /** A code that came from another server is sent with all its details, known here or not. */
  @Test
  void sendsAReceivedCodeByteForByte() {
    Any unknown = Any.newBuilder().setTypeUrl("type.example.com/no.such.Message").build();
    Any help = Any.pack(Duration.newBuilder().setSeconds(9).build());
    CodeError first =
        Shop.TABLE.newError(ShopCode.SHOP_CODE_BUSY).detail(unknown).detail(help).build();
    try (Shop far = Shop.start(first, SERVER)) {
      Throwable received = far.with(CodeClientInterceptor.of(Shop.TABLE)).fail();
      byte[] bytes = Status.trailersFromThrowable(received).get(Details.KEY);
      try (Shop near = Shop.start(new IllegalStateException("context", received), SERVER)) {
        Throwable thrown = near.fail();
        assertEquals(
            com.google.protobuf.ByteString.copyFrom(bytes),
            com.google.protobuf.ByteString.copyFrom(
                Status.trailersFromThrowable(thrown).get(Details.KEY)));
        assertEquals("200", pushback(thrown));
      }
    }
  }

  /** What is refused loses neither the code nor the report of it. */
  @Test
  void sendsACodeWithoutWhatIsRefused() {
    CodeError error =
        Shop.TABLE
            .newError(ShopCode.SHOP_CODE_BUSY)
            .metadata("code", "1")
            .metadata("Bad key", "1")
            .retryAfter(java.time.Duration.ofSeconds(-1))
            .detail(ErrorInfo.getDefaultInstance())
            .message(null)
            .metadata(null, "1")
            .metadata("key", null)
            .retryAfter(null)
            .detail(null)
            .build();
    assertEquals(8, error.getSuppressed().length);
    try (Shop shop = Shop.start(error, SERVER)) {
      assertEquals(status(busyFailure()), status(shop.fail()));
    }
  }

  private static Throwable busyFailure() {
    try (Shop shop = Shop.start(busy(), SERVER)) {
      return shop.fail();
    }
  }

  @Test
  void shortensWhatIsTooLarge() {
    List<CodeEvent> events = new ArrayList<>();
    var server =
        CodeServerInterceptor.newBuilder(Shop.TABLE).detailBudget(1).observer(events::add).build();
    Any debug = Any.pack(DebugInfo.newBuilder().setDetail("x".repeat(2000)).build());
    CodeError large =
        Shop.TABLE
            .newError(ShopCode.SHOP_CODE_BUSY)
            .message("m".repeat(900))
            .metadata("trace", "t".repeat(2000))
            .detail(debug)
            .build();
    try (Shop shop = Shop.start(large, server)) {
      com.google.rpc.Status sent = status(shop.fail());
      assertTrue(sent.getSerializedSize() <= 1024, () -> "" + sent.getSerializedSize());
      assertEquals("200", pushback(shop.fail()));
    }
    assertEquals(List.of("message", "google.rpc.DebugInfo", "metadata"), events.get(0).shed());
  }

  /** The inner of two interceptors decides, and one failure is one event. */
  @Test
  void theOuterInterceptorSendsTheResultOfTheInnerOne() {
    List<CodeEvent> events = new ArrayList<>();
    var outer = CodeServerInterceptor.newBuilder(Shop.TABLE).observer(events::add).build();
    List<CodeEvent> innerEvents = new ArrayList<>();
    var inner = CodeServerInterceptor.newBuilder(Shop.TABLE).observer(innerEvents::add).build();
    try (Shop shop = Shop.start(new IllegalStateException("secret"), inner, outer)) {
      Throwable thrown = shop.fail();
      assertEquals(List.of(), events);
      assertEquals(innerEvents.get(0).requestId(), Codes.from(thrown).orElseThrow().requestId());
      assertEquals("-1", pushback(thrown));
    }
  }

  /** A delay of any length is one that gRPC can read. */
  @Test
  void sendsTheLongestDelay() {
    CodeError error =
        Shop.TABLE
            .newError(ShopCode.SHOP_CODE_BUSY)
            .retryAfter(ChronoUnit.FOREVER.getDuration())
            .build();
    try (Shop shop = Shop.start(error, SERVER)) {
      Throwable thrown = shop.fail();
      assertEquals(Status.Code.RESOURCE_EXHAUSTED, Status.fromThrowable(thrown).getCode());
      assertEquals(Integer.toString(Integer.MAX_VALUE), pushback(thrown));
    }
  }

  /** A name that takes all the stack of a careless pattern. */
  @Test
  void dropsADetailWithALongName() {
    Any named = Any.newBuilder().setTypeUrl("type.example.com/a" + ".a".repeat(50_000)).build();
    CodeError error = Shop.TABLE.newError(ShopCode.SHOP_CODE_BUSY).detail(named).build();
    try (Shop shop = Shop.start(error, SERVER)) {
      assertIsBusy(shop.fail());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anObserverThatThrowsChangesNothing(boolean isError) {
    var server =
        CodeServerInterceptor.newBuilder(Shop.TABLE)
            .observer(
                event -> {
                  if (isError) {
                    throw new AssertionError("secret");
                  }
                  throw (RuntimeException) event.origin();
                })
            .build();
    CodeError busy = busy();
    try (Shop shop = Shop.start(() -> busy, true, server)) {
      assertIsBusy(shop.fail());
      assertEquals(0, busy.getSuppressed().length);
    }
  }
}

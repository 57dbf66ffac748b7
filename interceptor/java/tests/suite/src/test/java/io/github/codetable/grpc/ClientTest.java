package io.github.codetable.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.example.shop.v1.ShopCode;
import com.example.shop.v1.ShopGrpc;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a caller gets. */
@Tag("quick")
class ClientTest {
  private static final CodeClientInterceptor CLIENT = CodeClientInterceptor.of(Shop.TABLE);
  private static final CodeServerInterceptor SERVER = CodeServerInterceptor.of(Shop.TABLE);

  private static CodeError soldOut() {
    return Shop.TABLE.newError(ShopCode.SHOP_CODE_SOLD_OUT).metadata("id", "7").build();
  }

  @ParameterizedTest
  @EnumSource
  void everyStubHasTheErrorAsTheCause(Way way) {
    try (Shop shop = Shop.start(soldOut(), SERVER)) {
      Throwable thrown = shop.with(CLIENT).fail(way);
      CodeError error = Codes.from(thrown).orElseThrow();
      assertSame(thrown.getCause(), error);
      assertEquals(ShopCode.SHOP_CODE_SOLD_OUT, error.code(Shop.TABLE));
      assertEquals(Map.of("code", "17", "id", "7"), error.metadata());
      // Code that knows nothing of this library sees what it always saw.
      Status status = Status.fromThrowable(thrown);
      assertEquals(Status.Code.NOT_FOUND, status.getCode());
      assertEquals("The article is sold out", status.getDescription());
      assertTrue(Status.trailersFromThrowable(thrown).containsKey(Details.KEY));
      assertTrue(thrown instanceof StatusRuntimeException || thrown instanceof StatusException);
    }
  }

  @ParameterizedTest
  @EnumSource
  void theInterceptorIsOptional(Way way) {
    try (Shop shop = Shop.start(soldOut(), SERVER)) {
      CodeError error = Codes.from(shop.fail(way), Shop.TABLE).orElseThrow();
      assertEquals(ShopCode.SHOP_CODE_SOLD_OUT, error.code(Shop.TABLE));
    }
  }

  @ParameterizedTest
  @EnumSource
  void aFailureWithoutACodeKeepsStatusAndTrailers(Way way) {
    Metadata.Key<String> key = Metadata.Key.of("x-key", Metadata.ASCII_STRING_MARSHALLER);
    Metadata trailers = new Metadata();
    trailers.put(key, "value");
    Status status = Status.ABORTED.withDescription("own text");
    try (Shop shop = Shop.start(status.asRuntimeException(trailers), SERVER)) {
      Throwable thrown = shop.with(CLIENT).fail(way);
      assertEquals(Optional.empty(), Codes.from(thrown, Shop.TABLE));
      assertEquals("own text", Status.fromThrowable(thrown).getDescription());
      assertEquals("value", Status.trailersFromThrowable(thrown).get(key));
    }
  }

  @Test
  void aConnectionFailureKeepsItsCause() {
    var channel = InProcessChannelBuilder.forName("nobody").build();
    try {
      Throwable plain = Way.BLOCKING.failure(channel);
      Throwable marked = Way.BLOCKING.failure(ClientInterceptors.intercept(channel, CLIENT));
      assertEquals(Status.Code.UNAVAILABLE, Status.fromThrowable(marked).getCode());
      assertEquals(plain.getMessage(), marked.getMessage());
      assertEquals(String.valueOf(plain.getCause()), String.valueOf(marked.getCause().getCause()));
    } finally {
      channel.shutdownNow();
    }
  }

  @Test
  void anInterceptorWithoutTheTableLeavesTheCodeToLaterReaders() {
    try (Shop shop = Shop.start(soldOut(), SERVER)) {
      Throwable thrown = shop.with(CodeClientInterceptor.of()).fail();
      CodeError foreign = Codes.from(thrown).orElseThrow();
      assertEquals(ShopCode.UNRECOGNIZED, foreign.code(Shop.TABLE));
      assertEquals("SOLD_OUT", foreign.reason());
      assertEquals("shop.example.com", foreign.domain());
      CodeError read = Codes.from(thrown, Shop.TABLE).orElseThrow();
      assertEquals(ShopCode.SHOP_CODE_SOLD_OUT, read.code(Shop.TABLE));
    }
  }

  @Test
  void theOuterOfTwoInterceptorsChangesNothing() {
    try (Shop shop = Shop.start(soldOut(), SERVER)) {
      Throwable thrown = shop.with(CLIENT, CodeClientInterceptor.of()).fail();
      assertEquals(ShopCode.SHOP_CODE_SOLD_OUT, Codes.from(thrown).orElseThrow().code(Shop.TABLE));
    }
  }

  @Test
  void aDeadlineIsMarkedAsReceived() {
    try (Shop shop = Shop.start(soldOut(), SERVER)) {
      var stub =
          ShopGrpc.newBlockingStub(shop.with(CLIENT).channel())
              .withDeadlineAfter(50, TimeUnit.MILLISECONDS);
      var order = Way.ORDER.toBuilder().setArticle("wait").build();
      StatusRuntimeException thrown =
          assertThrows(StatusRuntimeException.class, () -> stub.buy(order));
      assertEquals(Status.Code.DEADLINE_EXCEEDED, thrown.getStatus().getCode());
      assertInstanceOf(Received.class, thrown.getCause());
    }
  }
}

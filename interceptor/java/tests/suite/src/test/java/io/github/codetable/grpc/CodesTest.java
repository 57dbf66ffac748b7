package io.github.codetable.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.example.shop.v1.ShopCode;
import io.github.codetable.jiguang.jverification.v1.ResponseCode;
import io.github.codetable.v1.Fault;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Reading exceptions; what is read of a status is in the vectors. */
class CodesTest {
  private static final CodeTable<ResponseCode> TABLE = CodeTable.of(ResponseCode.class);

  private static StatusRuntimeException received(String name) throws IOException {
    Vector vector = Vector.named(name);
    return new StatusRuntimeException(vector.received(), vector.trailers());
  }

  private static final class Hostile extends RuntimeException {
    private static final long serialVersionUID = 1;

    @Override
    public synchronized Throwable getCause() {
      throw new IllegalStateException("hostile");
    }
  }

  private static final class Endless extends RuntimeException {
    private static final long serialVersionUID = 1;

    @Override
    public synchronized Throwable getCause() {
      return new Endless();
    }
  }

  @Test
  void findsTheErrorInEveryKindOfException() throws IOException {
    StatusRuntimeException thrown = received("code 9003");
    for (Throwable outer :
        List.of(
            thrown,
            new StatusException(thrown.getStatus(), thrown.getTrailers()),
            new CompletionException(new IllegalStateException("context", thrown)))) {
      CodeError error = Codes.from(outer, TABLE).orElseThrow();
      assertEquals(ResponseCode.RESPONSE_CODE_TOKEN_EXPIRED_OR_NOT_EXIST, error.code(TABLE));
      assertEquals(thrown.getStatus().getCode(), error.getStatus().getCode());
    }
    assertSame(thrown, Codes.from(thrown, TABLE).orElseThrow().getCause());
  }

  @Test
  void readsNothingWhereNothingIs() {
    assertEquals(Optional.empty(), Codes.from(null, TABLE));
    assertEquals(Optional.empty(), Codes.from(new IOException("no status"), TABLE));
    assertEquals(Optional.empty(), Codes.from(Status.UNAVAILABLE.asException(), TABLE));
    Metadata garbage = new Metadata();
    garbage.put(Details.KEY, new byte[] {0x0a});
    assertEquals(
        Optional.empty(), Codes.from(new StatusRuntimeException(Status.INTERNAL, garbage), TABLE));
  }

  @Test
  void neverThrowsAndEnds() {
    assertEquals(Optional.empty(), Codes.from(new Hostile(), TABLE));
    assertEquals(Optional.empty(), Codes.from(new Endless(), TABLE));
    Exception first = new Exception();
    Exception second = new Exception(first);
    first.initCause(second);
    assertEquals(Optional.empty(), Codes.from(first, TABLE));
  }

  /** A masked error is read without a table, and its kinds are told apart. */
  @ParameterizedTest
  @CsvSource({
    "masked: Unavailable with a sentence, RETRY_ACTION_SAME_REQUEST",
    "masked: Unavailable for an hour, RETRY_ACTION_NEXT_WINDOW",
    "masked: Internal, RETRY_ACTION_UNSPECIFIED"
  })
  void readsMaskedErrors(String name, String action) throws IOException {
    CodeError error = Codes.from(received(name)).orElseThrow();
    assertTrue(error.masked());
    assertEquals(26, error.requestId().length());
    assertEquals(action, error.retry().action().name());
    assertEquals(ResponseCode.UNRECOGNIZED, error.code(TABLE));
    assertEquals(Fault.FAULT_UNSPECIFIED, error.fault());
    assertTrue(error.getMessage().startsWith("masked [" + error.requestId()), error::getMessage);
  }

  /** A table of a user's own beside JVerification: each reads its own codes. */
  @Test
  void twoTablesSideBySide() throws IOException {
    CodeError ours = Shop.TABLE.error(ShopCode.SHOP_CODE_BUSY);
    StatusRuntimeException theirs = received("code 9003");
    for (CodeError error :
        List.of(
            Codes.from(theirs, TABLE, Shop.TABLE).orElseThrow(),
            Codes.from(theirs, Shop.TABLE, TABLE).orElseThrow())) {
      assertEquals(ResponseCode.RESPONSE_CODE_TOKEN_EXPIRED_OR_NOT_EXIST, error.code(TABLE));
      assertEquals(ShopCode.UNRECOGNIZED, error.code(Shop.TABLE));
    }
    StatusRuntimeException sent =
        new StatusRuntimeException(
            Status.RESOURCE_EXHAUSTED.withDescription("busy"), ours.getTrailers());
    CodeError read = Codes.from(sent, TABLE, Shop.TABLE).orElseThrow();
    assertEquals(ShopCode.SHOP_CODE_BUSY, read.code(Shop.TABLE));
    assertEquals(ResponseCode.UNRECOGNIZED, read.code(TABLE));
    assertEquals(200, read.retry().delay().toMillis());
  }

  @Test
  void aCodeIsPreferredToAMask() throws IOException {
    StatusRuntimeException mask = received("masked: Internal");
    StatusRuntimeException coded = received("code 9003");
    Status outer = mask.getStatus().withCause(coded);
    CodeError error =
        Codes.from(new StatusRuntimeException(outer, mask.getTrailers()), TABLE).orElseThrow();
    assertEquals(9003, error.number().orElseThrow());
  }

  @Test
  void anErrorIsReadAsItself() {
    CodeError error = Shop.TABLE.error(424242);
    assertSame(error, Codes.from(new IllegalStateException(error), TABLE).orElseThrow());
    assertEquals("UNRECOGNIZED_CODE", error.reason());
    assertEquals(Status.Code.UNAVAILABLE, error.getStatus().getCode());
    assertSame(error, Codes.from(error.getStatus().asException(), TABLE).orElseThrow());
  }
}

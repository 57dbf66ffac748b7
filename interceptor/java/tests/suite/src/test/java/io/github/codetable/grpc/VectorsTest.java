package io.github.codetable.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import io.github.codetable.jiguang.jverification.v1.ResponseCode;
import io.github.codetable.jiguang.jverification.v1.VerificationServiceGrpc;
import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("quick")
class VectorsTest {
  private static final CodeTable<ResponseCode> TABLE = CodeTable.of(ResponseCode.class);

  static List<Vector> all() throws IOException {
    return Vector.all();
  }

  static List<Vector> sent() throws IOException {
    return all().stream().filter(vector -> vector.send() != null).toList();
  }

  @ParameterizedTest
  @MethodSource("all")
  void read(Vector vector) {
    Optional<CodeError> error =
        Codes.from(new StatusRuntimeException(vector.received(), vector.trailers()), TABLE);
    assertEquals(
        Optional.ofNullable(vector.reading()),
        error.map(found -> Vector.Reading.of(found, vector.reading().userMessage().keySet())));
  }

  @ParameterizedTest
  @MethodSource("sent")
  void send(Vector vector) throws InvalidProtocolBufferException {
    Answer answer = translator(vector.send()).translate(call(vector.send()), error(vector.send()));
    assertEquals(details(Status.parseFrom(vector.bytes())), details(answer.status()));
    assertEquals(vector.grpcCode(), answer.status().getCode());
    assertEquals(vector.pushback(), answer.allTrailers().get(Answer.PUSHBACK));
  }

  private static Translator translator(Vector.Send send) {
    var builder =
        CodeServerInterceptor.newBuilder(TABLE).detailBudget(send.budget()).ids(send::requestId);
    return (send.isPublic() ? builder.publicBoundary() : builder).translator();
  }

  private static Translator.Call call(Vector.Send send) {
    return new Translator.Call(
        VerificationServiceGrpc.getVerifyNumberMethod(), send.acceptLanguage(), Context.ROOT);
  }

  private static Throwable error(Vector.Send send) {
    if (send.code() == null) {
      return new IllegalStateException("an error without a code");
    }
    CodeErrorBuilder builder = TABLE.newError(send.code()).message(send.message());
    send.metadata().forEach(builder::metadata);
    if (send.retryAfterMs() != null) {
      builder.retryAfter(Duration.ofMillis(send.retryAfterMs()));
    }
    return builder.build();
  }

  /** Returns all parts of a status in a form that does not depend on the order of map entries. */
  private static List<Object> details(Status status) throws InvalidProtocolBufferException {
    List<Object> parts = new ArrayList<>();
    parts.add(status.getCode());
    parts.add(status.getMessage());
    parts.add(status.getSerializedSize());
    for (Any detail : status.getDetailsList()) {
      parts.add(detail.is(ErrorInfo.class) ? detail.unpack(ErrorInfo.class) : detail);
    }
    return parts;
  }
}

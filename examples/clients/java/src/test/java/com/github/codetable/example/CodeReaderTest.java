package com.github.codetable.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import com.google.rpc.LocalizedMessage;
import com.google.rpc.RetryInfo;
import io.github.codetable.jiguang.jverification.v1.ResponseCode;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class CodeReaderTest {
  private static final CodeReader<ResponseCode> READER =
      new CodeReader<>(new CodeTable<>(ResponseCode.class));
  private static final Metadata.Key<byte[]> DETAILS =
      Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);

  static List<Vector> vectors() throws IOException {
    return Vector.all();
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void readsEachVector(Vector vector) throws InvalidProtocolBufferException {
    assertEquals(vector.grpcCode(), vector.parsed().getCode());
    Optional<CodeError<ResponseCode>> error = READER.read(vector.parsed());
    assertEquals(
        Optional.ofNullable(vector.reading()),
        error.map(read -> Vector.Reading.of(read, vector.reading().userMessage().keySet())));
  }

  @ParameterizedTest
  @CsvSource({
    "code 9003, RESPONSE_CODE_TOKEN_EXPIRED_OR_NOT_EXIST",
    "'code 424242, not listed', UNRECOGNIZED",
    "another domain, UNRECOGNIZED",
    "a success code in a failure is refused, UNRECOGNIZED"
  })
  void givesTheConstantOfTheEnum(String name, ResponseCode code) throws IOException {
    Vector vector = Vector.named(name);
    assertEquals(code, READER.read(vector.parsed()).orElseThrow().code());
  }

  /** A status may come in each kind of exception, also as a cause. */
  @Test
  void readsExceptions() throws IOException {
    com.google.rpc.Status status = Vector.named("code 9003").parsed();
    for (Throwable thrown :
        List.of(
            StatusProto.toStatusRuntimeException(status),
            StatusProto.toStatusException(status),
            new IllegalStateException(StatusProto.toStatusRuntimeException(status)))) {
      assertEquals(READER.read(status), READER.read(thrown));
    }
  }

  @Test
  void readsNothingWithoutAnErrorInfo() {
    assertEquals(Optional.empty(), READER.read(new IOException("no status")));
    assertEquals(Optional.empty(), READER.read(Status.UNAVAILABLE.asException()));
  }

  /** grpc-java throws when the details of these are read. */
  @Test
  void ignoresMalformedDetails() {
    Metadata garbage = new Metadata();
    garbage.put(DETAILS, new byte[] {0x0a});
    assertEquals(
        Optional.empty(), READER.read(new StatusRuntimeException(Status.INTERNAL, garbage)));

    Metadata contradiction = new Metadata();
    contradiction.put(DETAILS, com.google.rpc.Status.newBuilder().setCode(3).build().toByteArray());
    assertEquals(
        Optional.empty(), READER.read(new StatusRuntimeException(Status.INTERNAL, contradiction)));
  }

  /** The table has every language; the server sent only one. */
  @Test
  void prefersTheMessageOfTheTable() throws IOException {
    com.google.rpc.Status status = Vector.named("code 9003").parsed();
    LocalizedMessage sent =
        LocalizedMessage.newBuilder().setLocale("fr").setMessage("Le jeton a expiré.").build();
    assertEquals(
        READER.read(status), READER.read(status.toBuilder().addDetails(Any.pack(sent)).build()));
  }

  /** A newer table may have a name for the code. */
  @Test
  void unlistedCodeKeepsTheReasonThatWasSent() {
    assertEquals("NEW_CODE", read("NEW_CODE", Map.of("code", "424242")).reason());
    assertEquals("UNRECOGNIZED_CODE", read("", Map.of("code", "424242")).reason());
    assertEquals(
        "é".repeat(31), read("é".repeat(500), Map.of("code", "424242")).reason(), "63 bytes");
  }

  @Test
  void unknownReasonWithoutANumberIsAnUnlistedCode() {
    CodeError<ResponseCode> error = read("NEW_CODE", Map.of("id", "1"));
    assertTrue(error.known());
    assertEquals(ResponseCode.UNRECOGNIZED, error.code());
    assertEquals(Integer.MIN_VALUE, error.number().orElseThrow());
    assertEquals("NEW_CODE", error.reason());
    assertEquals(Map.of("id", "1"), error.metadata(), "no number was sent");
    assertEquals(Map.of(), read("NEW_CODE", Map.of("code", "x")).metadata());
  }

  private static CodeError<ResponseCode> read(String reason, Map<String, String> metadata) {
    ErrorInfo info =
        ErrorInfo.newBuilder()
            .setReason(reason)
            .setDomain("jverification.jiguang.cn")
            .putAllMetadata(metadata)
            .build();
    return READER
        .read(
            com.google.rpc.Status.newBuilder()
                .setCode(Status.Code.UNKNOWN.value())
                .addDetails(Any.pack(info))
                .build())
        .orElseThrow();
  }

  @ParameterizedTest
  @CsvSource({
    "zh, 验证已过期，请重新开始验证。",
    "fr, The verification has expired. Please start it again.",
    "*, The verification has expired. Please start it again.",
    "'', The verification has expired. Please start it again."
  })
  void languageThatTheTableLacksGetsTheDefaultMessage(String language, String message) {
    CodeError<ResponseCode> error = read("TOKEN_EXPIRED_OR_NOT_EXIST", Map.of());
    assertEquals(message, error.userMessage(language).orElseThrow());
  }

  @ParameterizedTest
  @CsvSource({
    "2, 500000000, PT2.5S",
    "-1, 0, PT0S",
    "-5, 2000000000, PT0S",
    "9223372036854775807, 2147483647, PT87660000H2.147483647S",
    "-9223372036854775808, -2147483648, PT0S"
  })
  void boundsDelays(long seconds, int nanos, Duration delay) {
    RetryInfo.Builder retry = RetryInfo.newBuilder();
    retry.getRetryDelayBuilder().setSeconds(seconds).setNanos(nanos);
    com.google.rpc.Status status =
        com.google.rpc.Status.newBuilder()
            .setCode(Status.Code.INTERNAL.value())
            .addDetails(Any.pack(ErrorInfo.newBuilder().setDomain("example.com").build()))
            .addDetails(Any.pack(retry.build()))
            .build();
    assertEquals(delay, READER.read(status).orElseThrow().retry().delay());
  }
}

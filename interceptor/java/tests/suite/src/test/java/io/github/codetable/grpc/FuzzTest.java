package io.github.codetable.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.DescriptorProtos.EnumOptions;
import com.google.protobuf.DescriptorProtos.EnumValueOptions;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import io.github.codetable.jiguang.jverification.v1.ResponseCode;
import io.github.codetable.jiguang.jverification.v1.VerificationServiceGrpc;
import io.github.codetable.v1.CalendarWindow;
import io.github.codetable.v1.Fault;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Random and changed bytes for everything that reads what another program sent. The cases are the
 * same in every run. {@code CODETABLE_FUZZ_CASES=100000} runs more of each; a failure names the
 * {@code CODETABLE_FUZZ_SEED} of its case.
 */
class FuzzTest {
  private static final CodeTable<ResponseCode> TABLE = CodeTable.of(ResponseCode.class);
  private static final Tables TABLES = Tables.of(TABLE);
  private static final int BUDGET = 4096;
  private static final Set<String> PUBLIC =
      Set.of(Fault.FAULT_CALLER.name(), Fault.FAULT_END_USER.name(), Fault.FAULT_UPSTREAM.name());

  /** One case. */
  private interface Case {
    void run(Hostile hostile) throws Exception;
  }

  private static void check(int cases, Case test) throws IOException {
    long seed = Long.parseLong(System.getenv().getOrDefault("CODETABLE_FUZZ_SEED", "14"));
    String given = System.getenv().getOrDefault("CODETABLE_FUZZ_CASES", "" + cases);
    List<Vector> vectors = Vector.all();
    for (long end = seed + Long.parseLong(given); seed < end; seed++) {
      try {
        test.run(new Hostile(seed, vectors));
      } catch (Throwable failure) {
        throw new AssertionError("CODETABLE_FUZZ_SEED=" + seed + " fails", failure);
      }
    }
  }

  private static Vector.Reading reading(CodeError error) {
    return Vector.Reading.of(error, List.of("", "-", "en", "zh-CN", "*"));
  }

  /** Returns what a program reads, after the checks that hold for every status. */
  private static Optional<Vector.Reading> read(Status status, Metadata trailers, Tables tables) {
    Optional<CodeError> read = StatusReader.read(status, trailers, tables, null);
    Optional<Vector.Reading> facts = read.map(FuzzTest::reading);
    assertEquals(facts, StatusReader.read(status, trailers, tables, null).map(FuzzTest::reading));
    read.ifPresent(error -> check(error, status));
    return facts;
  }

  private static void check(CodeError error, Status status) {
    assertFalse(status.isOk(), "a success has no error");
    assertEquals(status.getCode(), error.getStatus().getCode());
    assertEquals(status.getDescription(), error.getStatus().getDescription());
    assertEquals(1, error.getMessage().lines().count(), "a line for logs");
    CodeSpec<?> spec = error.spec();
    if (spec != null) {
      assertFalse(spec.isSuccess(), spec + " is a success");
      assertEquals(spec.number(), error.number().orElseThrow());
      String number = Integer.toString(spec.number());
      assertEquals(number, error.metadata().getOrDefault(Details.CODE, number));
    }
    if (error.masked()) {
      assertTrue(error.number().isEmpty());
      assertEquals("", error.reason() + error.domain());
      assertTrue(error.metadata().isEmpty());
    }
  }

  private static Optional<Vector.Reading> read(com.google.rpc.Status sent) {
    Status status = Status.fromCodeValue(sent.getCode()).withDescription(sent.getMessage());
    Metadata trailers = new Metadata();
    trailers.put(Details.KEY, sent.toByteArray());
    return read(status, trailers, TABLES);
  }

  /** Returns what is sent of an error, after the checks that hold for all that is sent. */
  private static com.google.rpc.Status send(Throwable error, String language, boolean isPublic) {
    var builder = CodeServerInterceptor.newBuilder(TABLE).detailBudget(BUDGET);
    Translator translator = (isPublic ? builder.publicBoundary() : builder).translator();
    var method = VerificationServiceGrpc.getVerifyNumberMethod();
    Answer answer =
        translator.translate(new Translator.Call(method, language, Context.ROOT), error);
    assertNotEquals(0, answer.status().getCode(), "a failure is sent as a success");
    assertTrue(answer.status().getSerializedSize() <= BUDGET);
    assertTrue(Integer.parseInt(answer.allTrailers().get(Answer.PUSHBACK)) >= -1);
    return answer.status();
  }

  @Test
  void aStatusIsReadAlikeAndNeverAsASuccess() throws IOException {
    check(
        500,
        hostile -> {
          Hostile.Sent sent = hostile.status();
          Status status = sent.status();
          var facts = read(status, sent.trailers(), TABLES);
          var failed = new StatusRuntimeException(status, sent.trailers());
          Optional<CodeError> error = Codes.from(failed, TABLE);
          assertEquals(facts, error.map(FuzzTest::reading));
          error.ifPresent(found -> found.userMessage(hostile.language()));
          if (status.isOk()) {
            return; // the interceptor is not asked
          }
          Status received = CodeClientInterceptor.of(TABLE).receive(status, sent.trailers());
          assertEquals(status.getCode(), received.getCode());
          assertEquals(status.getDescription(), received.getDescription());
          Class<?> cause = facts.isPresent() ? CodeError.class : Received.class;
          assertInstanceOf(cause, received.getCause());
        });
  }

  @Test
  void aReceivedStatusIsSentWithItsCode() throws IOException {
    check(
        300,
        hostile -> {
          Hostile.Sent sent = hostile.status();
          Status status = sent.status();
          var failed = new StatusRuntimeException(status, sent.trailers());
          var inside = send(failed, hostile.language(), false);
          if (!status.isOk()) {
            // An exception in the translator gives INTERNAL.
            assertEquals(status.getCode().value(), inside.getCode());
          }
          var before = read(status, sent.trailers(), TABLES).filter(Vector.Reading::known);
          if (before.isPresent()) {
            Vector.Reading after = read(inside).orElseThrow();
            assertEquals(before.get().code(), after.code());
            assertEquals(before.get().domain(), after.domain());
            assertEquals(before.get().comparable().retry(), after.comparable().retry());
          }
          read(send(failed, hostile.language(), true))
              .filter(Vector.Reading::known)
              .ifPresent(seen -> assertTrue(PUBLIC.contains(seen.fault()), seen.fault()));
        });
  }

  @Test
  void anErrorIsReadAsItWasMade() throws IOException {
    check(
        300,
        hostile -> {
          CodeSpec<ResponseCode> spec = TABLE.spec(hostile.number(TABLE));
          if (spec.isSuccess()) {
            return;
          }
          var builder = TABLE.newError(spec.number()).message(hostile.text(60));
          builder.metadata("id", hostile.text(40)).metadata("request", hostile.text(40));
          builder.metadata(hostile.text(10), hostile.text(40));
          if (hostile.below(50)) {
            builder.retryAfter(hostile.wait(Details.MAX));
          }
          CodeError error = builder.build();
          Vector.Reading got = read(send(error, "", false)).orElseThrow();
          boolean window = error.retry().window() != CalendarWindow.CALENDAR_WINDOW_UNSPECIFIED;
          Vector.Reading made = reading(error);
          if (window) { // its time may pass meanwhile
            assertEquals(made.metadata(), got.metadata());
          }
          assertEquals(window ? made.comparable() : made, window ? got.comparable() : got);
        });
  }

  /** Returns the enum of the table with changed options; empty if they are no message. */
  private static Optional<EnumDescriptor> changed(Hostile hostile) {
    FileDescriptor file = ResponseCode.getDescriptor().getFile();
    FileDescriptorProto.Builder proto = file.toProto().toBuilder();
    var type = proto.getEnumTypeBuilder(ResponseCode.getDescriptor().getIndex());
    var value = hostile.pick(type.getValueBuilderList());
    try {
      byte[] ofType = type.getOptions().toByteArray();
      type.setOptions(EnumOptions.parseFrom(hostile.mutated(ofType)));
      byte[] ofValue = value.getOptions().toByteArray();
      value.setOptions(EnumValueOptions.parseFrom(hostile.mutated(ofValue)));
      FileDescriptor[] others = file.getDependencies().toArray(FileDescriptor[]::new);
      FileDescriptor built = FileDescriptor.buildFrom(proto.build(), others);
      return Optional.of(built.findEnumTypeByName(ResponseCode.getDescriptor().getName()));
    } catch (InvalidProtocolBufferException | DescriptorValidationException refused) {
      return Optional.empty();
    }
  }

  private static Optional<CodeTable<?>> tableOf(EnumDescriptor type) {
    try {
      return Optional.of(CodeTable.of(type));
    } catch (IllegalArgumentException documented) {
      return Optional.empty();
    }
  }

  @Test
  void optionsAreRefusedOrAreATableOfFailures() throws IOException {
    check(
        100,
        hostile -> {
          CodeTable<?> table = changed(hostile).flatMap(FuzzTest::tableOf).orElse(null);
          if (table == null) {
            return;
          }
          int number = hostile.number(table);
          CodeSpec<?> spec = table.spec(number);
          assertTrue(spec.listed() || !spec.isSuccess(), number + " is a success");
          if (spec.isSuccess()) {
            return;
          }
          CodeError error = table.error(number);
          assertFalse(error.getStatus().isOk());
          var got = read(error.getStatus(), error.getTrailers(), Tables.of(table));
          assertEquals(number, got.orElseThrow().code());
        });
  }
}

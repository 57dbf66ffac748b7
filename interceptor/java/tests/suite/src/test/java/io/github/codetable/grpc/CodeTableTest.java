package io.github.codetable.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.example.shop.v1.ShopCode;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumOptions;
import com.google.protobuf.DescriptorProtos.EnumValueOptions;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import io.github.codetable.jiguang.jverification.v1.ResponseCode;
import io.github.codetable.jiguang.jverification.v1.Surface;
import io.github.codetable.v1.Code;
import io.github.codetable.v1.CodetableProto;
import io.github.codetable.v1.GrpcCode;
import io.github.codetable.v1.Table;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CodeTableTest {
  private static final CodeTable<ResponseCode> TABLE = CodeTable.of(ResponseCode.class);

  /** The enum is written from this file, whose last columns are not needed here. */
  @Test
  void specsAreTheRowsOfTheFile() throws IOException {
    String file = Files.readString(Path.of(Programs.path("CODETABLE_CSV")));
    assertEquals(49, TABLE.specs().size());
    for (CodeSpec<ResponseCode> spec : TABLE.specs()) {
      String row =
          file.lines()
              .filter(line -> line.startsWith(spec.number() + ","))
              .findFirst()
              .orElseThrow();
      assertEquals(ResponseCode.forNumber(spec.number()), spec.code());
      assertEquals(Optional.of(spec), TABLE.spec(spec.reason()));
      assertEquals(true, row.contains("," + spec.reason() + "," + spec.statusCode() + ","), row);
      assertEquals(true, row.contains(spec.options().getNotes()), row);
      assertEquals(spec.statusCode() == Status.Code.OK, spec.isSuccess());
    }
  }

  @ParameterizedTest
  @CsvSource({"424242", "-1", "2147483647"})
  void anUnlistedNumberIsKeptAndFails(int number) {
    CodeSpec<ResponseCode> spec = TABLE.spec(number);
    assertEquals(number, spec.number());
    assertEquals(ResponseCode.UNRECOGNIZED, spec.code());
    assertEquals("UNRECOGNIZED_CODE", spec.reason());
    assertEquals(Status.Code.UNKNOWN, spec.statusCode());
    assertEquals(Optional.empty(), TABLE.spec("UNRECOGNIZED_CODE"));
  }

  /** The prefix is the one that buf lint requires. */
  @ParameterizedTest
  @CsvSource({
    "A2AError, A2A_ERROR_BUSY, BUSY",
    "HTTPCode, HTTP_CODE_BUSY, BUSY",
    "IPv4Code, I_PV4_CODE_BUSY, BUSY",
    "Code2, CODE2_BUSY, BUSY",
    "ResponseCode, OTHER_BUSY, OTHER_BUSY"
  })
  void aReasonHasNoEnumPrefix(String type, String name, String reason) throws Exception {
    assertEquals(reason, CodeTable.of(made(type, name)).spec(1).reason());
  }

  /** An enum that is known at run time only, whose options nobody has parsed. */
  @Test
  void aDescriptorIsATableToo() throws Exception {
    CodeTable<EnumValueDescriptor> table = CodeTable.of(made("Acme", "ACME_SOLD_OUT"));
    CodeError error = table.error(1);
    assertEquals("acme.example.com", error.domain());
    assertEquals("SOLD_OUT", error.reason());
    assertEquals(Status.Code.NOT_FOUND, error.getStatus().getCode());
    assertEquals("ACME_SOLD_OUT", error.code(table).getName());
    assertNull(table.error(2).code(table));
    assertEquals(Duration.ofHours(1), table.untilNext(window("HOUR"), at("2026-01-31T15:00:00Z")));
  }

  private static EnumDescriptor made(String type, String name)
      throws DescriptorValidationException, InvalidProtocolBufferException {
    Table table =
        Table.newBuilder().setDomain("acme.example.com").setTimeZone("Asia/Shanghai").build();
    Code code = Code.newBuilder().setGrpcCode(GrpcCode.GRPC_CODE_NOT_FOUND).build();
    var made = EnumDescriptorProto.newBuilder().setName(type);
    made.setOptions(EnumOptions.newBuilder().setExtension(CodetableProto.table, table));
    made.addValueBuilder()
        .setName(name)
        .setNumber(1)
        .setOptions(EnumValueOptions.newBuilder().setExtension(CodetableProto.code, code));
    var file = FileDescriptorProto.newBuilder().setName("acme.proto").addEnumType(made).build();
    return FileDescriptor.buildFrom(
            FileDescriptorProto.parseFrom(file.toByteString()), new FileDescriptor[0])
        .getEnumTypes()
        .get(0);
  }

  /** Days and hours are those of the table's time zone. */
  @ParameterizedTest
  @CsvSource({
    "6005, 2026-01-31T15:59:59.5Z, PT1S",
    "6005, 2026-01-31T15:00:00Z, PT1H",
    "9006, 2026-01-31T15:30:00Z, PT30M",
    "9006, 2026-01-31T16:00:00Z, PT24H",
    "9007, 2026-01-31T16:00:01Z, PT23H59M59S",
    "9005, 2026-01-31T16:00:01Z, PT30S"
  })
  void theDelayIsTheTimeLeft(int code, String now, Duration left) {
    assertEquals(left, TABLE.newError(code).clock(at(now)).build().retry().delay());
  }

  private static Clock at(String now) {
    return Clock.fixed(Instant.parse(now), ZoneOffset.UTC);
  }

  private static io.github.codetable.v1.CalendarWindow window(String name) {
    return io.github.codetable.v1.CalendarWindow.valueOf("CALENDAR_WINDOW_" + name);
  }

  @Test
  void aReasonMayBeStated() {
    assertEquals(18, Shop.TABLE.spec("TOO_BUSY").orElseThrow().number());
    assertEquals(Optional.empty(), Shop.TABLE.spec("BUSY"));
  }

  /** A sentence of the code replaces that of the table in its own language only. */
  @Test
  void theTableHasSentencesInOtherLanguages() {
    CodeSpec<ShopCode> spec = Shop.TABLE.spec(17);
    assertEquals("Der Artikel ist ausverkauft.", spec.userMessage("de"));
    assertEquals("The shop is closed.", spec.userMessage("en"));
    assertEquals("The shop is closed.", spec.userMessage("fr"));
    assertEquals("", Shop.TABLE.spec(0).userMessage("en"));
  }

  /** A handler that fails with a success has a bug, which the caller must not see. */
  @Test
  void aSuccessIsNoError() {
    assertThrows(IllegalArgumentException.class, () -> TABLE.error(9000));
    assertThrows(IllegalArgumentException.class, () -> Shop.TABLE.error(ShopCode.SHOP_CODE_OK));
    assertThrows(IllegalArgumentException.class, () -> Shop.TABLE.error(ShopCode.UNRECOGNIZED));
  }

  @Test
  void anEnumWithoutOptionsIsNoTable() {
    assertThrows(IllegalArgumentException.class, () -> CodeTable.of(Surface.class));
  }
}

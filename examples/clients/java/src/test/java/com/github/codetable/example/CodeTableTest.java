package com.github.codetable.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumValueOptions;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import io.github.codetable.jiguang.jverification.v1.ResponseCode;
import io.github.codetable.jiguang.jverification.v1.Surface;
import io.github.codetable.v1.Code;
import io.github.codetable.v1.CodetableProto;
import io.grpc.Status;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class CodeTableTest {
  private static final CodeTable<ResponseCode> TABLE = new CodeTable<>(ResponseCode.class);

  /** protobuf-java must parse the options with our extensions, not as unknown fields. */
  @ParameterizedTest
  @EnumSource(names = "UNRECOGNIZED", mode = EnumSource.Mode.EXCLUDE)
  void generatedDescriptorHoldsTheOptions(ResponseCode code) {
    var options = code.getValueDescriptor().getOptions();
    assertTrue(options.hasExtension(CodetableProto.code));
    assertTrue(options.getUnknownFields().asMap().isEmpty());
    assertTrue(options.getExtension(CodetableProto.code).hasGrpcCode());
  }

  /** The enum is written from this file. */
  @ParameterizedTest
  @CsvFileSource(
      files = "../../../proto/jiguang/jverification/v1/testdata/response_codes.csv",
      numLinesToSkip = 1,
      emptyValue = "")
  void entryIsTheRowOfTheFile(
      int number, String description, String notes, String reason, Status.Code status) {
    CodeTable.Entry<ResponseCode> entry = TABLE.entry(number);
    assertEquals(ResponseCode.forNumber(number), entry.code());
    assertEquals(reason, entry.reason());
    assertEquals(description, entry.options().getDescription());
    assertEquals(notes, entry.options().getNotes());
    assertEquals(status, entry.status());
    assertEquals(status == Status.Code.OK, entry.isSuccess());
    assertEquals(Optional.of(entry), TABLE.entry(reason));
  }

  @Test
  void listsFortyNineCodes() {
    assertEquals(49, TABLE.entries().size());
  }

  @ParameterizedTest
  @CsvSource({"424242", "-1", "2147483647"})
  void unlistedNumberIsKeptAndFails(int number) {
    CodeTable.Entry<ResponseCode> entry = TABLE.entry(number);
    assertEquals(number, entry.number());
    assertEquals(ResponseCode.UNRECOGNIZED, entry.code());
    assertEquals("UNRECOGNIZED_CODE", entry.reason());
    assertEquals(Status.Code.UNKNOWN, entry.status());
    assertEquals(Optional.empty(), TABLE.entry("UNRECOGNIZED_CODE"));
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
  void reasonHasNoEnumPrefix(String type, String name, String reason) throws Exception {
    assertEquals(reason, CodeTable.reason(value(type, name, Code.getDefaultInstance())));
  }

  @Test
  void statedReasonIsTheReason() throws Exception {
    Code code = Code.newBuilder().setReason("SOLD_OUT").build();
    assertEquals("SOLD_OUT", CodeTable.reason(value("Acme", "ACME_E17", code)));
  }

  private static EnumValueDescriptor value(String type, String name, Code code)
      throws DescriptorValidationException {
    var enumType = EnumDescriptorProto.newBuilder().setName(type);
    enumType
        .addValueBuilder()
        .setName(name)
        .setNumber(1)
        .setOptions(EnumValueOptions.newBuilder().setExtension(CodetableProto.code, code));
    var file = FileDescriptorProto.newBuilder().setName("acme.proto").addEnumType(enumType).build();
    return FileDescriptor.buildFrom(file, new FileDescriptor[0])
        .getEnumTypes()
        .get(0)
        .getValues()
        .get(0);
  }

  /** A message of the code replaces that of the table in its own language only. */
  @Test
  void messageOfTheTableReplacesAMissingOneInEachLanguage() {
    Map<String, String> general = TABLE.userMessages(TABLE.entry(424242));
    Code code = Code.newBuilder().putUserMessages("en", "Sold out.").build();
    var entry = new CodeTable.Entry<>(ResponseCode.UNRECOGNIZED, 17, "SOLD_OUT", true, code);
    assertEquals(
        Map.of("en", "Sold out.", "zh-CN", general.get("zh-CN")), TABLE.userMessages(entry));
    assertEquals("en", TABLE.defaultLocale());
  }

  @Test
  void refusesAnEnumWithoutOptions() {
    assertThrows(IllegalArgumentException.class, () -> new CodeTable<>(Surface.class));
  }
}

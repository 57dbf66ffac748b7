package com.github.codetable.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.codetable.jverification.v1.ResponseCode;
import com.github.codetable.jverification.v1.Surface;
import com.github.codetable.v1.CodetableProto;
import io.grpc.Status;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class CodeTableTest {
  private static final CodeTable<ResponseCode> TABLE = new CodeTable<>(ResponseCode.class);

  /** protobuf-java must have parsed the options with our extensions, not kept unknown fields. */
  @ParameterizedTest
  @EnumSource(names = "UNRECOGNIZED", mode = EnumSource.Mode.EXCLUDE)
  void generatedDescriptorHoldsTheOptions(ResponseCode code) {
    var options = code.getValueDescriptor().getOptions();
    assertTrue(options.hasExtension(CodetableProto.code));
    assertTrue(options.getUnknownFields().asMap().isEmpty());
    assertTrue(options.getExtension(CodetableProto.code).hasGrpcCode());
  }

  /** The file is the table as it was decided by hand. */
  @ParameterizedTest
  @CsvFileSource(
      files = "../../proto/jiguang/jverification/v1/testdata/response_codes.csv",
      numLinesToSkip = 1,
      emptyValue = "")
  void entryIsTheRowThatWasDecided(
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

  @Test
  void refusesAnEnumThatIsNoTable() {
    assertThrows(IllegalArgumentException.class, () -> new CodeTable<>(Surface.class));
  }
}

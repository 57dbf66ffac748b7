package io.github.codetable.grpc;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Message;
import io.grpc.Metadata;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The tests run with the versions that the build names, not with others that Maven selects. */
@Tag("quick")
class VersionsTest {
  @ParameterizedTest
  @CsvSource({"codetable.grpc", "codetable.protobuf"})
  void areThoseOfTheBuild(String property) {
    Class<?> type = property.equals("codetable.grpc") ? Metadata.class : Message.class;
    String jar = type.getProtectionDomain().getCodeSource().getLocation().getPath();
    assertTrue(jar.endsWith("-" + System.getProperty(property) + ".jar"), jar);
  }
}

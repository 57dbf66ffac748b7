package io.github.codetable.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.example.Client;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs the client of examples/clients/java. */
class ClientProgramTest {
  @AutoClose private static Gateway gateway;

  @BeforeAll
  static void start() throws IOException {
    gateway = new Gateway();
  }

  private static String run(String token) {
    ByteArrayOutputStream shown = new ByteArrayOutputStream();
    PrintStream out = System.out;
    System.setOut(new PrintStream(shown, true, StandardCharsets.UTF_8));
    try {
      Client.main(new String[] {gateway.address(), token});
    } finally {
      System.setOut(out);
    }
    return shown.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
  }

  @ParameterizedTest
  @CsvSource({
    "code-9000, verified: true",
    "code-9001, verified: false",
    "code-9001, 9001 VERIFY_NOT_CONSISTENT FAULT_END_USER",
    "code-9003, have the SDK make another token",
    "code-9003, 9003 TOKEN_EXPIRED_OR_NOT_EXIST FAULT_END_USER",
    "code-9003, 验证已过期，请重新开始验证。",
    "code-9018, 服务暂时不可用，请稍后再试。",
    "then-success-1804-java-client, verified: true"
  })
  void shows(String token, String text) {
    String shown = run(token);
    assertTrue(shown.contains(text), shown);
  }

  @Test
  void showsTheRequestIdOfAMask() {
    String shown = run("code-9018");
    assertTrue(shown.matches("(?s).*\nmasked [A-Z2-7]{26} FAULT_UNSPECIFIED Retry.*"), shown);
    assertEquals(2, shown.lines().count(), shown);
  }
}

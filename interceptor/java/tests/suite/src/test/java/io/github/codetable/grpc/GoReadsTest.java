package io.github.codetable.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.grpc.Server;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A Go program calls a server of this library for each code, and compares it with one in Go. */
class GoReadsTest {
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void everyCodeIsSentAsByGo(boolean isPublic) throws Exception {
    var builder = CodeServerInterceptor.newBuilder(Verification.TABLE);
    Server server =
        Verification.start(isPublic ? builder.publicBoundary().build() : builder.build());
    try {
      List<String> command = new ArrayList<>();
      command.add(Programs.path("CODETABLE_INSPECT"));
      command.addAll(List.of("-addr", "127.0.0.1:" + server.getPort()));
      if (isPublic) {
        command.add("-public");
      }
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      List<String> lines = process.inputReader().lines().toList();
      assertEquals(true, process.waitFor(60, TimeUnit.SECONDS));
      assertEquals(0, process.exitValue(), () -> String.join("\n", lines));
      assertEquals(49 + Forced.UNLISTED.length, lines.size());
    } finally {
      server.shutdownNow();
    }
  }
}

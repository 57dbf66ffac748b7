package com.github.codetable.example;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** The Go programs that the tests run. */
final class Programs {
  private Programs() {}

  static String path(String variable) {
    String path = System.getenv(variable);
    if (path == null) {
      throw new IllegalStateException("set " + variable + ", as make test does");
    }
    return path;
  }

  /** What the Go client shows of one call of VerifyNumber. */
  static String inspect(String address, String token, String locale)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                path("CODETABLE_INSPECT"), "-addr", address, "-token", token, "-locale", locale)
            .redirectErrorStream(true)
            .start();
    // It gives a call up after ten seconds.
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IllegalStateException("inspect does not end");
    }
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }
}

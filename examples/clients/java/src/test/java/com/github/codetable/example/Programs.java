package com.github.codetable.example;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** Runs Go programs. */
final class Programs {
  private Programs() {}

  static String path(String variable) {
    String path = System.getenv(variable);
    if (path == null) {
      throw new IllegalStateException("set " + variable + " to a path, as make test does");
    }
    return path;
  }

  /** Returns what the Go client prints for one call of VerifyNumber. */
  static String inspect(String address, String token, String locale)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                path("CODETABLE_INSPECT"), "-addr", address, "-token", token, "-locale", locale)
            .redirectErrorStream(true)
            .start();
    // The client ends a call after ten seconds.
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IllegalStateException("the Go client did not end in 30 seconds");
    }
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }
}

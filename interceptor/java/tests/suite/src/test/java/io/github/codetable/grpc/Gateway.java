package io.github.codetable.grpc;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannelBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A gateway process with a simulated upstream. */
final class Gateway implements AutoCloseable {
  private static final Pattern LISTENING =
      Pattern.compile("msg=\"gateway is listening\" address=(\\S+)");

  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final CompletableFuture<String> address = new CompletableFuture<>();
  private final CompletableFuture<List<String>> log;
  private final Process process;

  /**
   * Starts a gateway.
   *
   * @param flags such as {@code -internal}, which shows the faults of the operator
   */
  Gateway(String... flags) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Programs.path("CODETABLE_GATEWAY"));
    command.addAll(List.of("-simulate", "-addr", "127.0.0.1:0"));
    command.addAll(List.of(flags));
    process = new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    log = CompletableFuture.supplyAsync(this::readLog);
  }

  /** Returns a channel to the gateway, once it listens. The caller shuts it down. */
  ManagedChannelBuilder<?> channel() {
    return Grpc.newChannelBuilder(address(), InsecureChannelCredentials.create());
  }

  String address() {
    return address.orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS).join();
  }

  /** Ends the process and returns the log lines of the calls of a method. */
  List<String> stopAndListCalls(String method) {
    close();
    return log.join().stream()
        .filter(line -> line.contains("msg=\"finished call\""))
        .filter(line -> line.contains("grpc.method=" + method + " "))
        .toList();
  }

  @Override
  public void close() {
    // Process.destroy would close the stream before the log is read.
    process.toHandle().destroy();
    try {
      process.onExit().orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS).join();
    } finally {
      process.destroyForcibly();
    }
  }

  private List<String> readLog() {
    try (BufferedReader reader = process.errorReader()) {
      List<String> lines = reader.lines().peek(this::findAddress).toList();
      address.completeExceptionally(new IllegalStateException("gateway: " + lines));
      return lines;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void findAddress(String line) {
    Matcher matcher = LISTENING.matcher(line);
    if (matcher.find()) {
      address.complete(matcher.group(1));
    }
  }
}

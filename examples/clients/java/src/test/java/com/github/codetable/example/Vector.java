package com.github.codetable.example;

import com.google.gson.Gson;
import com.google.gson.annotations.SerializedName;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.Status;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A serialized status, and what each language must read from it. */
record Vector(
    String name, String status, @SerializedName("grpc_code") int grpcCode, Reading reading) {
  private static final Path FILE =
      Path.of("../../../proto/jiguang/jverification/v1/testdata/vectors.json");

  /** What must be read; null if nothing is. */
  record Reading(
      boolean known,
      Integer code,
      String reason,
      String domain,
      String fault,
      Retry retry,
      Map<String, String> metadata,
      @SerializedName("user_message") Map<String, String> userMessage) {

    /** Returns an error in the form of the vectors, with the messages of some languages. */
    static Reading of(CodeError<?> error, Iterable<String> languages) {
      Map<String, String> messages = new HashMap<>();
      languages.forEach(tag -> messages.put(tag, error.userMessage(tag).orElse("")));
      return new Reading(
          error.known(),
          error.number().isPresent() ? error.number().getAsInt() : null,
          error.reason(),
          error.domain(),
          error.fault().name(),
          new Retry(
              error.retry().action().name(),
              error.retry().delay().toMillis(),
              error.retry().window().name()),
          error.metadata(),
          messages);
    }

    Reading withDelay(long delayMs) {
      Retry delayed = new Retry(retry.action, delayMs, retry.window);
      return new Reading(known, code, reason, domain, fault, delayed, metadata, userMessage);
    }

    Reading withoutMetadata(String key) {
      Map<String, String> rest = new HashMap<>(metadata);
      rest.remove(key);
      return new Reading(known, code, reason, domain, fault, retry, rest, userMessage);
    }
  }

  record Retry(String action, @SerializedName("delay_ms") long delayMs, String window) {}

  static List<Vector> all() throws IOException {
    try (Reader reader = Files.newBufferedReader(FILE)) {
      return Stream.of(new Gson().fromJson(reader, Vector[].class))
          .filter(vector -> vector.name.matches("(code|option|language|budget|foreign|large)\\b.*"))
          .toList();
    }
  }

  static Vector named(String name) throws IOException {
    return all().stream().filter(vector -> vector.name.equals(name)).findFirst().orElseThrow();
  }

  Status parsed() throws InvalidProtocolBufferException {
    return Status.parseFrom(Base64.getDecoder().decode(status));
  }

  @Override
  public String toString() {
    return name;
  }
}

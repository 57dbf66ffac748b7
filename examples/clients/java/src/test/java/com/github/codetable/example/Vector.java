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

/** A serialized status, and what a reader in any language makes of it. */
record Vector(
    String name, String status, @SerializedName("grpc_code") int grpcCode, Reading reading) {
  private static final Path FILE =
      Path.of("../../../proto/jiguang/jverification/v1/testdata/vectors.json");

  /** Null in a vector that holds no code. */
  record Reading(
      boolean known,
      Integer code,
      String reason,
      String domain,
      String fault,
      Retry retry,
      Map<String, String> metadata,
      @SerializedName("user_message") Map<String, String> userMessage) {

    /** A failure in the form of the vectors, with the sentences for the given languages. */
    static Reading of(Failure<?> failure, Iterable<String> languages) {
      Map<String, String> sentences = new HashMap<>();
      languages.forEach(tag -> sentences.put(tag, failure.userMessage(tag).orElse("")));
      return new Reading(
          failure.known(),
          failure.number().isPresent() ? failure.number().getAsInt() : null,
          failure.reason(),
          failure.domain(),
          failure.fault().name(),
          new Retry(
              failure.retry().action().name(),
              failure.retry().delay().toMillis(),
              failure.retry().window().name()),
          failure.metadata(),
          sentences);
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
      return List.of(new Gson().fromJson(reader, Vector[].class));
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

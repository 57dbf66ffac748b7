package io.github.codetable.grpc;

import com.google.gson.Gson;
import com.google.gson.annotations.SerializedName;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A status that is read, or that a server sends. Every language checks the same ones. */
record Vector(
    String name,
    String status,
    @SerializedName("grpc_code") int grpcCode,
    Reading reading,
    Send send,
    String pushback) {

  /** What must be read. */
  record Reading(
      boolean known,
      Integer code,
      String reason,
      String domain,
      String fault,
      Advice retry,
      Map<String, String> metadata,
      @SerializedName("user_message") Map<String, String> userMessage,
      boolean masked,
      @SerializedName("request_id") String requestId) {

    /** Returns an error in this form, with its sentences for some languages. */
    static Reading of(CodeError error, Iterable<String> languages) {
      Map<String, String> sentences = new HashMap<>();
      languages.forEach(tag -> sentences.put(tag, error.userMessage(tag)));
      return new Reading(
          error.spec() != null,
          error.number().isPresent() ? error.number().getAsInt() : null,
          error.reason(),
          error.domain(),
          error.fault().name(),
          new Advice(
              error.retry().action().name(),
              error.retry().delay().toMillis(),
              error.retry().window().name()),
          error.metadata(),
          sentences,
          error.masked(),
          error.requestId());
    }

    /** Returns the reading without what changes from call to call. */
    Reading comparable() {
      Map<String, String> rest = new HashMap<>(metadata);
      rest.remove("id");
      boolean waits = !retry.window.equals("CALENDAR_WINDOW_UNSPECIFIED");
      Advice advice = waits ? new Advice(retry.action, -1, retry.window) : retry;
      return new Reading(
          known, code, reason, domain, fault, advice, rest, userMessage, masked, requestId);
    }
  }

  /** The advice of a reading. */
  record Advice(String action, @SerializedName("delay_ms") long delayMs, String window) {}

  /** What a server is given. */
  record Send(
      Integer code,
      String message,
      Map<String, String> metadata,
      @SerializedName("retry_after_ms") Long retryAfterMs,
      @SerializedName("accept_language") String acceptLanguage,
      @SerializedName("public") boolean isPublic,
      int budget,
      @SerializedName("request_id") String requestId) {}

  static List<Vector> all() throws IOException {
    try (Reader reader = Files.newBufferedReader(Path.of(Programs.path("CODETABLE_VECTORS")))) {
      return List.of(new Gson().fromJson(reader, Vector[].class));
    }
  }

  static Vector named(String name) throws IOException {
    return all().stream().filter(vector -> vector.name.equals(name)).findFirst().orElseThrow();
  }

  byte[] bytes() {
    return Base64.getDecoder().decode(status);
  }

  /** Returns the status of a call that failed with this one. */
  Status received() {
    return Status.fromCodeValue(grpcCode).withDescription("as sent");
  }

  Metadata trailers() {
    Metadata trailers = new Metadata();
    trailers.put(Details.KEY, bytes());
    return trailers;
  }

  @Override
  public String toString() {
    return name;
  }
}

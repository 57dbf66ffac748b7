package io.github.codetable.grpc;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import com.google.rpc.LocalizedMessage;
import com.google.rpc.RequestInfo;
import com.google.rpc.RetryInfo;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Makes what no program of good will sends. One seed always makes the same. */
final class Hostile {
  private static final List<String> NAMES =
      List.of("google.rpc.ErrorInfo", "x/google.rpc.RetryInfo", "/", "google.rpc.Help", "");
  private static final List<String> DOMAINS =
      List.of("jverification.jiguang.cn", "orders.acme.example", "");
  private static final List<String> REASONS =
      List.of("", "AUTH_FAILED", "INTERNAL_ERROR", "UNRECOGNIZED_CODE");
  private static final List<String> NUMBERS =
      List.of("9004", "1804", "9000", "0", "+9004", "-1", "2147483648", "", " 1", "９");

  private final Random random;
  private final List<Vector> vectors;

  Hostile(long seed, List<Vector> vectors) {
    this.random = new Random(seed);
    this.vectors = vectors;
  }

  /** A status as it arrives. */
  record Sent(int code, String message, byte[] details) {
    Status status() {
      return Status.fromCodeValue(code).withDescription(message);
    }

    Metadata trailers() {
      Metadata trailers = new Metadata();
      trailers.put(Details.KEY, details);
      return trailers;
    }

    @Override
    public String toString() {
      return code + " " + Base64.getEncoder().encodeToString(details);
    }
  }

  /** Returns a status, in most cases with the gRPC code that is in its details. */
  Sent status() {
    byte[] details =
        switch (random.nextInt(9)) {
          case 0 -> bytes(64);
          case 1, 2, 3, 4 -> built();
          default -> mutated(pick(vectors).bytes());
        };
    int code = below(10) ? random.nextInt(18) : code(details);
    return new Sent(code, text(40), details);
  }

  private static int code(byte[] details) {
    try {
      return com.google.rpc.Status.parseFrom(details).getCode();
    } catch (InvalidProtocolBufferException malformed) {
      return Status.Code.UNKNOWN.value();
    }
  }

  private byte[] built() {
    var status = com.google.rpc.Status.newBuilder().setCode(random.nextInt(18));
    status.setMessage(Texts.clean(text(80)));
    IntStream.range(0, random.nextInt(6)).forEach(i -> status.addDetails(detail()));
    return status.build().toByteArray();
  }

  private Any detail() {
    return switch (random.nextInt(9)) {
      case 0 -> Any.pack(RequestInfo.newBuilder().setRequestId(Texts.clean(text(40))).build());
      case 1 -> Any.pack(RetryInfo.newBuilder().setRetryDelay(delay()).build());
      case 2 -> Any.pack(sentence());
      case 3, 4 ->
          Any.newBuilder()
              .setTypeUrl(below(50) ? pick(NAMES) : Texts.clean(text(40)))
              .setValue(ByteString.copyFrom(bytes(2000)))
              .build();
      default -> Any.pack(info());
    };
  }

  private Duration delay() {
    return Duration.newBuilder().setSeconds(random.nextLong()).setNanos(random.nextInt()).build();
  }

  private LocalizedMessage sentence() {
    String locale = below(50) ? language() : Texts.clean(text(12));
    return LocalizedMessage.newBuilder()
        .setLocale(locale)
        .setMessage(Texts.clean(text(200)))
        .build();
  }

  private ErrorInfo info() {
    var info = ErrorInfo.newBuilder();
    info.setDomain(below(15) ? Texts.clean(text(300)) : pick(DOMAINS));
    info.setReason(below(50) ? Texts.clean(text(80)) : pick(REASONS));
    for (int i = random.nextInt(8); i > 0; i--) {
      info.putMetadata(Texts.clean(text(8)), Texts.clean(text(400)));
    }
    if (below(70)) {
      info.putMetadata(
          Details.CODE, below(50) ? pick(NUMBERS) : Integer.toString(random.nextInt()));
    }
    return info.build();
  }

  /** Changes bytes in up to three places. */
  byte[] mutated(byte[] original) {
    byte[] bytes = original.clone();
    for (int i = random.nextInt(4); i > 0; i--) {
      bytes = mutatedOnce(bytes);
    }
    return bytes;
  }

  private byte[] mutatedOnce(byte[] bytes) {
    int at = random.nextInt(bytes.length + 1);
    byte[] head = Arrays.copyOf(bytes, at);
    byte[] tail = Arrays.copyOfRange(bytes, at, bytes.length);
    switch (random.nextInt(8)) {
      case 0 -> {
        return head;
      }
      case 1 -> {
        byte[] other = pick(vectors).bytes();
        return join(head, Arrays.copyOfRange(other, Math.min(at, other.length), other.length));
      }
      case 2, 3 -> {
        return join(head, join(bytes(8), tail));
      }
      default -> {
        if (tail.length > 0) {
          tail[0] = (byte) random.nextInt();
        }
        return join(head, tail);
      }
    }
  }

  private static byte[] join(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private byte[] bytes(int limit) {
    byte[] bytes = new byte[random.nextInt(limit)];
    random.nextBytes(bytes);
    return bytes;
  }

  /** Returns a text of fewer characters than a limit, also with surrogates without a partner. */
  String text(int limit) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(limit); i > 0; i--) {
      switch (random.nextInt(8)) {
        case 0 -> text.append((char) random.nextInt(0x10000));
        case 1 -> text.appendCodePoint(random.nextInt(Character.MAX_CODE_POINT + 1));
        default -> text.append((char) (' ' + random.nextInt(95)));
      }
    }
    return text.toString();
  }

  /** Returns a list of languages, or what is almost one. */
  String language() {
    String characters = "enzhCNabcX-_,;q=0.9*  1";
    StringBuilder list = new StringBuilder(pick(List.of("", "zh-CN", "en", "accept-language:")));
    for (int i = random.nextInt(below(10) ? 600 : 30); i > 0; i--) {
      list.append(characters.charAt(random.nextInt(characters.length())));
    }
    return list.toString();
  }

  /** Returns a number, in half of the cases one of a table. */
  int number(CodeTable<?> table) {
    return below(50) ? random.nextInt() : pick(List.copyOf(table.specs())).number();
  }

  /** Returns a delay of any length. */
  java.time.Duration wait(java.time.Duration most) {
    long seconds = random.nextLong(most.getSeconds() >> random.nextInt(32));
    return java.time.Duration.ofSeconds(seconds, random.nextInt(1_000_000_000));
  }

  /** Returns true in a percentage of the cases. */
  boolean below(int percent) {
    return random.nextInt(100) < percent;
  }

  <T> T pick(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }
}

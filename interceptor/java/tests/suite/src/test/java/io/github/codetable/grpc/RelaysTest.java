package io.github.codetable.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.Gson;
import com.google.gson.annotations.SerializedName;
import io.github.codetable.jiguang.jverification.v1.ResponseCode;
import io.github.codetable.jiguang.jverification.v1.VerificationServiceGrpc;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a server sends whose handler fails with the error of a call to another server. */
class RelaysTest {
  private static final CodeTable<ResponseCode> TABLE = CodeTable.of(ResponseCode.class);

  record Relay(
      String name,
      String received,
      @SerializedName("received_grpc_code") int receivedGrpcCode,
      @SerializedName("public") boolean isPublic,
      @SerializedName("accept_language") String acceptLanguage,
      @SerializedName("request_id") String requestId,
      String status,
      @SerializedName("grpc_code") int grpcCode,
      String pushback) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Relay> all() throws IOException {
    try (Reader reader = Files.newBufferedReader(Path.of(Programs.path("CODETABLE_RELAYS")))) {
      return List.of(new Gson().fromJson(reader, Relay[].class));
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void send(Relay relay) throws IOException {
    byte[] bytes = Base64.getDecoder().decode(relay.received());
    Metadata trailers = new Metadata();
    trailers.put(Details.KEY, bytes);
    Status received =
        Status.fromCodeValue(relay.receivedGrpcCode())
            .withDescription(com.google.rpc.Status.parseFrom(bytes).getMessage());
    Status marked = CodeClientInterceptor.of(TABLE).receive(received, trailers);
    var builder = CodeServerInterceptor.newBuilder(TABLE).ids(relay::requestId);
    Translator translator = (relay.isPublic() ? builder.publicBoundary() : builder).translator();
    Answer answer =
        translator.translate(
            new Translator.Call(
                VerificationServiceGrpc.getVerifyNumberMethod(),
                relay.acceptLanguage(),
                Context.ROOT),
            marked.asRuntimeException(trailers));
    com.google.rpc.Status want =
        com.google.rpc.Status.parseFrom(Base64.getDecoder().decode(relay.status()));
    assertEquals(want, answer.status());
    assertEquals(relay.grpcCode(), answer.status().getCode());
    assertEquals(relay.pushback(), answer.allTrailers().get(Answer.PUSHBACK));
  }
}

package io.github.codetable.grpc;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Sends the errors of handlers, of all kinds of calls, whether they are thrown or given to {@code
 * onError}:
 *
 * <ul>
 *   <li>a {@link CodeError}, also as a cause, by its table. One that came from another server is
 *       sent with all its details;
 *   <li>another gRPC status unchanged, with the text that the handler gave it;
 *   <li>any other exception as INTERNAL with a fixed text and a request id. Its text is never sent.
 * </ul>
 *
 * <p>Every failure has the trailer {@code grpc-retry-pushback-ms}, which gRPC's own retry obeys:
 * the delay if the same request may be sent again, else -1. It counts only if no headers were sent.
 */
public final class CodeServerInterceptor implements ServerInterceptor {
  private static final int DEFAULT_BUDGET = 4096;
  private static final int MIN_BUDGET = 1024;

  // The second is the name that grpc-gateway uses.
  private static final List<Metadata.Key<String>> LANGUAGES =
      Stream.of("accept-language", "grpcgateway-accept-language")
          .map(name -> Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER))
          .toList();

  private final Translator translator;

  private CodeServerInterceptor(Translator translator) {
    this.translator = translator;
  }

  /** Returns an interceptor for a server that no stranger can call. */
  public static CodeServerInterceptor of(CodeTable<?>... tables) {
    return newBuilder(tables).build();
  }

  /**
   * Returns a builder of an interceptor.
   *
   * @param tables the tables of this server and of the servers that it calls. A public boundary
   *     identifies codes by them
   */
  public static Builder newBuilder(CodeTable<?>... tables) {
    return new Builder(Tables.of(tables));
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    var info =
        new Translator.Call(call.getMethodDescriptor(), languages(headers), Context.current());
    TranslatingCall<Q, R> translating = new TranslatingCall<>(call, translator, info);
    return translating.guard(next, headers);
  }

  private static String languages(Metadata headers) {
    return LANGUAGES.stream()
        .map(headers::getAll)
        .filter(Objects::nonNull)
        .findFirst()
        .map(
            values ->
                StreamSupport.stream(values.spliterator(), false).collect(Collectors.joining(",")))
        .orElse("");
  }

  /** Builds a {@link CodeServerInterceptor}. */
  public static final class Builder {
    private final Tables tables;
    private final List<Consumer<CodeEvent>> observers = new ArrayList<>();
    private boolean publicBoundary;
    private int budget = DEFAULT_BUDGET;
    private Supplier<String> ids = Mask::randomId;

    Builder(Tables tables) {
      this.tables = tables;
    }

    /**
     * Masks what strangers must not see: faults of the operator and unknown ones, statuses of other
     * servers, and the text of statuses that blame the server. Use it on every server that
     * strangers can call, with a {@link CodeClientInterceptor} on its connections. Default: off.
     */
    public Builder publicBoundary() {
      publicBoundary = true;
      return this;
    }

    /**
     * Limits the size of the serialized {@code google.rpc.Status}, which is shortened to fit.
     * Default: 4096. Minimum: 1024.
     */
    public Builder detailBudget(int bytes) {
      budget = Math.max(bytes, MIN_BUDGET);
      return this;
    }

    /** Adds an observer of failed calls. An exception of it changes nothing. */
    public Builder observer(Consumer<CodeEvent> observer) {
      observers.add(Objects.requireNonNull(observer, "observer"));
      return this;
    }

    /** Sets what makes request ids. */
    Builder ids(Supplier<String> source) {
      ids = source;
      return this;
    }

    /** Returns the interceptor. */
    public CodeServerInterceptor build() {
      return new CodeServerInterceptor(translator());
    }

    Translator translator() {
      return new Translator(tables, publicBoundary, budget, List.copyOf(observers), ids);
    }
  }
}

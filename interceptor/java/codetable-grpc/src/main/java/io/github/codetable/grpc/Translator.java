package io.github.codetable.grpc;

import com.google.protobuf.Descriptors;
import com.google.rpc.Status;
import io.github.codetable.v1.MethodCodes;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Decides what is sent of an error. No other class does.
 *
 * @param tables the tables whose codes are known
 * @param publicBoundary whether strangers get the answers
 * @param budget the largest status in bytes
 * @param observers are called for each failed call
 * @param ids makes the request ids
 */
record Translator(
    Tables tables,
    boolean publicBoundary,
    int budget,
    List<Consumer<CodeEvent>> observers,
    Supplier<String> ids) {
  private static final Logger LOGGER = System.getLogger(Translator.class.getName());

  /**
   * A call of a server.
   *
   * @param languages the header accept-language, or ""
   */
  record Call(MethodDescriptor<?, ?> method, String languages, Context context) {}

  /** Returns what is sent of an error. It never throws. */
  Answer translate(Call call, Throwable origin) {
    Answer answer;
    boolean passed = false;
    try {
      Evidence found = Evidence.of(origin, tables, publicBoundary, call.context());
      answer = decide(call, found).fitted(tables.with(found.tables()), budget);
      passed = found.inner() != null && !answer.masked();
    } catch (RuntimeException | StackOverflowError hostile) {
      answer = Answer.hiding(neutral(call, Mask.opaque(ids)), null, false);
    }
    if (!passed) { // else the inner interceptor has called its own
      observe(call, origin, answer);
    }
    return answer;
  }

  private Answer decide(Call call, Evidence found) {
    Answer inner = found.inner();
    if (inner != null && inner.isOpaque()) {
      return pass(call, inner);
    }
    if (found.hidden()) {
      CodeError hidden = found.firstHidden() != null ? found.firstHidden() : found.code();
      return Answer.hiding(neutral(call, Mask.of(found.advice(), ids)), hidden, true);
    }
    Status uncoded = found.uncoded();
    if (publicBoundary && uncoded != null && isServerError(uncoded.getCode())) {
      return Answer.hiding(neutral(call, Mask.redact(uncoded, ids)), null, true);
    }
    if (inner != null) {
      return inner;
    }
    if (found.code() != null) {
      return code(call, found.code(), found.trailers());
    }
    if (uncoded != null) {
      return Answer.of(uncoded).withTrailers(found.trailers());
    }
    return ended(call, found)
        .orElseGet(() -> Answer.hiding(neutral(call, Mask.opaque(ids)), null, false));
  }

  /** Sends the result of another interceptor. A public boundary adds the neutral sentence. */
  private Answer pass(Call call, Answer inner) {
    if (!publicBoundary || Details.has(inner.status(), Details.LOCALIZED_MESSAGE)) {
      return inner;
    }
    Mask mask = new Mask(inner.status(), inner.requestId(), inner.retry());
    return inner.withStatus(neutral(call, mask).status());
  }

  /** Sends a code, with the sentence in the language of the caller. */
  private static Answer code(Call call, CodeError error, Metadata trailers) {
    Status status = error.status();
    if (!call.languages().isEmpty() && !Details.has(status, Details.LOCALIZED_MESSAGE)) {
      Status.Builder localized = status.toBuilder();
      error
          .spec()
          .messages()
          .match(call.languages())
          .map(Details::packLocalizedMessage)
          .ifPresent(localized::addDetails);
      status = localized.build();
    }
    return Answer.of(error, status, trailers);
  }

  /** A call whose caller has left ends as gRPC ends it. */
  private static Optional<Answer> ended(Call call, Evidence found) {
    if (!found.ended() && !call.context().isCancelled()) {
      return Optional.empty();
    }
    io.grpc.Status.Code code = Contexts.statusFromCancelled(call.context()).getCode();
    String text =
        code == io.grpc.Status.Code.DEADLINE_EXCEEDED
            ? "context deadline exceeded"
            : "context canceled";
    return Optional.of(
        Answer.of(Status.newBuilder().setCode(code.value()).setMessage(text).build()).withEnded());
  }

  /**
   * Adds the neutral sentence of the table whose codes the method declares, or else of the first
   * table. It must not depend on the error, since it would reveal which upstream failed.
   */
  private Mask neutral(Call call, Mask mask) {
    if (!publicBoundary || call.languages().isEmpty()) {
      return mask;
    }
    return declared(call.method())
        .or(this::firstWithMessages)
        .flatMap(table -> table.messages().match(call.languages()))
        .map(Details::packLocalizedMessage)
        .map(mask::with)
        .orElse(mask);
  }

  private Optional<CodeTable<?>> firstWithMessages() {
    return tables.all().stream()
        .filter(table -> !table.messages().isEmpty())
        .min(Comparator.comparing((CodeTable<?> table) -> table.domain()));
  }

  private Optional<CodeTable<?>> declared(MethodDescriptor<?, ?> method) {
    if (!(method.getSchemaDescriptor() instanceof ProtoMethodDescriptorSupplier supplier)) {
      return Optional.empty();
    }
    Descriptors.MethodDescriptor descriptor = supplier.getMethodDescriptor();
    for (MethodCodes codes : Options.of(descriptor).getCodesList()) {
      Optional<CodeTable<?>> table = tables.get(codes.getDomain());
      if (table.isPresent()
          && codes.getReasonsList().stream().anyMatch(r -> table.get().spec(r).isPresent())) {
        return table;
      }
    }
    return Optional.empty();
  }

  /** The codes that google.rpc.Code maps to HTTP 5xx. */
  private static boolean isServerError(int code) {
    return switch (io.grpc.Status.fromCodeValue(code).getCode()) {
      case UNKNOWN, INTERNAL, DATA_LOSS, UNIMPLEMENTED, UNAVAILABLE, DEADLINE_EXCEEDED -> true;
      default -> false;
    };
  }

  private void observe(Call call, Throwable origin, Answer answer) {
    CodeEvent event =
        new CodeEvent(
            call.method().getFullMethodName(),
            origin,
            answer.status(),
            Optional.ofNullable(answer.error()),
            answer.requestId(),
            answer.masked(),
            answer.shed());
    for (Consumer<CodeEvent> observer : observers) {
      try {
        observer.accept(event);
      } catch (Throwable thrown) { // the answer does not depend on an observer
        LOGGER.log(Level.WARNING, "an observer of failed calls threw", thrown);
      }
    }
  }
}

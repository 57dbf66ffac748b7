package io.github.codetable.grpc;

import com.google.rpc.Status;
import io.github.codetable.v1.Fault;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import java.util.Map;
import java.util.OptionalInt;

/**
 * A failed call. A handler makes one with {@link CodeTable#error(Object)}; a caller reads one with
 * {@link Codes#from}. It is a {@link StatusRuntimeException}, so code that catches these sees its
 * status and its details.
 *
 * <p>Three kinds are received: one with a code of a table; one of another domain, with the reason,
 * the domain and the metadata as they were sent; and a masked one, of which a public server hides
 * all but the request id, the retry advice and a neutral sentence.
 */
public final class CodeError extends StatusRuntimeException {
  private static final long serialVersionUID = 1;

  private final transient Content content;

  /** The exception that caused this one. */
  private final Throwable origin;

  /**
   * Makes the error the cause of its own status: gRPC hands a status to a server interceptor, and
   * not the exception that a handler gave to {@code onError}.
   */
  private static final class Link extends Exception {
    private static final long serialVersionUID = 1;

    private CodeError error;

    Link() {
      super(null, null, false, false);
    }

    @Override
    public synchronized Throwable getCause() {
      return error;
    }
  }

  CodeError(Content content, io.grpc.Status status, Metadata trailers, Throwable origin) {
    this(content, status, trailers, origin, new Link());
  }

  private CodeError(
      Content content, io.grpc.Status status, Metadata trailers, Throwable origin, Link link) {
    super(status.withCause(link), trailers);
    this.content = content;
    this.origin = origin;
    link.error = this;
  }

  /** Returns the exception that caused this one; null if there is none. It is never sent. */
  @Override
  public synchronized Throwable getCause() {
    return origin;
  }

  /** Returns a line for logs: domain, number, reason and status. */
  @Override
  public String getMessage() {
    String code = masked() ? "masked" : domain() + " " + numberText() + reason();
    String id = requestId().isEmpty() ? "" : " [" + requestId() + "]";
    return Texts.oneLine(code + id + ": " + super.getMessage());
  }

  private String numberText() {
    return number().isPresent() ? number().getAsInt() + " " : "";
  }

  /**
   * Returns the code to switch on. It is {@code UNRECOGNIZED} if the error has no code, if the code
   * is one of another table, or if this table does not list it; and null if the enum has no such
   * constant, as one of proto2.
   */
  public <E> E code(CodeTable<E> table) {
    CodeSpec<?> spec = content.spec();
    return spec != null && spec.table().domain().equals(table.domain())
        ? table.spec(spec.number()).code()
        : table.unrecognized();
  }

  /** Returns the number of the code, listed or not; empty if none was sent. */
  public OptionalInt number() {
    return content.number();
  }

  /** Returns the name of the code; "" for a masked error. */
  public String reason() {
    return content.reason();
  }

  /** Returns the service that defines the code; "" for a masked error. */
  public String domain() {
    return content.domain();
  }

  /** Returns the party that must act before the call can succeed, by the table. */
  public Fault fault() {
    return content.spec() == null ? Fault.FAULT_UNSPECIFIED : content.spec().fault();
  }

  /** Returns whether and when the call may be repeated. */
  public Retry retry() {
    return content.retry();
  }

  /** Returns what the server added, and the number as {@code code}; sorted and immutable. */
  public Map<String, String> metadata() {
    return content.metadata();
  }

  /** Returns the id by which the operator finds the failure in the logs; "" if there is none. */
  public String requestId() {
    return content.requestId();
  }

  /** Returns whether a server hides what failed. */
  public boolean masked() {
    return content.masked();
  }

  /**
   * Returns the sentence for an end user in the first available language, else in the default one
   * of the table; "" if there is none. A masked error and one of another domain have the one that
   * was sent.
   *
   * @param languages a language tag, or a list as in the header Accept-Language
   */
  public String userMessage(String languages) {
    return content.messages().match(languages).map(Messages.Sentence::text).orElse("");
  }

  /** Returns whether a cause only leads from the status of an error to the error. */
  static boolean isLink(Throwable cause) {
    return cause instanceof Link;
  }

  /** Returns the code; null if it is none of a table. */
  CodeSpec<?> spec() {
    return content.spec();
  }

  /** Returns whether the error came from another server. */
  boolean received() {
    return content.received();
  }

  /** Returns what is sent or was received. */
  Status status() {
    return content.status();
  }
}

package io.github.codetable.grpc;

import io.github.codetable.v1.Code;
import io.github.codetable.v1.Fault;
import io.grpc.Status;
import java.time.Clock;
import java.time.Duration;
import java.util.stream.Stream;

/**
 * What a table says of one code.
 *
 * @param <E> the enum that is the table
 */
public final class CodeSpec<E> {
  private final CodeTable<E> table;
  private final E code;
  private final int number;
  private final String reason;
  private final boolean listed;
  private final Code options;
  private final Messages messages;

  CodeSpec(CodeTable<E> table, E code, int number, String reason, boolean listed, Code options) {
    this.table = table;
    this.code = code;
    this.number = number;
    this.reason = reason;
    this.listed = listed;
    this.options = options;
    // A success has no sentences, because those of the table describe a failure.
    this.messages =
        isSuccess()
            ? Messages.NONE
            : Messages.of(options.getUserMessagesMap(), table.defaultLocale()).or(table.messages());
  }

  /** Returns the constant of the enum; see {@link CodeError#code} for a number without one. */
  public E code() {
    return code;
  }

  /** Returns the number of the code. */
  public int number() {
    return number;
  }

  /** Returns the name of the code on the wire: without the prefix that the enum has. */
  public String reason() {
    return reason;
  }

  /** Returns whether the enum lists the code. */
  public boolean listed() {
    return listed;
  }

  /** Returns the options of the code, as the enum states them. */
  public Code options() {
    return options;
  }

  /** Returns the party that must act before the call can succeed. */
  public Fault fault() {
    return options.getFault();
  }

  /** Returns the gRPC status of the code. A code without one is UNKNOWN, never a success. */
  public Status.Code statusCode() {
    return options.hasGrpcCode()
        ? Status.fromCodeValue(options.getGrpcCodeValue()).getCode()
        : Status.Code.UNKNOWN;
  }

  /** Returns whether the code is a success. */
  public boolean isSuccess() {
    return statusCode() == Status.Code.OK;
  }

  /**
   * Returns the sentence for an end user in the first language that the table has, else in the
   * default one; empty if the table has no sentence.
   *
   * @param languages a language tag, or a list as in the header Accept-Language, of which 256
   *     characters are read
   */
  public String userMessage(String languages) {
    return messages.match(languages).map(Messages.Sentence::text).orElse("");
  }

  CodeTable<E> table() {
    return table;
  }

  Messages messages() {
    return messages;
  }

  /** Returns the text for developers. */
  String message() {
    String text =
        Stream.of(options.getNotes(), options.getDescription())
            .filter(candidate -> !candidate.isEmpty())
            .findFirst()
            .orElse(listed ? reason : "the response code is not listed");
    return Texts.cutMessage(text, Texts.MAX_MESSAGE);
  }

  /** Returns the advice of the table. The delay of a calendar window is the time left. */
  Retry retry(Clock clock) {
    var advice = options.getRetry();
    Duration delay =
        advice.hasWindow()
            ? table.untilNext(advice.getWindow(), clock)
            : Details.toJava(advice.getDelay());
    return new Retry(advice.getAction(), delay, advice.getWindow());
  }

  @Override
  public String toString() {
    return table.domain() + " " + number + " " + reason;
  }
}

package com.github.codetable.example;

/**
 * The number of a response code on its way from a handler to {@link CodeServerInterceptor}. Its
 * message and cause stay in this process.
 */
public final class CodeException extends Exception {
  private static final long serialVersionUID = 1;

  private final int number;

  /** Carries a number, whether the table lists it or not. */
  public CodeException(int number) {
    super("response code " + number);
    this.number = number;
  }

  /** The number of the code. */
  public int number() {
    return number;
  }
}

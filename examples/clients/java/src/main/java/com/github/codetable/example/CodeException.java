package com.github.codetable.example;

/**
 * Carries the number of a response code from a handler to {@link CodeServerInterceptor}. Its
 * message and cause are not sent.
 */
public final class CodeException extends Exception {
  private static final long serialVersionUID = 1;

  private final int number;

  /** Creates the exception of a number, listed or not. */
  public CodeException(int number) {
    super("response code " + number);
    this.number = number;
  }

  /** Returns the number of the code. */
  public int number() {
    return number;
  }
}

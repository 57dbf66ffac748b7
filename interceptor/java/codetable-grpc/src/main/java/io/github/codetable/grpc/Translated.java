package io.github.codetable.grpc;

/**
 * The cause of the status that an interceptor sends, by which another one in the chain knows it.
 */
final class Translated extends Exception {
  private static final long serialVersionUID = 1;

  private final transient Answer answer;

  Translated(Answer answer, Throwable origin) {
    super("sent by an interceptor of codetable", origin, false, false);
    this.answer = answer;
  }

  Answer answer() {
    return answer;
  }
}

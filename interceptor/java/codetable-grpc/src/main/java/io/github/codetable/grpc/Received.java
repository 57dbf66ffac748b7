package io.github.codetable.grpc;

/**
 * Marks the status of a call that failed at another server, by being its cause. A public boundary
 * hides such a status. The former cause follows.
 */
final class Received extends Exception {
  private static final long serialVersionUID = 1;

  Received(Throwable cause) {
    super("the status came from another server", cause, false, false);
  }
}

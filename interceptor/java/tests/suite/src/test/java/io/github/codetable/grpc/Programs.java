package io.github.codetable.grpc;

/** Finds what make test gives to the tests. */
final class Programs {
  private Programs() {}

  static String path(String variable) {
    String path = System.getenv(variable);
    if (path == null) {
      throw new IllegalStateException("set " + variable + ", as make test does");
    }
    return path;
  }
}

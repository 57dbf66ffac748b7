package io.github.codetable.grpc;

import java.util.OptionalInt;

/**
 * The code that an {@code ErrorInfo} of a table names.
 *
 * @param spec what the table says of it
 * @param numbered whether the number was sent
 * @param failing false if it names a success, which a failed call must not do, or nothing at all
 * @param ambiguous whether number and reason contradict each other, or neither identifies a code
 */
record Named(CodeSpec<?> spec, boolean numbered, boolean failing, boolean ambiguous) {
  /** Uses the number, or else the reason. */
  static Named of(CodeTable<?> table, SentInfo info) {
    OptionalInt number = info.parsedNumber();
    CodeSpec<?> byReason = table.spec(info.reason()).orElse(null);
    boolean numbered = number.isPresent();
    CodeSpec<?> spec = byReason;
    if (numbered) {
      spec = table.spec(number.getAsInt());
    } else if (spec == null) {
      spec = table.spec(table.absent());
    }
    boolean identified = spec.listed() || numbered || !info.reason().isEmpty();
    return new Named(
        spec,
        numbered,
        !spec.isSuccess() && identified,
        isAmbiguous(spec, byReason, numbered, info));
  }

  private static boolean isAmbiguous(
      CodeSpec<?> spec, CodeSpec<?> byReason, boolean numbered, SentInfo info) {
    if (!numbered && (!spec.listed() || !info.number().isEmpty())) {
      return true;
    }
    return spec.listed() && !info.reason().isEmpty() && byReason != spec;
  }
}

/** Repeats unary calls of connect-es by the advice of the table. */
import type { UnaryRequest, UnaryResponse, StreamResponse } from "@connectrpc/connect";
import { RetryAction } from "@codetable/proto/codetable/v1/codetable_pb.js";
import { codeErrorIn } from "./error.js";
import { maxSameRequestMs } from "./read.js";

/** See ClientOptions. */
export interface Limits {
  readonly maxAttempts: number;
  readonly maxDelayMs: number;
}

/** The longest time of a timer. A longer one ends at once. */
const maxTimerMs = 2 ** 31 - 1;

/** Fills in the defaults, also for options that are undefined. */
export function limitsOf({
  maxAttempts = 3,
  maxDelayMs = maxSameRequestMs,
}: Partial<Limits>): Limits {
  return { maxAttempts, maxDelayMs: Math.min(maxDelayMs, maxTimerMs) };
}

/**
 * Makes a call until it succeeds, or its error must not be repeated, or no
 * attempt or time is left. An abort ends the wait.
 */
export async function retrying<R extends UnaryResponse | StreamResponse>(
  call: () => Promise<R>,
  { header, signal }: UnaryRequest,
  { maxAttempts, maxDelayMs }: Limits,
): Promise<R> {
  const deadline = deadlineOf(header);
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (thrown) {
      const delayMs = delayBefore(thrown);
      const allowed = delayMs !== undefined && attempt < maxAttempts && delayMs <= maxDelayMs;
      if (!allowed || Date.now() + delayMs >= deadline.at) {
        throw thrown;
      }
      await wait(delayMs, signal);
      signal.throwIfAborted();
      deadline.restart();
    }
  }
}

/** How long to wait before the same request is sent again; undefined if it must not be. */
function delayBefore(thrown: unknown): number | undefined {
  const error = codeErrorIn(thrown);
  if (error?.retry.action !== RetryAction.SAME_REQUEST) {
    return undefined;
  }
  // The server may forbid what the table allows. The value is invalid if two servers added one.
  const { metadata } = thrown as { metadata: Headers };
  const pushback = metadata.get("grpc-retry-pushback-ms");
  return pushback === null || /^[0-9]+$/.test(pushback) ? error.retry.delayMs : undefined;
}

/** Waits until the delay has passed or the signal is aborted. */
function wait(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, delayMs);
    signal.addEventListener("abort", end);
  });
}

interface Deadline {
  readonly at: number;
  /** Tells the server how much time is left. */
  restart(): void;
}

/** Connect states the timeout of a call in a header, in milliseconds. */
function deadlineOf(header: Headers): Deadline {
  for (const [name, unit] of [
    ["connect-timeout-ms", ""],
    ["grpc-timeout", "m"],
  ] as const) {
    const timeout = /^([0-9]+)m?$/.exec(header.get(name) ?? "")?.[1];
    if (timeout !== undefined) {
      const at = Date.now() + Number(timeout);
      return { at, restart: () => header.set(name, `${Math.max(at - Date.now(), 1)}${unit}`) };
    }
  }
  return { at: Infinity, restart: () => undefined };
}

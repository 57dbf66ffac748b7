/** One call at a time, and what came of the last one. */
import type { CallOptions } from "@connectrpc/connect";
import { useEffect, useRef, useState } from "preact/hooks";
import { useSecondsUntil } from "./countdown.js";
import { type Failure, failureOf } from "./failure.js";

export type Outcome =
  | { readonly kind: "idle" }
  | { readonly kind: "busy" }
  | { readonly kind: "succeeded"; readonly message: string }
  | { readonly kind: "failed"; readonly failure: Failure };

export type Call = (options: CallOptions) => Promise<string>;

export interface Attempt {
  readonly outcome: Outcome;
  /** A call is under way, or it is too early for the next one. */
  readonly waiting: boolean;
  /**
   * Makes a call that returns the message of its success, and calls spend unless
   * the same input is good for the next try: tokens and captchas are single-use.
   * It does nothing while there is another call.
   */
  readonly run: (call: Call, spend: () => void) => void;
  readonly reset: () => void;
}

export function useAttempt(): Attempt {
  const [outcome, setOutcome] = useState<Outcome>({ kind: "idle" });
  const currentRef = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => currentRef.current?.abort(), []);

  const seconds = useSecondsUntil(outcome.kind === "failed" ? outcome.failure.readyAt : 0);

  async function run(call: Call, spend: () => void): Promise<void> {
    if (currentRef.current !== undefined) {
      return;
    }
    const controller = new AbortController();
    currentRef.current = controller;
    setOutcome({ kind: "busy" });
    let next: Outcome;
    try {
      next = { kind: "succeeded", message: await call({ signal: controller.signal }) };
    } catch (error) {
      next = { kind: "failed", failure: failureOf(error) };
    }
    currentRef.current = undefined;
    if (controller.signal.aborted) {
      return;
    }
    setOutcome(next);
    if (next.kind !== "failed" || next.failure.next !== "same") {
      spend();
    }
  }
  return {
    outcome,
    waiting: outcome.kind === "busy" || seconds > 0,
    run: (call, spend) => void run(call, spend),
    reset: () => setOutcome({ kind: "idle" }),
  };
}

/** A reply without a code is no success: the field is unset where there was no answer. */
export function confirmed(reply: { readonly code?: number | undefined }): void {
  if (reply.code === undefined) {
    throw new Error("the reply has no code");
  }
}

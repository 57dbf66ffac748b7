/** One call at a time, and what came of the last one. */
import { ConnectError } from "@connectrpc/connect";
import { useEffect, useRef, useState } from "preact/hooks";
import { useSecondsUntil } from "./countdown.js";
import { type Failure, failureOf } from "./failure.js";
import { advance, type Reply, type Request } from "./service.js";

export type Outcome =
  | { readonly kind: "idle" }
  | { readonly kind: "busy" }
  | { readonly kind: "succeeded"; readonly reply: Reply }
  | { readonly kind: "failed"; readonly error: ConnectError; readonly failure: Failure };

export interface Attempt {
  readonly outcome: Outcome;
  /** What was sent last. */
  readonly request: Request | undefined;
  /** A call is under way, or it is too early for the next one. */
  readonly waiting: boolean;
  /**
   * Makes a call, and calls spend unless the same input is good for the next
   * try: tokens and captchas are single-use. It does nothing during another call.
   */
  readonly run: (request: Request, spend?: () => void) => void;
  /** Moves the clock of the simulator past the wait. */
  readonly skip: () => Promise<void>;
  readonly reset: () => void;
}

export function useAttempt(): Attempt {
  const [outcome, setOutcome] = useState<Outcome>({ kind: "idle" });
  const [request, setRequest] = useState<Request>();
  const currentRef = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => currentRef.current?.abort(), []);

  const seconds = useSecondsUntil(outcome.kind === "failed" ? outcome.failure.readyAt : 0);

  async function run(request: Request, spend?: () => void): Promise<void> {
    if (currentRef.current !== undefined) {
      return;
    }
    const controller = new AbortController();
    currentRef.current = controller;
    setRequest(request);
    setOutcome({ kind: "busy" });
    const next = await outcomeOf(request, controller.signal);
    currentRef.current = undefined;
    if (controller.signal.aborted) {
      return;
    }
    setOutcome(next);
    if (next.kind !== "failed" || !next.failure.unspent) {
      spend?.();
    }
  }

  async function skip(): Promise<void> {
    if (outcome.kind === "failed") {
      await advance(seconds);
      setOutcome({ ...outcome, failure: { ...outcome.failure, readyAt: Date.now() } });
    }
  }

  return {
    outcome,
    request,
    waiting: outcome.kind === "busy" || seconds > 0,
    run: (request, spend) => void run(request, spend),
    skip,
    reset() {
      setRequest(undefined);
      setOutcome({ kind: "idle" });
    },
  };
}

async function outcomeOf(request: Request, signal: AbortSignal): Promise<Outcome> {
  try {
    return { kind: "succeeded", reply: await request.send(signal) };
  } catch (thrown) {
    const error = ConnectError.from(thrown);
    return { kind: "failed", error, failure: failureOf(error) };
  }
}

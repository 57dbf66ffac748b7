/** Collects what an error and the errors in it say. */
import { CalendarWindow, Fault, RetryAction } from "@codetable/proto/codetable/v1/codetable_pb.js";
import { nodesOf } from "./chain.js";
import { grpc } from "./code.js";
import { type CodeError, codeErrorIn, type GrpcStatus, type Retry } from "./error.js";
import { isReceived, statusOf } from "./foreign.js";
import { findCode, infosIn, nameIn, read, wireOf } from "./read.js";
import type { CodeTable } from "./table.js";
import { codeKey, delayIn, type Info, type WireStatus } from "./wire.js";

/** Advice that forbids a retry. */
export const noRetry: Retry = {
  action: RetryAction.UNSPECIFIED,
  delayMs: 0,
  window: CalendarWindow.UNSPECIFIED,
};

interface Found {
  readonly node: unknown;
  readonly status: GrpcStatus;
  readonly received: boolean;
}

/** The result of one walk through an error. For each field the first finding is used. */
export class Evidence {
  /** An error of a table. */
  code: CodeError | undefined;
  /** A status without a code, and the error that has it. */
  status: Found | undefined;
  /** The gRPC code of an aborted or late operation. */
  ended: number | undefined;
  /** The public must not see the error. */
  hidden = false;
  /** Advice that suits all hidden errors. */
  retry: Retry = noRetry;
  readonly tables: CodeTable[];

  readonly #statuses: Found[] = [];
  #received = false;
  #decoded: CodeError | undefined;

  /** @param callEnded The gRPC code with which the call of the caller has ended already. */
  constructor(
    thrown: unknown,
    tables: readonly CodeTable[],
    private readonly callEnded: number | undefined,
  ) {
    this.tables = [...tables];
    const { nodes, whole } = nodesOf(thrown);
    let readable = whole;
    for (const node of nodes) {
      try {
        this.#examine(node);
      } catch {
        readable = false; // a property of a foreign error threw
      }
    }
    for (const found of this.#statuses) {
      this.#judge(found);
    }
    this.code ??= this.#decoded;
    if (!readable) {
      this.#hide(noRetry);
    }
  }

  #examine(node: unknown): void {
    if (typeof node !== "object" || node === null) {
      return;
    }
    this.#received ||= isReceived(node);
    const error = codeErrorIn(node);
    if (error !== undefined) {
      this.#addCode(error);
      return;
    }
    const status = statusOf(node);
    const { fault } = node as { fault?: unknown };
    if (typeof fault === "number" && isHidden(fault)) {
      this.#hide(status === undefined ? noRetry : adviceOf(status));
    }
    if (status !== undefined) {
      this.#statuses.push({ node, status, received: this.#received });
      return;
    }
    const { name } = node as { name?: unknown };
    if (name === "AbortError" || name === "TimeoutError") {
      this.ended ??= name === "AbortError" ? grpc.cancelled : grpc.deadlineExceeded;
    }
  }

  #addCode(error: CodeError): void {
    const { received, table } = error.content;
    if (error.code === undefined) {
      this.#received = true; // only received errors have no code
    } else {
      this.code ??= error;
      this.#hideCode(error);
      if (table !== undefined && !this.tables.includes(table)) {
        this.tables.push(table);
      }
    }
    if (received) {
      this.#statuses.push({ node: error, status: error.status, received: this.#received });
    }
  }

  #judge({ node, status, received }: Found): void {
    if (status.code === 0) {
      return; // it can't be the status of a failure
    }
    const wire = wireOf(status);
    this.#hideInfos(wire);
    if (wire !== undefined && findCode(this.tables, wire) !== undefined) {
      const error = read(this.tables, status, node);
      if (error !== undefined) {
        this.#decoded ??= error;
        this.#hideCode(error);
      }
      return;
    }
    if (received && status.code === this.callEnded) {
      this.ended ??= status.code;
      return;
    }
    if (received) {
      this.#hide(adviceOf(status));
    }
    this.status ??= { node, status, received };
  }

  #hideCode(error: CodeError): void {
    if (isHidden(error.fault)) {
      this.#hide(error.retry);
    }
  }

  /** Hides a status with an ErrorInfo that the public must not see, or that can't be identified. */
  #hideInfos(wire: WireStatus | undefined): void {
    for (const { info, at } of wire === undefined ? [] : infosIn(wire)) {
      const table = this.tables.find(({ domain }) => domain === info?.domain);
      if (info === undefined) {
        this.#hide(noRetry);
      } else if (table !== undefined) {
        const { failing, number } = nameIn(table, info, at);
        const entry = table.entry(number);
        if (!failing || isAmbiguous(table, info)) {
          this.#hide(noRetry);
        } else if (isHidden(entry.options?.fault)) {
          this.#hide(table.retry(entry, delayIn(wire?.details ?? [])));
        }
      }
    }
  }

  /** A retry is advised only if it can help all hidden errors. */
  #hide(retry: Retry): void {
    this.retry = this.hidden ? combine(this.retry, retry) : retry;
    this.hidden = true;
  }
}

/** Whether the number and the reason contradict each other, or neither identifies a code. */
function isAmbiguous(table: CodeTable, info: Info): boolean {
  const { number, numbered } = nameIn(table, info, 0);
  const { listed } = table.entry(number);
  if (!numbered && (!listed || (info.metadata.get(codeKey) ?? "") !== "")) {
    return true;
  }
  return listed && info.reason !== "" && table.numberOf(info.reason) !== number;
}

/** Whether the public must not see a fault. Unknown faults are hidden too. */
function isHidden(fault: number | undefined): boolean {
  return fault !== Fault.CALLER && fault !== Fault.END_USER && fault !== Fault.UPSTREAM;
}

/**
 * The retry advice of a status without a code. Only a mask says that the same
 * request may be sent again.
 */
function adviceOf(status: GrpcStatus): Retry {
  const error = read([], status);
  if (error?.masked === true) {
    return error.retry;
  }
  const delayMs = delayIn(wireOf(status)?.details ?? []);
  return delayMs === undefined || status.code !== grpc.unavailable
    ? noRetry
    : { ...noRetry, action: RetryAction.NEXT_WINDOW, delayMs };
}

const waits: readonly RetryAction[] = [RetryAction.SAME_REQUEST, RetryAction.NEXT_WINDOW];

/** Orders advice by strictness: the same request, a window, waiting does not help. */
export function strictness({ action }: Retry): number {
  const at = waits.indexOf(action);
  return at < 0 ? waits.length : at;
}

function combine(a: Retry, b: Retry): Retry {
  const stricter = strictness(b) > strictness(a) ? b : a;
  return { ...stricter, delayMs: Math.max(a.delayMs, b.delayMs) };
}

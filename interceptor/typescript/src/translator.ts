import { type DescMethod, getOption } from "@bufbuild/protobuf";
import { method as methodOption, RetryAction } from "@codetable/proto/codetable/v1/codetable_pb.js";
import { blamesServer, grpc } from "./code.js";
import type { CodeError, GrpcStatus, Retry } from "./error.js";
import { Evidence, noRetry, strictness } from "./evidence.js";
import { fit, fits } from "./fit.js";
import { maxSameRequestMs, wireOf } from "./read.js";
import type { CodeTable } from "./table.js";
import { wellFormed } from "./text.js";
import {
  delayIn,
  type Detail,
  encodeStatus,
  localizedDetail,
  localizedMessage,
  nameOf,
  requestDetail,
  retryDetail,
  type WireStatus,
} from "./wire.js";

const defaultBudget = 4096;
const minBudget = 1024;

/** The minimum delay of a mask for a calendar window, by which clients recognize it. */
const minWindowMs = maxSameRequestMs + 1000;

/** How a server sends its errors. */
export interface ServerOptions {
  /** The tables of the codes that this server sends or receives. */
  readonly tables: readonly CodeTable[];
  /**
   * Masks the errors that strangers must not see: those with a fault of the
   * operator or an unknown fault, codes that can't be identified, and errors
   * without a code of other servers. A status of the handler that blames the
   * server loses its text and its details. Default: false.
   */
  readonly publicBoundary?: boolean;
  /**
   * The maximum size of the serialized google.rpc.Status, in bytes. Beyond it
   * these are removed, in this order: the message after a quarter of the budget,
   * metadata values after 1 KiB, details that are not of google.rpc, Help and
   * DebugInfo, LocalizedMessage, other details, RequestInfo, metadata entries. The
   * number of the code and RetryInfo are kept. Default: 4096. Minimum: 1024.
   */
  readonly detailBudget?: number;
  /** Is called for each failed call, before the error is sent. For logs. */
  readonly observer?: (event: Translation) => void;
}

/** What is known of the call that failed. */
export interface Call {
  /** The languages of the caller: the value of accept-language. Default: "". */
  readonly locale?: string;
  /** The method, whose option names its codes. */
  readonly method?: DescMethod;
  /** The gRPC code with which the call has ended already, because the caller left or is late. */
  readonly ended?: number;
}

/** What is sent of an error. */
export interface Translation {
  readonly status: GrpcStatus;
  /** The details in `status`. */
  readonly details: readonly Detail[];
  /** The value of the trailer grpc-retry-pushback-ms; negative values forbid gRPC's retry. */
  readonly pushback: string;
  /** The error that the handler threw. It may contain what the caller must not see. */
  readonly origin: unknown;
  /** The id in the RequestInfo of an error that was masked or has no code; else "". */
  readonly correlationId: string;
  /** A public boundary hid the error. */
  readonly masked: boolean;
  /** The names of the parts that the budget removed. */
  readonly shed: readonly string[];
  /** The error whose status is sent unchanged, because a handler made it. */
  readonly own: unknown;
}

/**
 * Decides what is sent of an error. The server sides of connect-es and grpc-js
 * use it. Use it yourself where an error is sent in another way, such as in the
 * items of a stream, and in unit tests.
 */
export class Translator {
  readonly #tables: readonly CodeTable[];
  readonly #public: boolean;
  readonly #budget: number;
  readonly #observer: (event: Translation) => void;

  constructor(options: ServerOptions) {
    this.#tables = options.tables;
    this.#public = options.publicBoundary ?? false;
    this.#budget = Math.max(options.detailBudget ?? defaultBudget, minBudget);
    this.#observer = options.observer ?? (() => undefined);
  }

  /** Never throws: if a property of the error or the observer throws, an opaque error is sent. */
  translate(thrown: unknown, call: Call = {}): Translation {
    const safe = <T>(run: () => T): T | undefined => {
      try {
        return run();
      } catch {
        return undefined;
      }
    };
    const sent = safe(() => this.#decide(thrown, call)) ?? this.#opaque(thrown, call);
    const observed = safe(() => {
      this.#observer(sent);
      return sent;
    });
    return observed ?? (sent.correlationId === "" ? this.#opaque(thrown, call) : sent);
  }

  #decide(thrown: unknown, call: Call): Translation {
    const found = new Evidence(thrown, this.#tables, this.#public ? call.ended : undefined);
    const { code, status, ended } = found;
    if (this.#public && found.hidden) {
      return this.#neutral(thrown, call, mask(found.retry));
    }
    if (this.#public && code === undefined && status && blamesServer(status.status.code)) {
      return this.#neutral(thrown, call, redact(status.status));
    }
    if (code !== undefined) {
      return this.#code(thrown, call, code, found.tables);
    }
    if (status !== undefined) {
      const own = status.received ? undefined : status.node;
      return { ...this.#send(thrown, status.status, [], this.#tables, noRetry), own };
    }
    if (ended !== undefined) {
      const late = ended === grpc.deadlineExceeded;
      const message = late ? "the deadline was exceeded" : "the call was canceled";
      return this.#send(thrown, { code: ended, message, details: undefined }, [], [], noRetry);
    }
    return this.#opaque(thrown, call);
  }

  /** Reveals nothing. The correlation id leads the operator to the error in the logs. */
  #opaque(thrown: unknown, call: Call): Translation {
    return { ...this.#neutral(thrown, call, redacted(grpc.internal, noRetry)), masked: false };
  }

  /** Adds the neutral sentence for a public caller, which must not depend on the error. */
  #neutral(thrown: unknown, call: Call, { status, id, retry }: Redacted): Translation {
    const table = this.#declared(call.method) ?? this.#firstTable();
    const locale = call.locale ?? "";
    const sentence = this.#public && locale !== "" ? table?.neutral(locale) : undefined;
    const added = sentence === undefined ? [] : [localizedDetail(sentence)];
    const whole = { ...status, details: [...status.details, ...added] };
    return { ...this.#fitted(thrown, whole, this.#tables, retry), correlationId: id, masked: true };
  }

  /** The table of the first code that a method declares. */
  #declared(method: DescMethod | undefined): CodeTable | undefined {
    const codes = method === undefined ? [] : getOption(method, methodOption).codes;
    for (const { domain, reasons } of codes) {
      const table = this.#tables.find((each) => each.domain === domain);
      if (table && reasons.some((reason) => table.numberOf(reason) !== undefined)) {
        return table;
      }
    }
    return undefined;
  }

  #firstTable(): CodeTable | undefined {
    return this.#tables
      .filter((table) => table.neutralMessage("") !== "")
      .sort((a, b) => (a.domain < b.domain ? -1 : 1))[0];
  }

  #code(thrown: unknown, call: Call, error: CodeError, tables: readonly CodeTable[]): Translation {
    const locale = call.locale ?? "";
    const sentence = locale === "" ? undefined : error.content.sentence(locale);
    const added = sentence === undefined ? [] : [localizedDetail(sentence)];
    return this.#send(thrown, error.status, added, tables, error.retry);
  }

  /** Sends a status. A received one keeps its bytes if they fit and nothing changes. */
  #send(
    origin: unknown,
    status: GrpcStatus,
    added: readonly Detail[],
    tables: readonly CodeTable[],
    retry: Retry,
  ): Translation {
    const { code } = status;
    const message = wellFormed(status.message);
    const wire = wireOf(status) ?? { code, message, details: [] };
    const localized = wire.details.some((each) => nameOf(each) === localizedMessage);
    const whole =
      localized || added.length === 0 ? wire : { ...wire, details: [...wire.details, ...added] };
    const sent = this.#fitted(origin, whole, tables, retry);
    const unchanged = sent.details === wire.details && sent.status.message === wire.message;
    const details = wire.details.length > 0 ? status.details : undefined;
    // The bytes may have fields that are unknown here.
    return unchanged && details && fits(wire, details.length, this.#budget)
      ? { ...sent, status: { ...sent.status, details } }
      : sent;
  }

  #fitted(
    origin: unknown,
    whole: WireStatus,
    tables: readonly CodeTable[],
    retry: Retry,
  ): Translation {
    const { status, shed } = fit(tables, whole, this.#budget);
    const { code, message, details } = status;
    return {
      status: { code, message, details: details.length > 0 ? encodeStatus(status) : undefined },
      details,
      pushback: pushbackOf(retry),
      origin,
      correlationId: "",
      masked: false,
      shed,
      own: undefined,
    };
  }
}

/** A status that does not explain an error. */
interface Redacted {
  readonly status: WireStatus;
  readonly id: string;
  readonly retry: Retry;
}

/** Reveals only whether waiting helps and for how long, in whole seconds. */
function mask(advice: Retry): Redacted {
  const delayMs = wholeSeconds(advice.delayMs);
  const window = strictness(advice) === 1 || delayMs > maxSameRequestMs;
  if (strictness(advice) > 1) {
    return redacted(grpc.internal, noRetry);
  }
  const retry: Retry = window
    ? { ...advice, action: RetryAction.NEXT_WINDOW, delayMs: Math.max(delayMs, minWindowMs) }
    : { ...advice, delayMs };
  return redacted(grpc.unavailable, retry, [retryDetail(retry.delayMs)]);
}

/**
 * Keeps the code and the RetryInfo of a status that the handler made. It did not
 * say that the same request may be sent again.
 */
function redact(status: GrpcStatus): Redacted {
  const delayMs = delayIn(wireOf(status)?.details ?? []);
  if (delayMs === undefined) {
    return redacted(status.code, noRetry);
  }
  const least = status.code === grpc.unavailable ? minWindowMs : 0;
  return redacted(status.code, noRetry, [retryDetail(Math.max(wholeSeconds(delayMs), least))]);
}

function redacted(code: number, retry: Retry, details: readonly Detail[] = []): Redacted {
  const id = newId();
  const status = { code, message: fixedText(code), details: [requestDetail(id), ...details] };
  return { status, id, retry };
}

function fixedText(code: number): string {
  switch (code) {
    case grpc.unavailable:
      return "service temporarily unavailable";
    case grpc.unimplemented:
      return "not implemented";
    case grpc.deadlineExceeded:
      return "context deadline exceeded";
    default:
      return "internal error";
  }
}

function wholeSeconds(ms: number): number {
  return Math.ceil(ms / 1000) * 1000;
}

/** 26 characters of base32 from a cryptographic source. */
function newId(): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const random = crypto.getRandomValues(new Uint8Array(26));
  return Array.from(random, (byte) => alphabet.charAt(byte % alphabet.length)).join("");
}

/** The trailer of gRFC A6, within the 32 bits that implementations parse. */
function pushbackOf({ action, delayMs }: Retry): string {
  return action === RetryAction.SAME_REQUEST
    ? String(Math.min(Math.ceil(delayMs), 2 ** 31 - 1))
    : "-1";
}

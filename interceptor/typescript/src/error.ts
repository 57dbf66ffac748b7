import type { DescEnum, EnumShape } from "@bufbuild/protobuf";
import type {
  CalendarWindow,
  Fault,
  RetryAction,
} from "@codetable/proto/codetable/v1/codetable_pb.js";
import type { CodeTable } from "./table.js";
import type { Localized } from "./wire.js";

/** The status of a failed call, in a form that every gRPC library has. */
export interface GrpcStatus {
  /** The gRPC status code, not the response code; 0 is OK. */
  readonly code: number;
  /** The header grpc-message, decoded. */
  readonly message: string;
  /** The header grpc-status-details-bin, decoded: a serialized google.rpc.Status. */
  readonly details: Uint8Array | undefined;
}

/** Advice on repeating a call. */
export interface Retry {
  /** What has to happen first. UNSPECIFIED means: do not repeat the call. */
  readonly action: RetryAction;
  /** The minimum time to wait, in milliseconds; 0 if none is defined. */
  readonly delayMs: number;
  /** The calendar window that has to end first, if the action is NEXT_WINDOW. */
  readonly window: CalendarWindow;
}

/** @internal What a CodeError is made of. */
export interface Content<Desc extends DescEnum> {
  readonly code: EnumShape<Desc> | undefined;
  readonly number: number | undefined;
  readonly reason: string;
  readonly domain: string;
  readonly fault: Fault;
  readonly metadata: Readonly<Record<string, string>>;
  readonly requestId: string;
  readonly masked: boolean;
  readonly received: boolean;
  readonly message: string;
  readonly cause: unknown;
  /** The table that knows the code. */
  readonly table: CodeTable | undefined;
  retry(): Retry;
  sentence(locale: string): Localized | undefined;
  status(): GrpcStatus;
}

/**
 * The meaning of a failed call. A client interceptor makes it from the status of
 * a call; `CodeTable.error` makes it on a server. It is immutable.
 *
 * Its `code` is the response code of the table. The gRPC status code is in
 * `status.code`, and in the error of the gRPC library that carries this one.
 */
export class CodeError<Desc extends DescEnum = DescEnum> extends Error {
  /**
   * The code to switch on. The enum is open: a server may send a code that this
   * version of the enum does not list, so a switch needs a default. Undefined if
   * the code belongs to another domain, or if the error is masked.
   */
  readonly code: EnumShape<Desc> | undefined;
  /** The number of the code, which in another domain has another meaning. */
  readonly number: number | undefined;
  /** The name of the code: the one of the table, or the one that was sent if the table lacks it. */
  readonly reason: string;
  /** The service that defines the code; "" if the error is masked. */
  readonly domain: string;
  /** The party that must act before the call can succeed. */
  readonly fault: Fault;
  /** What the server added, such as `id`; and `code`, the number. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The id by which the operator finds the failure in the logs; "" if none was sent. */
  readonly requestId: string;
  /** The server hides the code. The retry advice, the id and the user message remain. */
  readonly masked: boolean;
  /** @internal */
  readonly content: Content<Desc>;

  /** @internal */
  constructor(content: Content<Desc>) {
    super(content.message, { cause: content.cause });
    this.name = "CodeError";
    this.code = content.code;
    this.number = content.number;
    this.reason = content.reason;
    this.domain = content.domain;
    this.fault = content.fault;
    this.metadata = content.metadata;
    this.requestId = content.requestId;
    this.masked = content.masked;
    // Invisible to loggers, which would print the whole table.
    this.content = content;
    Object.defineProperty(this, "content", { enumerable: false });
  }

  /**
   * Whether and when the call may be repeated. The delay is the one that was
   * sent, else the one of the table. For a calendar window of an error that was
   * made here, it is the time that is left now.
   */
  get retry(): Retry {
    return this.content.retry();
  }

  /** What is sent of this error, or what was received. It never contains the cause. */
  get status(): GrpcStatus {
    return this.content.status();
  }

  /**
   * Returns a sentence for the end user, or "" if there is none.
   *
   * @param locale One BCP 47 tag, or a list in the form of the HTTP header
   * Accept-Language, of which 256 bytes are read. If the table has none of the
   * languages, its default language is used.
   */
  userMessage(locale: string): string {
    return this.content.sentence(locale)?.text ?? "";
  }
}

/** @internal The CodeError that a node of a chain is, or carries. */
export function codeErrorIn(node: unknown): CodeError | undefined {
  if (node instanceof CodeError) {
    return node as CodeError;
  }
  const carried = (node as { codeError?: unknown } | null | undefined)?.codeError;
  return carried instanceof CodeError ? (carried as CodeError) : undefined;
}

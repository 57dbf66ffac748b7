import { type DescEnum, type EnumShape, getOption } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import {
  CalendarWindow,
  type Code,
  code as codeOption,
  RetryAction,
  type Table,
  table as tableOption,
} from "@codetable/proto/codetable/v1/codetable_pb.js";
import { nodesOf } from "./chain.js";
import { grpc } from "./code.js";
import { type CodeError, codeErrorIn, type GrpcStatus, type Retry } from "./error.js";
import { make } from "./make.js";
import { isTag, match, type Messages } from "./locale.js";
import { read, unrecognized } from "./read.js";
import { cutMessage, maxMessage } from "./text.js";
import { timeLeft } from "./window.js";
import type { Localized } from "./wire.js";

/** Additions to one error. Everything but the cause is sent: put nothing private into it. */
export interface ErrorOptions {
  /** For developers. At most 1 KiB is sent. Default: the notes of the table. */
  readonly message?: string;
  /** For ErrorInfo.metadata. The keys follow AIP-193, and `code` is reserved. */
  readonly metadata?: Readonly<Record<string, string>>;
  /**
   * The delay of RetryInfo in milliseconds, rounded up, and at most 292 years. Default:
   * the delay of the table.
   */
  readonly retryAfterMs?: number;
  /** More error details, packed with `anyPack`. One replaces the detail of its type. */
  readonly details?: readonly Pick<Any, "typeUrl" | "value">[];
  /** The error that caused this one, for logs. It is never sent. */
  readonly cause?: unknown;
}

/** @internal What a table says of one code, or of all codes that it does not list. */
export interface Entry {
  readonly listed: boolean;
  readonly reason: string;
  readonly options: Code | undefined;
  readonly grpcCode: number;
  readonly message: string;
  readonly messages: Messages;
}

/**
 * A code table: the meaning of the codes of an annotated enum. The options of
 * the enum are read once. A table needs no registration and can be shared.
 */
export class CodeTable<Desc extends DescEnum = DescEnum> {
  /** The domain of the codes, as sent in ErrorInfo.domain. */
  readonly domain: string;
  /** @internal An unlisted number, for a code without a number and a listed reason. */
  readonly absent: number;
  readonly #options: Table;
  readonly #byNumber = new Map<number, Entry>();
  readonly #byReason = new Map<string, number>();
  readonly #unlisted: Entry;

  /** @param desc The enum's schema, such as `ResponseCodeSchema`. */
  constructor(readonly desc: Desc) {
    this.#options = getOption(desc, tableOption);
    this.domain = this.#options.domain || desc.typeName;
    const prefix = prefixOf(desc.name);
    for (const value of desc.values) {
      const options = getOption(value, codeOption);
      const short = value.name.startsWith(prefix) ? value.name.slice(prefix.length) : value.name;
      const reason = options.reason || short;
      // An alias has the entry of the first name of its number.
      if (!this.#byNumber.has(value.number)) {
        this.#byNumber.set(value.number, this.#newEntry(reason, options));
      }
      if (!this.#byReason.has(reason)) {
        this.#byReason.set(reason, value.number);
      }
    }
    const grpcCode = grpcCodeOf(this.#options.unrecognizedGrpcCode) || grpc.unknown;
    const message = "the response code is not listed";
    const messages = this.#messages({});
    const unlisted = { listed: false, reason: unrecognized, options: undefined };
    this.#unlisted = { ...unlisted, grpcCode, message, messages };
    let absent = -(2 ** 31);
    while (this.#byNumber.has(absent)) {
      absent++;
    }
    this.absent = absent;
  }

  /**
   * Returns the error of a code, which a handler throws. Returns undefined if the
   * code is a success. An invalid option, such as a metadata key that AIP-193
   * does not allow, is left out, and the cause of the error names it.
   */
  error(code: EnumShape<Desc>, options: ErrorOptions = {}): CodeError<Desc> | undefined {
    return this.entry(code).grpcCode === grpc.ok ? undefined : make(this, code, options);
  }

  /**
   * Returns the meaning of a thrown error: of the first CodeError in its chain of
   * causes, read by this table. Returns undefined if there is none, such as for
   * an error that no server sent. The `code` is set if it is one of this table.
   */
  from(thrown: unknown): CodeError<Desc> | undefined {
    for (const node of nodesOf(thrown).nodes) {
      const error = codeErrorIn(node);
      if (error?.content.table === (this as CodeTable) || error?.masked === true) {
        return error;
      }
      if (error !== undefined) {
        return this.read(error.status, error.cause);
      }
    }
    return undefined;
  }

  /**
   * Reads the status of a failed call. The code is the first one of this table;
   * if there is none, the rest of the first ErrorInfo is returned as it was sent.
   * Returns undefined if the status has nothing to read, or if its details are
   * malformed or contradict its gRPC code. Never throws.
   */
  read(status: GrpcStatus, cause?: unknown): CodeError<Desc> | undefined {
    return read([this], status, cause);
  }

  /** Returns the sentence of the table that does not depend on a code, or "". */
  neutralMessage(locale: string): string {
    return this.neutral(locale)?.text ?? "";
  }

  /** @internal */
  neutral(locale: string): Localized | undefined {
    return match(this.#unlisted.messages, locale);
  }

  /** @internal */
  entry(number: number): Entry {
    return this.#byNumber.get(number) ?? this.#unlisted;
  }

  /** @internal */
  numberOf(reason: string): number | undefined {
    return this.#byReason.get(reason);
  }

  /** @internal The neutral sentences, and one that was sent for a code that is not listed. */
  neutralWith({ locale, text }: Localized): Messages {
    const { byLocale, fallback } = this.#unlisted.messages;
    const tag = [...byLocale.keys()].find((each) => each.toLowerCase() === locale.toLowerCase());
    const valid = isTag(locale) && text !== "";
    return { byLocale: valid ? new Map([...byLocale, [tag ?? locale, text]]) : byLocale, fallback };
  }

  /** @internal */
  retry({ options }: Entry, sentMs: number | undefined): Retry {
    const { action, after } = options?.retry ?? {};
    const window = after?.case === "window" ? after.value : CalendarWindow.UNSPECIFIED;
    const constant =
      after?.case === "delay"
        ? Math.max(Math.ceil(Number(after.value.seconds) * 1000 + after.value.nanos / 1_000_000), 0)
        : 0;
    return {
      action: action ?? RetryAction.UNSPECIFIED,
      delayMs: sentMs ?? timeLeft(window, this.#options.timeZone, Date.now()) ?? constant,
      window,
    };
  }

  #newEntry(reason: string, options: Code): Entry {
    const grpcCode = grpcCodeOf(options.grpcCode);
    const text = options.notes || options.description || reason;
    return {
      listed: true,
      reason,
      options,
      grpcCode,
      message: cutMessage(text, maxMessage),
      // The neutral sentences describe a failure.
      messages:
        grpcCode === grpc.ok
          ? { byLocale: new Map(), fallback: "" }
          : this.#messages(options.userMessages),
    };
  }

  #messages(own: Readonly<Record<string, string>>): Messages {
    const { defaultUserMessages, defaultLocale } = this.#options;
    const all = [...Object.entries(defaultUserMessages), ...Object.entries(own)];
    return { byLocale: new Map(all.filter(([, text]) => text !== "")), fallback: defaultLocale };
  }
}

/** A code that is unset or unknown to gRPC is a failure. */
function grpcCodeOf(code: number | undefined): number {
  return code !== undefined && code >= grpc.ok && code <= grpc.unauthenticated
    ? code
    : grpc.unknown;
}

/** The prefix that buf lint requires: words begin at a capital beside a small letter. */
function prefixOf(name: string): string {
  return `${name.replace(/(?<=[a-z])(?=[A-Z])|(?<=[^_])(?=[A-Z][a-z])/g, "_").toUpperCase()}_`;
}

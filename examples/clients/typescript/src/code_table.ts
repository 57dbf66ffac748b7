/**
 * Reads response codes from gRPC statuses. The meaning of a code comes from the
 * options of its enum. connect.ts and grpcjs.ts read the errors of Connect and of
 * grpc-js with this file.
 */
import {
  type DescEnum,
  type DescMessage,
  type EnumShape,
  fromBinary,
  getOption,
  type MessageShape,
} from "@bufbuild/protobuf";
import { durationMs } from "@bufbuild/protobuf/wkt";
import {
  CalendarWindow,
  type Code,
  code as codeOption,
  Fault,
  RetryAction,
  type Table,
  table as tableOption,
} from "@codetable/jverification/codetable/v1/codetable_pb.js";
import { GrpcCode } from "@codetable/jverification/codetable/v1/grpc_code_pb.js";
import {
  type ErrorInfo,
  ErrorInfoSchema,
  LocalizedMessageSchema,
  RetryInfoSchema,
} from "@codetable/jverification/google/rpc/error_details_pb.js";

/** The reason of a code that the table does not list and that came without one. */
const unrecognizedReason = "UNRECOGNIZED_CODE";

/** The longest reason that AIP-193 allows, in bytes. */
const maxReason = 63;

/** One detail of a status: a google.protobuf.Any with a bare type name. */
export interface Detail {
  readonly type: string;
  readonly value: Uint8Array;
}

/** The status of a call, in a form that every gRPC library can provide. */
export interface Status {
  /** The gRPC status code, not the response code; 0 is OK. */
  readonly code: number;
  readonly details: readonly Detail[];
}

/** Advice on repeating the call. */
export interface Retry {
  /** What has to happen first. UNSPECIFIED means: do not repeat the call. */
  readonly action: RetryAction;
  /** The time to wait at least; 0 if none is stated. */
  readonly delayMs: number;
  /** The calendar window that has to end first, if action is NEXT_WINDOW. */
  readonly window: CalendarWindow;
}

/** What a failed call says. */
export interface CodeError<Desc extends DescEnum> {
  /** Whether the code is one of this table's domain. If not, the rest is as it was sent. */
  readonly known: boolean;
  /** The code to switch on. The enum is open: a newer code is not listed. Set if known. */
  readonly code: EnumShape<Desc> | undefined;
  /**
   * The number of the code, which in another domain means something else. A known
   * code without a number and without a listed reason has an unlisted number.
   */
  readonly number: number | undefined;
  /** The name of the code: the table's, or the sent one if the table does not list the code. */
  readonly reason: string;
  /** The service that defines the code. */
  readonly domain: string;
  /** Who must act before the call can succeed. */
  readonly fault: Fault;
  /** Whether and when the call may be repeated. */
  readonly retry: Retry;
  /** What the server added, such as `id`; and `code`, the number of a known code. */
  readonly metadata: Readonly<Record<string, string>>;
  /**
   * Returns the message for the end user in the language of a BCP 47 tag, else in
   * the closest or the default language of the table; "" if there is none.
   */
  userMessage(locale: string): string;
}

interface Entry {
  readonly reason: string;
  readonly options: Code;
}

/** A code table: what the options of an annotated enum say of its codes. */
export class CodeTable<Desc extends DescEnum> {
  readonly #options: Table;
  readonly #byNumber = new Map<number, Entry>();
  readonly #byReason = new Map<string, number>();
  /** An unlisted number, for a failure without a number and without a listed reason. */
  readonly #absent: number;

  constructor(desc: Desc) {
    this.#options = getOption(desc, tableOption);
    const prefix = prefixOf(desc);
    for (const value of desc.values) {
      const options = getOption(value, codeOption);
      const short = value.name.startsWith(prefix) ? value.name.slice(prefix.length) : value.name;
      const reason = options.reason || short;
      this.#byNumber.set(value.number, { reason, options });
      this.#byReason.set(reason, value.number);
    }
    let absent = -(2 ** 31);
    while (this.#byNumber.has(absent)) {
      absent++;
    }
    this.#absent = absent;
  }

  /**
   * Reads the first ErrorInfo that the table knows, else the first one. Returns
   * undefined if there is none or if the call succeeded. Never throws: a detail
   * that can't be parsed is ignored.
   */
  read(status: Status): CodeError<Desc> | undefined {
    if (status.code === 0) {
      return undefined;
    }
    const infos = unpack(status.details, ErrorInfoSchema);
    for (const info of infos) {
      const number = this.#numberOf(info);
      if (number !== undefined) {
        return this.#known(number, info, status.details);
      }
    }
    return infos[0] && this.#unknown(infos[0], status.details);
  }

  /**
   * Returns the table's message for a failure without a code, such as one that a
   * public boundary masks; "" if the table has none.
   */
  defaultMessage(locale: string): string {
    return this.#userMessage(undefined, locale);
  }

  /**
   * Trusts the domain, then the number, then the reason. Without a number and a
   * listed reason the code is an unlisted one. Returns undefined for a success,
   * since the call failed.
   */
  #numberOf(info: ErrorInfo): number | undefined {
    if (info.domain !== this.#options.domain) {
      return undefined;
    }
    const number =
      parseInt32(info.metadata.code) ?? this.#byReason.get(info.reason) ?? this.#absent;
    return this.#byNumber.get(number)?.options.grpcCode === GrpcCode.OK ? undefined : number;
  }

  #known(number: number, info: ErrorInfo, details: readonly Detail[]): CodeError<Desc> {
    const entry = this.#byNumber.get(number);
    const localized = unpack(details, LocalizedMessageSchema)[0];
    const { code: sent, ...metadata } = info.metadata;
    const numbered = entry !== undefined || parseInt32(sent) !== undefined;
    return {
      known: true,
      code: number as EnumShape<Desc>,
      number,
      reason: entry?.reason ?? sentReason(info),
      domain: info.domain,
      fault: entry?.options.fault ?? Fault.UNSPECIFIED,
      retry: retryOf(entry?.options, details),
      metadata: numbered ? { ...metadata, code: String(number) } : metadata,
      // For a code that is newer than this table, only the server has a message.
      userMessage: (locale) =>
        entry === undefined && localized !== undefined
          ? localized.message
          : this.#userMessage(entry, locale),
    };
  }

  #unknown(info: ErrorInfo, details: readonly Detail[]): CodeError<Desc> {
    const localized = unpack(details, LocalizedMessageSchema)[0];
    return {
      known: false,
      code: undefined,
      // In this table's own domain the number is a success, which is refused.
      number: info.domain === this.#options.domain ? undefined : parseInt32(info.metadata.code),
      reason: info.reason,
      domain: info.domain,
      fault: Fault.UNSPECIFIED,
      retry: retryOf(undefined, details),
      metadata: { ...info.metadata },
      userMessage: () => localized?.message ?? "",
    };
  }

  #userMessage(entry: Entry | undefined, locale: string): string {
    const { defaultUserMessages, defaultLocale } = this.#options;
    const messages = { ...defaultUserMessages, ...entry?.options.userMessages };
    return lookUp(messages, locale) ?? messages[defaultLocale] ?? "";
  }
}

/** The prefix that buf lint requires: words begin at a capital beside a small letter. */
function prefixOf(desc: DescEnum): string {
  const words = desc.name.replace(/(?<=[a-z])(?=[A-Z])|(?<=[^_])(?=[A-Z][a-z])/g, "_");
  return `${words.toUpperCase()}_`;
}

/** Returns the reason that a newer table has for the code, cut at a character boundary. */
function sentReason({ reason }: ErrorInfo): string {
  const bytes = new TextEncoder().encode(reason).subarray(0, maxReason);
  return new TextDecoder().decode(bytes, { stream: true }) || unrecognizedReason;
}

/** The server's delay takes precedence: it knows when a window ends. */
function retryOf(options: Code | undefined, details: readonly Detail[]): Retry {
  const after = options?.retry?.after;
  const info = unpack(details, RetryInfoSchema)[0];
  const delay = info ? info.retryDelay : after?.case === "delay" ? after.value : undefined;
  return {
    action: options?.retry?.action ?? RetryAction.UNSPECIFIED,
    delayMs: delay ? Math.max(durationMs(delay), 0) : 0,
    window: after?.case === "window" ? after.value : CalendarWindow.UNSPECIFIED,
  };
}

function unpack<Desc extends DescMessage>(
  details: readonly Detail[],
  schema: Desc,
): MessageShape<Desc>[] {
  return details.flatMap(({ type, value }) => {
    try {
      return type === schema.typeName ? [fromBinary(schema, value)] : [];
    } catch {
      return [];
    }
  });
}

function parseInt32(text: string | undefined): number | undefined {
  if (text === undefined || !/^-?[0-9]+$/.test(text)) {
    return undefined;
  }
  const number = Number(text);
  const truncated = number | 0; // also makes 0 of -0
  return number === truncated ? truncated : undefined;
}

/**
 * Looks up the tag, then the tag without its last subtags (RFC 4647), then any tag
 * of the same language: zh finds zh-CN.
 */
function lookUp(messages: Readonly<Record<string, string>>, locale: string): string | undefined {
  const entries = Object.entries(messages).map(([tag, text]) => [tag.toLowerCase(), text] as const);
  const subtags = locale.toLowerCase().split("-");
  for (let length = subtags.length; length > 0; length--) {
    const wanted = subtags.slice(0, length).join("-");
    const exact = entries.find(([tag]) => tag === wanted);
    if (exact) {
      return exact[1];
    }
  }
  return entries.find(([tag]) => tag.split("-", 1)[0] === subtags[0])?.[1];
}

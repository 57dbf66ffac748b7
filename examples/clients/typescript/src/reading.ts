/**
 * Reads response codes from gRPC statuses, whatever the transport. What a code
 * means is said once, in the options of its enum; this file only looks there.
 * connect.ts and grpcjs.ts turn the errors of their libraries into statuses.
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

/** The reason of a code that the table does not list, where none was sent. */
const unrecognizedReason = "UNRECOGNIZED_CODE";

/** The longest reason that AIP-193 allows, in bytes. */
const maxReason = 63;

/** One detail of a status: a google.protobuf.Any with a bare type name. */
export interface Detail {
  readonly type: string;
  readonly value: Uint8Array;
}

/** What every gRPC library has of a failed call. */
export interface Status {
  /** The gRPC status code, not the response code; 0 is OK. */
  readonly code: number;
  readonly details: readonly Detail[];
}

/** Whether and when the call may be repeated. */
export interface Retry {
  /** What has to happen first. UNSPECIFIED means: do not repeat the call. */
  readonly action: RetryAction;
  /** The least time to wait; 0 where none is stated. */
  readonly delayMs: number;
  /** The calendar window that has to end, for NEXT_WINDOW. */
  readonly window: CalendarWindow;
}

interface Facts {
  /** The name of the code: that of the table, or as it was sent if it lists none. */
  readonly reason: string;
  readonly domain: string;
  /** Who must act before the call can succeed. */
  readonly fault: Fault;
  readonly retry: Retry;
  /** What the server added, such as `id`; and `code`, the number of a known code. */
  readonly metadata: Readonly<Record<string, string>>;
  /**
   * The sentence that may be shown to an end user, in the language of a BCP 47
   * tag or the closest that the table has; "" where it has none.
   */
  userMessage(locale: string): string;
}

/**
 * A code of the table. The enum is open: a later one can be unlisted. One that
 * came with neither a number nor a listed reason has a number that the table
 * does not list.
 */
export interface KnownReading<Desc extends DescEnum> extends Facts {
  readonly known: true;
  readonly code: EnumShape<Desc>;
}

/**
 * A failure that is not of the table, as it was sent. Numbers of other domains
 * mean other things, which is why `known` has to be asked before a switch.
 */
export interface UnknownReading extends Facts {
  readonly known: false;
  readonly code: number | undefined;
}

export type Reading<Desc extends DescEnum> = KnownReading<Desc> | UnknownReading;

interface Entry {
  readonly reason: string;
  readonly options: Code;
}

/** The table that the options of an enum make, ready to read statuses. */
export class CodeTable<Desc extends DescEnum> {
  readonly #options: Table;
  readonly #byNumber = new Map<number, Entry>();
  readonly #byReason = new Map<string, number>();
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
   * Reads the first ErrorInfo that the table knows, else the first one. It
   * returns undefined where there is none and where the call succeeded. It
   * never throws: a detail that can't be parsed counts as absent.
   */
  read(status: Status): Reading<Desc> | undefined {
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
   * The sentence for a failure that says nothing of itself, such as one that a
   * public boundary masks; "" where the table has none.
   */
  defaultMessage(locale: string): string {
    return this.#userMessage(undefined, locale);
  }

  /**
   * Trusts the domain, then the number, then the reason; never a success. What
   * says neither is a code that the table does not list.
   */
  #numberOf(info: ErrorInfo): number | undefined {
    if (info.domain !== this.#options.domain) {
      return undefined;
    }
    const number =
      parseInt32(info.metadata.code) ?? this.#byReason.get(info.reason) ?? this.#absent;
    return this.#byNumber.get(number)?.options.grpcCode === GrpcCode.OK ? undefined : number;
  }

  #known(number: number, info: ErrorInfo, details: readonly Detail[]): KnownReading<Desc> {
    const entry = this.#byNumber.get(number);
    const localized = unpack(details, LocalizedMessageSchema)[0];
    const { code: sent, ...metadata } = info.metadata;
    const numbered = entry !== undefined || parseInt32(sent) !== undefined;
    return {
      known: true,
      code: number as EnumShape<Desc>,
      reason: entry?.reason ?? sentReason(info),
      domain: info.domain,
      fault: entry?.options.fault ?? Fault.UNSPECIFIED,
      retry: retryOf(entry?.options, details),
      metadata: numbered ? { ...metadata, code: String(number) } : metadata,
      // Of a code that is newer than our table, only the server has a sentence.
      userMessage: (locale) =>
        entry === undefined && localized !== undefined
          ? localized.message
          : this.#userMessage(entry, locale),
    };
  }

  #unknown(info: ErrorInfo, details: readonly Detail[]): UnknownReading {
    const localized = unpack(details, LocalizedMessageSchema)[0];
    return {
      known: false,
      // A number that our own table has refused must not come back as one.
      code: info.domain === this.#options.domain ? undefined : parseInt32(info.metadata.code),
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

/** What buf lint asks of the names: a word begins at a capital beside a small letter. */
function prefixOf(desc: DescEnum): string {
  const words = desc.name.replace(/(?<=[a-z])(?=[A-Z])|(?<=[^_])(?=[A-Z][a-z])/g, "_");
  return `${words.toUpperCase()}_`;
}

/** A later table may have a name for the code. It is cut between two characters. */
function sentReason({ reason }: ErrorInfo): string {
  const bytes = new TextEncoder().encode(reason).subarray(0, maxReason);
  return new TextDecoder().decode(bytes, { stream: true }) || unrecognizedReason;
}

/** What the server says of the delay wins: it knows when a window ends. */
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
 * Cuts subtags off the end of the tag until one matches (RFC 4647, lookup),
 * then settles for any tag of the same language: zh for zh-CN.
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

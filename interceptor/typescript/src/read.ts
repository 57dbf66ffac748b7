/** Reads the status of a failed call. All client interceptors use this file. */
import type { DescEnum } from "@bufbuild/protobuf";
import { CalendarWindow, Fault, RetryAction } from "@codetable/proto/codetable/v1/codetable_pb.js";
import { grpc } from "./code.js";
import { CodeError, type Content, type GrpcStatus } from "./error.js";
import { match } from "./locale.js";
import type { CodeTable } from "./table.js";
import { cut } from "./text.js";
import {
  codeKey,
  delayIn,
  errorInfo,
  type Info,
  localizedIn,
  nameOf,
  parseInfo,
  parseStatus,
  requestIdIn,
  requestInfo,
  type WireStatus,
} from "./wire.js";

/** The reason of a number that the enum does not list. It is wire contract. */
export const unrecognized = "UNRECOGNIZED_CODE";

/** The longest reason that AIP-193 allows, in bytes. */
export const maxReason = 63;

/**
 * The longest delay of a masked error after which the same request may be sent
 * again. A longer one means a calendar window.
 */
export const maxSameRequestMs = 60_000;

/** The code that an ErrorInfo of a table names. */
export interface Named {
  readonly table: CodeTable;
  readonly number: number;
  /** The number was sent. */
  readonly numbered: boolean;
  /** False for a success, which a failed call can't be, and for no code at all. */
  readonly failing: boolean;
  readonly info: Info;
  /** The index among the details. */
  readonly at: number;
}

/** Uses metadata.code, or else the reason. */
export function nameIn(table: CodeTable, info: Info, at: number): Named {
  const sent = parseInt32(info.metadata.get(codeKey));
  const number = sent ?? table.numberOf(info.reason) ?? table.absent;
  const entry = table.entry(number);
  const named = entry.listed || sent !== undefined || info.reason !== "";
  const failing = entry.grpcCode !== grpc.ok && named;
  return { table, number, numbered: sent !== undefined, failing, info, at };
}

/** Each readable ErrorInfo and its index; undefined for an unreadable one. */
export function infosIn({ details }: WireStatus): { info: Info | undefined; at: number }[] {
  return details.flatMap((detail, at) =>
    nameOf(detail) === errorInfo ? [{ info: parseInfo(detail.value), at }] : [],
  );
}

/** Finds the first ErrorInfo that names a failing code of a table. */
export function findCode(tables: readonly CodeTable[], status: WireStatus): Named | undefined {
  for (const { info, at } of status.code === 0 ? [] : infosIn(status)) {
    const table = tables.find(({ domain }) => domain === info?.domain);
    if (table !== undefined && info !== undefined) {
      const named = nameIn(table, info, at);
      if (named.failing) {
        return named;
      }
    }
  }
  return undefined;
}

/** Parses the details of a status. Details that contradict its gRPC code are refused. */
export function wireOf({ code, details }: GrpcStatus): WireStatus | undefined {
  const wire = details === undefined || code === 0 ? undefined : parseStatus(details);
  return wire?.code === code ? wire : undefined;
}

/** See CodeTable.read. The error has the code of the first table that knows one. */
export function read(
  tables: readonly CodeTable[],
  status: GrpcStatus,
  cause?: unknown,
): CodeError | undefined {
  const wire = wireOf(status);
  if (wire === undefined) {
    return undefined;
  }
  const content =
    coded(findCode(tables, wire), wire) ?? foreign(tables, wire) ?? masked(wire) ?? undefined;
  if (content === undefined) {
    return undefined;
  }
  const { number, domain, reason } = content;
  const name = [domain, number, reason].filter((part) => part !== "" && part !== undefined);
  return new CodeError({
    ...content,
    message: [name.join(" "), status.message].filter((part) => part !== "").join(": "),
    requestId: requestIdIn(wire.details),
    received: true,
    cause,
    status: () => status,
  });
}

type Reading = Omit<Content<DescEnum>, "message" | "requestId" | "received" | "cause" | "status">;

function coded(named: Named | undefined, { details }: WireStatus): Reading | undefined {
  if (named === undefined) {
    return undefined;
  }
  const { table, number, info, numbered } = named;
  const entry = table.entry(number);
  const metadata = Object.fromEntries([...info.metadata].filter(([key]) => key !== codeKey));
  const sentence = entry.listed ? undefined : localizedIn(details);
  const messages = sentence === undefined ? entry.messages : table.neutralWith(sentence);
  const delayMs = delayIn(details);
  const retry = table.retry(entry, delayMs);
  return {
    table,
    code: number,
    number,
    reason: entry.listed ? entry.reason : cut(info.reason, maxReason) || unrecognized,
    domain: table.domain,
    fault: entry.options?.fault ?? Fault.UNSPECIFIED,
    metadata: numbered || entry.listed ? { ...metadata, [codeKey]: String(number) } : metadata,
    masked: false,
    retry: () => retry,
    sentence: (locale) => match(messages, locale),
  };
}

/** The first ErrorInfo as it was sent. In a table's own domain the number is refused. */
function foreign(tables: readonly CodeTable[], wire: WireStatus): Reading | undefined {
  const info = infosIn(wire).find((each) => each.info !== undefined)?.info;
  if (info === undefined) {
    return undefined;
  }
  const own = tables.some(({ domain }) => domain === info.domain);
  return {
    ...unknown(wire),
    number: own ? undefined : parseInt32(info.metadata.get(codeKey)),
    reason: info.reason,
    domain: info.domain,
    metadata: Object.fromEntries(info.metadata),
  };
}

/** A server that hides an error sends a request id, and no ErrorInfo. */
function masked(wire: WireStatus): Reading | undefined {
  const names = wire.details.map(nameOf);
  if (!names.includes(requestInfo) || names.includes(errorInfo)) {
    return undefined;
  }
  return { ...unknown(wire, maskedAction(wire)), masked: true };
}

/** The retry advice of a mask: only its delay tells a window from a short wait. */
function maskedAction({ code, details }: WireStatus): RetryAction {
  const delayMs = delayIn(details);
  if (code !== grpc.unavailable || delayMs === undefined) {
    return RetryAction.UNSPECIFIED;
  }
  return delayMs <= maxSameRequestMs ? RetryAction.SAME_REQUEST : RetryAction.NEXT_WINDOW;
}

function unknown({ details }: WireStatus, action = RetryAction.UNSPECIFIED): Reading {
  const retry = { action, delayMs: delayIn(details) ?? 0, window: CalendarWindow.UNSPECIFIED };
  const localized = localizedIn(details);
  return {
    table: undefined,
    code: undefined,
    number: undefined,
    reason: "",
    domain: "",
    fault: Fault.UNSPECIFIED,
    metadata: {},
    masked: false,
    retry: () => retry,
    sentence: () => localized,
  };
}

/** Parses a decimal number of 32 bits. */
function parseInt32(text: string | undefined): number | undefined {
  if (text === undefined || !/^-?[0-9]+$/.test(text)) {
    return undefined;
  }
  const number = Number(text);
  const truncated = number | 0; // also makes 0 of -0
  return number === truncated ? truncated : undefined;
}

/** Shortens a status so that it can be sent. */
import { codeNames, grpc } from "./code.js";
import { findCode, maxReason } from "./read.js";
import type { CodeTable } from "./table.js";
import { bytesOf, cut, cutMessage, encodedLength } from "./text.js";
import {
  codeKey,
  delayIn,
  type Detail,
  encodeDetail,
  encodeStatus,
  errorInfo,
  infoDetail,
  localizedMessage,
  nameOf,
  parseInfo,
  requestInfo,
  retryDetail,
  retryInfo,
  type WireStatus,
} from "./wire.js";

/** The longest value of a metadata entry in a status that is too large, in bytes. */
const maxValue = 1024;

/** The maximum length of a DNS name. */
const maxDomain = 253;

/** The longest decimal number of 32 bits. */
const maxNumber = "-2147483648".length;

/** A status that can be sent, and the names of the parts that were removed from it. */
export interface Fitted {
  readonly status: WireStatus;
  readonly shed: readonly string[];
}

/**
 * Makes a status valid, and removes parts until it is within the budget. The
 * option `detailBudget` documents the order. Returns the same object if nothing
 * changed.
 */
export function fit(tables: readonly CodeTable[], given: WireStatus, budget: number): Fitted {
  let status = given;
  if (status.code < 0) {
    status = { ...status, code: grpc.unknown }; // gRPC can't read a negative code
  }
  if (status.message === "") {
    status = { ...status, message: codeNames[status.code] ?? `Code(${status.code})` };
  }
  if (fits(status, encodeStatus(status).length, budget)) {
    return { status, shed: [] };
  }
  const shed: string[] = [];
  const message = cutMessage(status.message, messageShare(budget));
  if (message !== status.message) {
    shed.push("message");
  }
  const carrier = carrierOf(tables, status);
  const info = carrier?.cut();
  const details = status.details.map((each, at) => (at === carrier?.at && info ? info : each));
  const dropped = drop({ ...status, message, details }, info, budget);
  const over = encodeStatus(dropped.status).length - budget;
  const fitted = over > 0 ? carrier?.drop(dropped.status, over) : undefined;
  shed.push(...dropped.shed, ...(carrier?.shortened === true ? ["metadata"] : []));
  return { status: fitted ?? dropped.status, shed: [...new Set(shed)] };
}

/** Whether a status of this size is within the budget, and its headers are within their shares. */
export function fits(status: WireStatus, size: number, budget: number): boolean {
  const details = status.details.length > 0 ? base64Length(size) : 0;
  const header = encodedLength(status.message) + details;
  return size <= budget && header <= base64Length(budget) + messageShare(budget);
}

/** The size that grpc-message may have in addition to the budget. */
function messageShare(budget: number): number {
  return Math.floor(budget / 4);
}

function base64Length(size: number): number {
  return Math.ceil(size / 3) * 4;
}

/**
 * Drops the details that matter least to the caller, and among these the last
 * one first, until the status is within the budget. It keeps the ErrorInfo of the
 * code and the first RetryInfo.
 */
function drop(status: WireStatus, info: Detail | undefined, budget: number): Fitted {
  const [kept, retry] = stripRetryInfo(status.details);
  let over = encodeStatus({ ...status, details: kept }).length - budget;
  const gone = new Set<Detail>();
  const order = kept.toReversed().sort((a, b) => rank(a) - rank(b));
  for (const each of order) {
    if (over > 0 && each !== info && each !== retry) {
      over -= sizeOfField(encodeDetail(each).length);
      gone.add(each);
    }
  }
  const shed = order.filter((each) => gone.has(each)).map((each) => nameOf(each) || "detail");
  return { status: { ...status, details: kept.filter((each) => !gone.has(each)) }, shed };
}

/** Leaves only the delay in the first readable RetryInfo, so that it is small enough to keep. */
function stripRetryInfo(details: readonly Detail[]): [Detail[], Detail | undefined] {
  const at = details.findIndex(
    (each) => nameOf(each) === retryInfo && delayIn([each]) !== undefined,
  );
  const delayMs = delayIn(details);
  if (at < 0 || delayMs === undefined) {
    return [[...details], undefined];
  }
  const stripped = retryDetail(delayMs);
  return [details.with(at, stripped), stripped];
}

/** Orders details by how much they matter to the caller. */
function rank(detail: Detail): number {
  const name = nameOf(detail);
  switch (name) {
    case "google.rpc.Help":
    case "google.rpc.DebugInfo":
    case errorInfo:
      return 1;
    case localizedMessage:
      return 2;
    case requestInfo:
      return 4;
    default:
      return name.replace(/\.[^.]*$/, "") === "google.rpc" ? 3 : 0;
  }
}

/** The size of a field of bytes, whose number is below 16. */
function sizeOfField(length: number): number {
  let size = 2 + length;
  for (let rest = length; rest > 127; rest >>= 7) {
    size++;
  }
  return size;
}

/**
 * The ErrorInfo of the code of a status: the one that a reader uses, or else the
 * first one. Its domain and its number are never cut, because a cut value would
 * name another code.
 */
class Carrier {
  shortened = false;
  #detail: Detail;
  #metadata: [string, string][];

  constructor(
    readonly at: number,
    detail: Detail,
    private readonly reason: string,
    private readonly domain: string,
    private readonly code: string,
    metadata: ReadonlyMap<string, string>,
  ) {
    this.#detail = detail;
    this.#metadata = [...metadata].filter(([key]) => key !== codeKey).sort(byKey);
  }

  /** Shortens every value. */
  cut(): Detail {
    return this.#pack(this.#metadata.map(([key, value]) => [key, cut(value, maxValue)]));
  }

  /** Removes entries until `over` bytes are removed, the largest first. */
  drop(status: WireStatus, over: number): WireStatus {
    const before = this.#detail;
    const gone = new Set<string>();
    for (const entry of this.#metadata.toSorted((a, b) => sizeOf(b) - sizeOf(a))) {
      if (over > 0) {
        over -= sizeOfField(sizeOf(entry));
        gone.add(entry[0]);
      }
    }
    const after = this.#pack(this.#metadata.filter(([key]) => !gone.has(key)));
    return { ...status, details: status.details.map((each) => (each === before ? after : each)) };
  }

  #pack(metadata: [string, string][]): Detail {
    const before = this.#detail.value.length;
    this.#metadata = metadata;
    this.#detail = infoDetail(this.reason, this.domain, this.code, metadata);
    this.shortened ||= this.#detail.value.length < before;
    return this.#detail;
  }
}

/** The size of an entry without its own tag and length. */
function sizeOf([key, value]: readonly [string, string]): number {
  return sizeOfField(bytesOf(key).length) + sizeOfField(bytesOf(value).length);
}

function byKey([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1;
}

/** Returns undefined if there is no ErrorInfo to keep. */
function carrierOf(tables: readonly CodeTable[], status: WireStatus): Carrier | undefined {
  const named = findCode(tables, status);
  const at = named?.at ?? status.details.findIndex((each) => nameOf(each) === errorInfo);
  const detail = status.details[at];
  const info = named?.info ?? (detail && parseInfo(detail.value));
  if (detail === undefined || info === undefined) {
    return undefined;
  }
  if (named === undefined && bytesOf(info.domain).length > maxDomain) {
    return undefined;
  }
  const sent = info.metadata.get(codeKey) ?? "";
  const code =
    named?.numbered === true ? String(named.number) : sent.length > maxNumber ? "" : sent;
  const listed = named?.table.entry(named.number).reason === info.reason;
  const reason = listed ? info.reason : cut(info.reason, maxReason);
  return new Carrier(at, detail, reason, info.domain, code, info.metadata);
}

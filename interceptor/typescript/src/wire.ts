/**
 * Reads and writes google.rpc.Status and the error details with a meaning here.
 * `fromBinary` of protobuf-es is not used: only new versions of it refuse strings
 * that are not valid UTF-8, and the readers of all languages must agree.
 */
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { bytesOf, decode } from "./text.js";

/** A google.protobuf.Any. */
export interface Detail {
  readonly typeUrl: string;
  readonly value: Uint8Array;
}

/** A google.rpc.Status. */
export interface WireStatus {
  readonly code: number;
  readonly message: string;
  readonly details: readonly Detail[];
}

/** A google.rpc.ErrorInfo. */
export interface Info {
  readonly reason: string;
  readonly domain: string;
  /** In the order of the wire, without duplicate keys. The last value of a key counts. */
  readonly metadata: ReadonlyMap<string, string>;
}

/** A google.rpc.LocalizedMessage. */
export interface Localized {
  readonly locale: string;
  readonly text: string;
}

/** The key of the number in ErrorInfo.metadata. It is wire contract. */
export const codeKey = "code";

const urlPrefix = "type.googleapis.com/";
export const errorInfo = "google.rpc.ErrorInfo";
export const retryInfo = "google.rpc.RetryInfo";
export const requestInfo = "google.rpc.RequestInfo";
export const localizedMessage = "google.rpc.LocalizedMessage";

/** The longest duration that Go can hold, 292 years, in milliseconds. */
export const maxDelayMs = 9_223_372_036_854;

/** The full name of the message in a detail. */
export function nameOf({ typeUrl }: Detail): string {
  return typeUrl.slice(typeUrl.lastIndexOf("/") + 1);
}

type Value = Uint8Array | bigint;

/** Returns the fields in the order of the wire. Throws for bytes that are no message. */
function fieldsOf(bytes: Uint8Array): [number, Value][] {
  const reader = new BinaryReader(bytes);
  const fields: [number, Value][] = [];
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    switch (type) {
      case WireType.Varint:
        fields.push([number, BigInt(reader.int64())]);
        break;
      case WireType.LengthDelimited:
        fields.push([number, reader.bytes()]);
        break;
      default:
        reader.skip(type, number);
    }
  }
  return fields;
}

/** Runs a parser. Returns undefined where it throws. */
function attempt<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}

function lastBytes(fields: [number, Value][], number: number): Uint8Array | undefined {
  return fields.findLast(
    (field): field is [number, Uint8Array] => field[0] === number && field[1] instanceof Uint8Array,
  )?.[1];
}

function lastNumber(fields: [number, Value][], number: number): bigint {
  const value = fields.findLast(
    ([at, value]) => at === number && typeof value === "bigint",
  )?.[1] as bigint | undefined;
  return value ?? 0n;
}

/** Throws if any occurrence of the field is not valid UTF-8, as protobuf requires. */
function textOf(fields: [number, Value][], number: number): string {
  const texts = fields.flatMap(([at, value]) =>
    at === number && value instanceof Uint8Array ? [decode(value)] : [],
  );
  return texts.at(-1) ?? "";
}

/** Returns undefined for bytes that are no google.rpc.Status. */
export function parseStatus(bytes: Uint8Array): WireStatus | undefined {
  return attempt(() => {
    const fields = fieldsOf(bytes);
    const details = fields.flatMap(([number, value]) =>
      number === 3 && value instanceof Uint8Array ? [parseAny(value)] : [],
    );
    const code = Number(BigInt.asIntN(32, lastNumber(fields, 1)));
    return { code, message: textOf(fields, 2), details };
  });
}

function parseAny(bytes: Uint8Array): Detail {
  const fields = fieldsOf(bytes);
  return { typeUrl: textOf(fields, 1), value: lastBytes(fields, 2) ?? new Uint8Array() };
}

/** Returns undefined for bytes that are no ErrorInfo. */
export function parseInfo(bytes: Uint8Array): Info | undefined {
  return attempt(() => {
    const fields = fieldsOf(bytes);
    const metadata = new Map<string, string>();
    for (const [number, value] of fields) {
      if (number === 3 && value instanceof Uint8Array) {
        const entry = fieldsOf(value);
        metadata.set(textOf(entry, 1), textOf(entry, 2));
      }
    }
    return { reason: textOf(fields, 1), domain: textOf(fields, 2), metadata };
  });
}

/** Parses the first readable detail of a type. */
function find<T>(
  details: readonly Detail[],
  name: string,
  parse: (fields: [number, Value][]) => T,
): T | undefined {
  for (const detail of details) {
    const found =
      nameOf(detail) === name ? attempt(() => parse(fieldsOf(detail.value))) : undefined;
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

/** The delay of the first RetryInfo in whole milliseconds, rounded up and never negative. */
export function delayIn(details: readonly Detail[]): number | undefined {
  return find(details, retryInfo, (fields) => {
    const duration = fieldsOf(lastBytes(fields, 1) ?? new Uint8Array());
    const nanos = Number(BigInt.asIntN(32, lastNumber(duration, 2)));
    const ms = Number(lastNumber(duration, 1)) * 1000 + nanos / 1_000_000;
    return Math.min(Math.max(Math.ceil(ms), 0), maxDelayMs);
  });
}

export function requestIdIn(details: readonly Detail[]): string {
  return (
    find(details, requestInfo, (fields) => {
      textOf(fields, 2); // it must be valid too
      return textOf(fields, 1);
    }) ?? ""
  );
}

export function localizedIn(details: readonly Detail[]): Localized | undefined {
  return find(details, localizedMessage, (fields) => ({
    locale: textOf(fields, 1),
    text: textOf(fields, 2),
  }));
}

/** Encodes fields by their numbers. As proto3 does, it leaves out empty strings. */
export function encode(fields: Readonly<Record<number, string | Uint8Array>>): Uint8Array {
  const writer = new BinaryWriter();
  for (const [number, value] of Object.entries(fields)) {
    if (value !== "") {
      const bytes = typeof value === "string" ? bytesOf(value) : value;
      writer.tag(Number(number), WireType.LengthDelimited).bytes(bytes);
    }
  }
  return writer.finish();
}

export function detail(name: string, value: Uint8Array): Detail {
  return { typeUrl: urlPrefix + name, value };
}

/** Writes the number first, then the metadata in its order. An empty number is left out. */
export function infoDetail(
  reason: string,
  domain: string,
  code: string,
  metadata: Iterable<readonly [string, string]>,
): Detail {
  const writer = new BinaryWriter().raw(encode({ 1: reason, 2: domain }));
  const entries = code === "" ? [...metadata] : [[codeKey, code] as const, ...metadata];
  for (const [key, value] of entries) {
    // Both fields of an entry are written even if they are empty.
    const entry = encode({ 1: bytesOf(key), 2: bytesOf(value) });
    writer.tag(3, WireType.LengthDelimited).bytes(entry);
  }
  return detail(errorInfo, writer.finish());
}

export function retryDetail(delayMs: number): Detail {
  const duration = new BinaryWriter();
  const seconds = Math.floor(delayMs / 1000);
  const nanos = Math.round((delayMs - seconds * 1000) * 1_000_000);
  if (seconds > 0) {
    duration.tag(1, WireType.Varint).int64(BigInt(seconds));
  }
  if (nanos > 0) {
    duration.tag(2, WireType.Varint).int32(nanos);
  }
  return detail(retryInfo, encode({ 1: duration.finish() }));
}

export function localizedDetail({ locale, text }: Localized): Detail {
  return detail(localizedMessage, encode({ 1: locale, 2: text }));
}

export function requestDetail(id: string): Detail {
  return detail(requestInfo, encode({ 1: id }));
}

export function encodeDetail({ typeUrl, value }: Detail): Uint8Array {
  return encode({ 1: typeUrl, 2: value.length > 0 ? value : "" });
}

export function encodeStatus({ code, message, details }: WireStatus): Uint8Array {
  const writer = new BinaryWriter();
  if (code !== 0) {
    writer.tag(1, WireType.Varint).int32(code);
  }
  if (message !== "") {
    writer.tag(2, WireType.LengthDelimited).bytes(bytesOf(message));
  }
  for (const each of details) {
    writer.tag(3, WireType.LengthDelimited).bytes(encodeDetail(each));
  }
  return writer.finish();
}

/** The test vectors of all languages: what is read of a status, and what a server sends. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fromBinary } from "@bufbuild/protobuf";
import { CalendarWindow, type CodeError, Fault, RetryAction } from "@codetable/core";
import { ErrorInfoSchema } from "@codetable/proto/google/rpc/error_details_pb.js";
import { StatusSchema } from "@codetable/proto/google/rpc/status_pb.js";

export interface Reading {
  known: boolean;
  code: number | null;
  reason: string;
  domain: string;
  fault: string;
  retry: { action: string; delay_ms: number; window: string };
  metadata: Record<string, string>;
  masked: boolean;
  request_id: string;
  user_message: Record<string, string>;
}

/** What a server is given. */
export interface Send {
  code: number | null;
  message: string;
  metadata: Record<string, string>;
  retry_after_ms: number | null;
  accept_language: string;
  public: boolean;
  budget: number;
  request_id: string;
}

export interface Vector {
  name: string;
  /** A google.rpc.Status in base64. */
  status: string | null;
  grpc_code: number;
  reading: Reading | null;
  send?: Send;
  pushback?: string;
}

const path = process.env.CODETABLE_VECTORS;
assert.ok(path, "set CODETABLE_VECTORS to the path of vectors.json, as make test does");

export const vectors = JSON.parse(readFileSync(path, "utf8")) as readonly Vector[];

export function vector(name: string): Vector {
  const found = vectors.find((each) => each.name === name);
  assert.ok(found, `there is no vector "${name}"`);
  return found;
}

export function bytesOf({ status }: Vector): Buffer {
  return Buffer.from(status ?? "", "base64");
}

/** Returns an error in the form of the vectors. */
export function asReading(error: CodeError | undefined, want: Reading | null): Reading | null {
  if (error === undefined) {
    return null;
  }
  const { reason, domain, fault, retry, metadata, masked } = error;
  return {
    known: error.code !== undefined,
    code: error.number ?? null,
    reason,
    domain,
    fault: `FAULT_${Fault[fault]}`,
    retry: {
      action: `RETRY_ACTION_${RetryAction[retry.action]}`,
      delay_ms: retry.delayMs,
      window: `CALENDAR_WINDOW_${CalendarWindow[retry.window]}`,
    },
    metadata: { ...metadata },
    masked,
    request_id: error.requestId,
    user_message: Object.fromEntries(
      Object.keys(want?.user_message ?? {}).map((tag) => [tag, error.userMessage(tag)]),
    ),
  };
}

/** Parses a status for a comparison that ignores the order of map entries alone. */
export function comparable(bytes: Uint8Array): unknown {
  const { $typeName, details, ...rest } = fromBinary(StatusSchema, bytes);
  const size = bytes.length;
  return { $typeName, ...rest, size, details: details.map(comparableDetail) };
}

function comparableDetail({ typeUrl, value }: { typeUrl: string; value: Uint8Array }): unknown {
  const hex = { typeUrl, value: Buffer.from(value).toString("hex") };
  try {
    const isInfo = typeUrl.endsWith(`/${ErrorInfoSchema.typeName}`);
    return isInfo ? { typeUrl, value: fromBinary(ErrorInfoSchema, value) } : hex;
  } catch {
    return hex;
  }
}

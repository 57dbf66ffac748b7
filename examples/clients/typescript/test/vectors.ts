/** The vectors that all languages share: a status, and what it has to be read as. */
import { readFileSync } from "node:fs";
import {
  CalendarWindow,
  Fault,
  RetryAction,
} from "@codetable/jverification/codetable/v1/codetable_pb.js";
import type { ResponseCodeSchema } from "@codetable/jverification/jiguang/jverification/v1/response_code_pb.js";
import type { Reading } from "../src/reading.js";

export interface ExpectedReading {
  known: boolean;
  code: number | null;
  reason: string;
  domain: string;
  fault: string;
  retry: { action: string; delay_ms: number; window: string };
  metadata: Record<string, string>;
  user_message: Record<string, string>;
}

export interface Vector {
  name: string;
  /** A google.rpc.Status in base64. */
  status: string;
  grpc_code: number;
  reading: ExpectedReading | null;
}

const file = "../../../../../proto/jiguang/jverification/v1/testdata/vectors.json"; // seen from dist/test

export const vectors: readonly Vector[] = JSON.parse(
  readFileSync(new URL(file, import.meta.url), "utf8"),
) as Vector[];

/** Writes a reading as the vectors do. */
export function asExpected(
  reading: Reading<typeof ResponseCodeSchema>,
  locales: string[],
): ExpectedReading {
  const { known, reason, domain, fault, retry, metadata } = reading;
  return {
    known,
    code: reading.code ?? null,
    reason,
    domain,
    fault: `FAULT_${Fault[fault]}`,
    retry: {
      action: `RETRY_ACTION_${RetryAction[retry.action]}`,
      delay_ms: retry.delayMs,
      window: `CALENDAR_WINDOW_${CalendarWindow[retry.window]}`,
    },
    metadata: { ...metadata },
    user_message: Object.fromEntries(locales.map((tag) => [tag, reading.userMessage(tag)])),
  };
}

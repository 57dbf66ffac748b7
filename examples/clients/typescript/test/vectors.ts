/** The test vectors of all languages: statuses, and what each must be read as. */
import { readFileSync } from "node:fs";
import {
  CalendarWindow,
  Fault,
  RetryAction,
} from "@codetable/jverification/codetable/v1/codetable_pb.js";
import type { ResponseCodeSchema } from "@codetable/jverification/jiguang/jverification/v1/response_code_pb.js";
import type { CodeError } from "../src/code_table.js";

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

const all = JSON.parse(
  readFileSync(new URL(file, import.meta.url), "utf8"),
  (key, value: unknown) => (key === "masked" || key === "request_id" ? undefined : value),
) as Vector[];

export const vectors: readonly Vector[] = all.filter(({ name }) =>
  /^(code|option|language|budget|foreign|large)\b/.test(name),
);

/** Returns an error in the form of the vectors. */
export function asExpected(
  error: CodeError<typeof ResponseCodeSchema>,
  locales: string[],
): ExpectedReading {
  const { known, number, reason, domain, fault, retry, metadata } = error;
  return {
    known,
    code: number ?? null,
    reason,
    domain,
    fault: `FAULT_${Fault[fault]}`,
    retry: {
      action: `RETRY_ACTION_${RetryAction[retry.action]}`,
      delay_ms: retry.delayMs,
      window: `CALENDAR_WINDOW_${CalendarWindow[retry.window]}`,
    },
    metadata: { ...metadata },
    user_message: Object.fromEntries(locales.map((tag) => [tag, error.userMessage(tag)])),
  };
}

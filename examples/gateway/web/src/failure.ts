/** What a failed call means to the person in front of the page. */
import type { DescEnum } from "@bufbuild/protobuf";
import { durationMs } from "@bufbuild/protobuf/wkt";
import { Fault, RetryAction } from "@codetable/jverification/codetable/v1/codetable_pb.js";
import {
  BadRequestSchema,
  RequestInfoSchema,
  RetryInfoSchema,
} from "@codetable/jverification/google/rpc/error_details_pb.js";
import { ResponseCode } from "@codetable/jverification/jiguang/jverification/v1/response_code_pb.js";
import { Code, ConnectError } from "@connectrpc/connect";
import { fromConnectError } from "../../../clients/typescript/src/connect.js";
import type { CodeError } from "../../../clients/typescript/src/code_table.js";
import { inLanguage } from "./language.js";
import { tables } from "./table.js";
import { text } from "./text.js";

export interface Failure {
  /** In the language of the browser, and safe to show to an end user. */
  readonly message: string;
  /** Who can fix it: the person, or somebody else, whom the page does not name. */
  readonly mine: boolean;
  /** What another try needs: the same input, fresh input, or nothing helps. */
  readonly next: "same" | "fresh" | "none";
  /** The token or captcha of the call was not used. */
  readonly unspent: boolean;
  /** How long there is no next try, in milliseconds. */
  readonly delayMs: number;
  /** When that ends, in milliseconds since the epoch. */
  readonly readyAt: number;
  /** What an operator finds the call by; "" where the gateway sent none. */
  readonly reference: string;
  /** The fields of the request that are not valid. */
  readonly fields: readonly string[];
}

/** Reads the code of an error; undefined where it has none. */
export function read(error: ConnectError): CodeError<DescEnum> | undefined {
  const readings = tables.map(({ reader }) => fromConnectError(reader, error));
  return readings.find((reading) => reading?.known) ?? readings[0];
}

export function failureOf(error: ConnectError): Failure {
  const reading = read(error);
  const delay = error.findDetails(RetryInfoSchema)[0]?.retryDelay;
  const delayMs = reading?.retry.delayMs ?? (delay ? durationMs(delay) : 0);
  const violations = error.findDetails(BadRequestSchema).flatMap((bad) => bad.fieldViolations);
  const next = reading ? nextOf(reading.retry.action) : nextWithoutCode(error, delay !== undefined);
  // Only the gateway names fields beside this code: it has not asked the upstream.
  const refused = reading?.code === ResponseCode.PARAMETER_INVALID && violations.length > 0;
  return {
    message: inLanguage((locale) => reading?.userMessage(locale) ?? "") || messageOf(error),
    mine: reading?.fault === Fault.END_USER || reading?.fault === Fault.CALLER,
    next,
    unspent: refused || next === "same",
    delayMs,
    readyAt: Date.now() + delayMs,
    reference: error.findDetails(RequestInfoSchema)[0]?.requestId ?? "",
    fields: violations.map(({ field }) => field),
  };
}

function nextOf(action: RetryAction): Failure["next"] {
  switch (action) {
    case RetryAction.SAME_REQUEST:
      return "same";
    case RetryAction.NEW_INPUT:
    case RetryAction.NEXT_WINDOW: // the token has expired by then
      return "fresh";
    default:
      return "none";
  }
}

/** The token may have been spent, whether or not an answer came. */
function nextWithoutCode(error: ConnectError, timeHeals: boolean): Failure["next"] {
  return timeHeals || unanswered(error) ? "fresh" : "none";
}

function messageOf(error: ConnectError): string {
  return unanswered(error)
    ? text.unreachable
    : inLanguage((locale) => tables[0]?.reader.defaultMessage(locale) ?? "");
}

/** fetch throws a TypeError where there is no HTTP response. */
function unanswered(error: ConnectError): boolean {
  return error.cause instanceof TypeError || error.code === Code.DeadlineExceeded;
}

/** What a failed call means to the person in front of the page. */
import { durationMs } from "@bufbuild/protobuf/wkt";
import { type CodeError, Fault, RetryAction } from "@codetable/core";
import { ConnectCodeError } from "@codetable/core/connect";
import { ResponseCode } from "@codetable/jverification/jiguang/jverification/v1/response_code_pb.js";
import { BadRequestSchema, RetryInfoSchema } from "@codetable/proto/google/rpc/error_details_pb.js";
import { Code, type ConnectError } from "@connectrpc/connect";
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

/** What the interceptor has read of an error; undefined if there was nothing to read. */
export function read(error: ConnectError): CodeError | undefined {
  return error instanceof ConnectCodeError ? error.codeError : undefined;
}

export function failureOf(error: ConnectError): Failure {
  const found = read(error);
  const delay = error.findDetails(RetryInfoSchema)[0]?.retryDelay;
  const delayMs = found?.retry.delayMs ?? (delay ? durationMs(delay) : 0);
  const violations = error.findDetails(BadRequestSchema).flatMap((bad) => bad.fieldViolations);
  const next =
    found?.code === undefined
      ? nextWithoutCode(error, delay !== undefined)
      : nextOf(found.retry.action);
  // Only the gateway names fields beside this code: it has not asked the upstream.
  const refused = found?.code === ResponseCode.PARAMETER_INVALID && violations.length > 0;
  return {
    message: inLanguage((locale) => found?.userMessage(locale) ?? "") || messageOf(error),
    mine: found?.fault === Fault.END_USER || found?.fault === Fault.CALLER,
    next,
    unspent: refused || next === "same",
    delayMs,
    readyAt: Date.now() + delayMs,
    reference: found?.requestId ?? "",
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
    : inLanguage((locale) => tables[0]?.codes.neutralMessage(locale) ?? "");
}

/** fetch throws a TypeError where there is no HTTP response. */
function unanswered(error: ConnectError): boolean {
  return error.cause instanceof TypeError || error.code === Code.DeadlineExceeded;
}

/** The code table, as the options of the enum say it. */
import { type DescEnumValue, type DescMethod, getOption } from "@bufbuild/protobuf";
import { durationMs } from "@bufbuild/protobuf/wkt";
import {
  CalendarWindow,
  type Code,
  code as codeOption,
  DetailType,
  method as methodOption,
  type Retry,
  RetryAction,
  table as tableOption,
} from "@codetable/jverification/codetable/v1/codetable_pb.js";
import { GrpcCode } from "@codetable/jverification/codetable/v1/grpc_code_pb.js";
import { ResponseCodeSchema } from "@codetable/jverification/jiguang/jverification/v1/response_code_pb.js";
import { CodeTable } from "../../../clients/typescript/src/reading.js";
import { duration, text } from "./text.js";

export const responseCodes = new CodeTable(ResponseCodeSchema);

const { domain, helpUrl } = getOption(ResponseCodeSchema, tableOption);

export { helpUrl };

/** One code, in words. */
export interface Row {
  readonly number: number;
  readonly reason: string;
  readonly notes: string;
  /** The upstream's own wording. */
  readonly description: string;
  readonly succeeds: boolean;
  readonly grpcCode: string;
  readonly fault: string;
  readonly retry: string;
  /** The standard detail that the status carries and its subject, or "". */
  readonly detail: string;
  readonly searched: string;
}

export const rows: readonly Row[] = ResponseCodeSchema.values
  .map((value) => rowOf(value, getOption(value, codeOption)))
  .sort((a, b) => a.number - b.number);

function rowOf(value: DescEnumValue, options: Code): Row {
  const succeeds = options.grpcCode === GrpcCode.OK;
  const row = {
    number: value.number,
    reason: options.reason || value.name.slice(ResponseCodeSchema.sharedPrefix?.length ?? 0),
    notes: options.notes,
    description: options.description,
    succeeds,
    // Unset is a fault of the table, and travels as UNKNOWN.
    grpcCode: GrpcCode[options.grpcCode ?? GrpcCode.UNKNOWN],
    fault: succeeds ? "" : text.fault[options.fault],
    retry: options.retry === undefined ? "" : retryText(options.retry),
    detail: options.detail ? `${DetailType[options.detail.type]} ${options.detail.subject}` : "",
  };
  const searched = [...Object.values(row), ...Object.values(options.userMessages)];
  return { ...row, searched: searched.join("\n").toLowerCase() };
}

function retryText({ action, after }: Retry): string {
  const delay = after.case === "delay" ? text.after(duration(durationMs(after.value) / 1000)) : "";
  switch (action) {
    case RetryAction.SAME_REQUEST:
      return text.sameRequest(delay);
    case RetryAction.NEW_INPUT:
      return text.newInput(delay);
    case RetryAction.NEXT_WINDOW:
      return after.value === CalendarWindow.HOUR ? text.nextHour : text.nextDay;
    case RetryAction.OPERATOR_ACTION:
      return text.operatorAction;
    case RetryAction.CONFIRM_OUTCOME:
      return text.confirmOutcome(delay);
    default:
      return text.never;
  }
}

/** Whether a method declares that it can answer with a code. */
export function declares(method: DescMethod, code: number): boolean {
  const reason = rows.find(({ number }) => number === code)?.reason;
  const { codes } = getOption(method, methodOption);
  return codes.some(
    (declared) =>
      declared.domain === domain && declared.reasons.some((declared) => declared === reason),
  );
}

/** The rows that have each word of a query somewhere. */
export function search(query: string): readonly Row[] {
  const words = query.toLowerCase().split(/\s+/);
  return rows.filter((row) => words.every((word) => row.searched.includes(word)));
}

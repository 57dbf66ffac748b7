/** The code tables, as the options of their enums state them. */
import {
  type DescEnum,
  type DescEnumValue,
  type DescMethod,
  type DescMethodUnary,
  getOption,
} from "@bufbuild/protobuf";
import { durationMs } from "@bufbuild/protobuf/wkt";
import { CodeTable } from "@codetable/core";
import {
  CalendarWindow,
  code as codeOption,
  DetailType,
  Fault,
  method as methodOption,
  type Retry,
  RetryAction,
  table as tableOption,
} from "@codetable/proto/codetable/v1/codetable_pb.js";
import { GrpcCode } from "@codetable/proto/codetable/v1/grpc_code_pb.js";
import { GatewayCodeSchema } from "@codetable/jverification/jiguang/jverification/v1/gateway_code_pb.js";
import { ResponseCodeSchema } from "@codetable/jverification/jiguang/jverification/v1/response_code_pb.js";
import { VerificationService } from "@codetable/jverification/jiguang/jverification/v1/verification_service_pb.js";
import { type Family, familyOf } from "./group.js";
import { duration, inLanguage, language } from "./language.js";
import { statusOf } from "./status.js";
import { text } from "./text.js";
import { codesInChinese } from "./text/codes-zh.js";

export interface Table {
  readonly domain: string;
  readonly helpUrl: string;
  readonly codes: CodeTable;
  readonly rows: readonly Row[];
}

/** One code, in the language of the page. */
export interface Row {
  readonly number: number;
  /** The name of the enum value. */
  readonly name: string;
  readonly reason: string;
  readonly domain: string;
  /** The name of the enum. */
  readonly table: string;
  /** The fragment of the address that leads to the code; so does the name. */
  readonly anchor: string;
  readonly meaning: string;
  /** The upstream's own wording, as published. */
  readonly description: string;
  readonly resolution: string;
  readonly succeeds: boolean;
  readonly grpcCode: string;
  readonly http: number;
  readonly fault: Fault;
  readonly family: Family;
  readonly action: RetryAction;
  /** When the call may be repeated, or "" for a success. */
  readonly retry: string;
  /** The standard detail that the status carries and its subject, or "". */
  readonly detail: string;
  /** What an end user reads. */
  readonly sentence: string;
  /** The methods that declare the code. */
  readonly methods: readonly DescMethod[];
  readonly searched: string;
}

/** The upstream's codes, and those of the gateway itself. */
export const tables: readonly Table[] = [
  tableOf(ResponseCodeSchema, "code-"),
  tableOf(GatewayCodeSchema, "gateway-code-"),
];

export const upstreamDomain = getOption(ResponseCodeSchema, tableOption).domain;

const allRows = tables.flatMap(({ rows }) => rows);

function tableOf(desc: DescEnum, anchor: string): Table {
  const { domain, helpUrl } = getOption(desc, tableOption);
  const codes = new CodeTable(desc);
  const rows = desc.values
    .map((value) => rowOf(value, domain, anchor, codes))
    .sort((a, b) => a.number - b.number);
  return { domain, helpUrl, codes, rows };
}

function rowOf(value: DescEnumValue, domain: string, anchor: string, codes: CodeTable): Row {
  const options = getOption(value, codeOption);
  const reason = options.reason || value.name.slice(value.parent.sharedPrefix?.length ?? 0);
  // Unset is a fault of the table, and travels as UNKNOWN.
  const status = statusOf(options.grpcCode ?? GrpcCode.UNKNOWN);
  const succeeds = options.grpcCode === GrpcCode.OK;
  const [meaning, resolution] = codesInChinese[reason] ?? [options.notes, options.resolution];
  const row = {
    number: value.number,
    name: value.name,
    reason,
    domain,
    table: value.parent.name,
    anchor: `${anchor}${value.number}`,
    meaning: language === "zh" ? meaning : options.notes,
    description: options.description,
    resolution: language === "zh" ? resolution : options.resolution,
    succeeds,
    grpcCode: status.name,
    http: status.http,
    fault: succeeds ? Fault.UNSPECIFIED : options.fault,
    family: familyOf(domain, value.number),
    action: options.retry?.action ?? RetryAction.UNSPECIFIED,
    retry: options.retry === undefined ? "" : retryText(options.retry),
    detail: options.detail ? `${DetailType[options.detail.type]} ${options.detail.subject}` : "",
    sentence: inLanguage((locale) => codes.error(value.number)?.userMessage(locale) ?? ""),
    methods: methodsOf(domain, reason),
  };
  const more = [
    status.camel,
    `HTTP ${status.http}`,
    text.fault[row.fault],
    text.family[row.family],
  ];
  const searched = [
    ...Object.values(row).filter((field) => typeof field === "string"),
    ...[String(value.number), options.notes, options.resolution, meaning, resolution, ...more],
    ...Object.values(options.userMessages),
    ...row.methods.map(({ name }) => name),
  ];
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

function methodsOf(domain: string, reason: string): DescMethod[] {
  return VerificationService.methods.filter((method) =>
    getOption(method, methodOption).codes.some(
      (declared) => declared.domain === domain && declared.reasons.includes(reason),
    ),
  );
}

/** The codes of the upstream that a method declares. */
export function rowsOf(method: DescMethodUnary): readonly Row[] {
  return allRows.filter(
    ({ domain, methods }) => domain === upstreamDomain && methods.includes(method),
  );
}

/** The code with a number or a reason in a domain. */
export function rowOfCode(domain: string, code: number | string | undefined): Row | undefined {
  return allRows.find(
    (row) => row.domain === domain && (row.number === code || row.reason === code),
  );
}

/** The code that a fragment such as code-9018 or RESPONSE_CODE_APPKEY_NO_MONEY leads to. */
export function rowAt(fragment: string): Row | undefined {
  return allRows.find(({ anchor, name }) => fragment === anchor || fragment === name);
}

/** Reports whether a row has each word of a query somewhere. */
export function matches(row: Row, query: string): boolean {
  const words = query.normalize("NFKC").toLowerCase().trim().split(/\s+/);
  return words.every((word) => row.searched.includes(word));
}

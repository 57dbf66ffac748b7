/** Makes the errors that a server sends. */
import type { DescEnum, EnumShape } from "@bufbuild/protobuf";
import { DetailType, Fault } from "@codetable/proto/codetable/v1/codetable_pb.js";
import { CodeError } from "./error.js";
import { match } from "./locale.js";
import type { CodeTable, Entry, ErrorOptions } from "./table.js";
import { cutMessage, maxMessage, wellFormed } from "./text.js";
import {
  codeKey,
  type Detail,
  detail,
  encode,
  encodeStatus,
  errorInfo,
  infoDetail,
  maxDelayMs,
  nameOf,
  retryDetail,
  retryInfo,
} from "./wire.js";

/** The rule of AIP-193 for a key of ErrorInfo.metadata. */
const validKey = /^[a-z][a-zA-Z0-9_-]{1,63}$/;

/** See CodeTable.error. The code must not be a success. */
export function make<Desc extends DescEnum>(
  table: CodeTable<Desc>,
  code: EnumShape<Desc>,
  options: ErrorOptions,
): CodeError<Desc> {
  const number: number = code;
  const entry = table.entry(number);
  const { accepted, cause } = checked(options);
  const sent = cutMessage(wellFormed(options.message ?? ""), maxMessage) || entry.message;
  const retry = () => table.retry(entry, accepted.retryAfterMs);
  return new CodeError({
    table,
    code,
    number,
    reason: entry.reason,
    domain: table.domain,
    fault: entry.options?.fault ?? Fault.UNSPECIFIED,
    metadata: { ...Object.fromEntries(accepted.metadata), [codeKey]: String(number) },
    requestId: "",
    masked: false,
    received: false,
    message: `${table.domain} ${number} ${entry.reason}: ${sent}`,
    cause,
    retry,
    sentence: (locale) => match(entry.messages, locale),
    status() {
      const { delayMs } = retry();
      const own = lastOfEach(accepted.details);
      const details = [
        infoDetail(entry.reason, table.domain, String(number), accepted.metadata),
        ...(delayMs > 0 || accepted.retryAfterMs === 0 ? [retryDetail(delayMs)] : []),
        ...subjectOf(entry).filter((each) => !own.some((other) => nameOf(other) === nameOf(each))),
        ...own,
      ];
      const status = { code: entry.grpcCode, message: sent, details };
      return { code: entry.grpcCode, message: sent, details: encodeStatus(status) };
    },
  });
}

interface Accepted {
  readonly metadata: [string, string][];
  readonly retryAfterMs: number | undefined;
  readonly details: Detail[];
}

/** Leaves out the invalid options, and adds them to the cause. */
function checked(options: ErrorOptions): { accepted: Accepted; cause: unknown } {
  const faults: unknown[] = options.cause === undefined ? [] : [options.cause];
  const accept = (valid: boolean, fault: string) => {
    if (!valid) {
      faults.push(new TypeError(fault));
    }
    return valid;
  };
  const metadata = Object.entries(options.metadata ?? {})
    .filter(([key]) =>
      accept(
        key !== codeKey && validKey.test(key),
        `metadata key "${key}": want a key of AIP-193 other than "${codeKey}"`,
      ),
    )
    .map(([key, value]): [string, string] => [key, wellFormed(value)])
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const details = (options.details ?? []).filter((each) =>
    accept(
      ![errorInfo, retryInfo, ""].includes(nameOf(each)),
      `detail "${each.typeUrl}": want a message other than ErrorInfo and RetryInfo`,
    ),
  );
  const { retryAfterMs } = options;
  const validDelay =
    retryAfterMs !== undefined &&
    accept(retryAfterMs >= 0 && retryAfterMs < Infinity, `retry delay ${retryAfterMs} ms`);
  return {
    accepted: {
      metadata,
      details,
      // Readers round up too. More than the maximum, or a fraction that rounds to a whole
      // second of nanoseconds, can't be encoded as a Duration.
      retryAfterMs: validDelay ? Math.min(Math.ceil(retryAfterMs), maxDelayMs) || 0 : undefined,
    },
    cause: faults.length > 1 ? new AggregateError(faults) : faults[0],
  };
}

function lastOfEach(details: readonly Detail[]): Detail[] {
  return details.filter(
    (each, at) => details.findLastIndex((other) => nameOf(other) === nameOf(each)) === at,
  );
}

/**
 * The detail that a table names for a code. It has only texts of the table, so
 * no phone number or token can get in.
 */
function subjectOf({ options, reason }: Entry): Detail[] {
  const { type, subject = "" } = options?.detail ?? {};
  const text = options?.notes ?? "";
  const violation = (name: string, fields: Readonly<Record<number, string>>) => [
    detail(name, encode({ 1: encode(fields) })),
  ];
  switch (type) {
    case DetailType.BAD_REQUEST:
      return violation("google.rpc.BadRequest", { 1: subject, 2: text, 3: reason });
    case DetailType.PRECONDITION_FAILURE:
      return violation("google.rpc.PreconditionFailure", { 1: reason, 2: subject, 3: text });
    case DetailType.QUOTA_FAILURE:
      return violation("google.rpc.QuotaFailure", { 1: subject, 2: text });
    case DetailType.RESOURCE_INFO:
      return [detail("google.rpc.ResourceInfo", encode({ 1: subject, 4: text }))];
    default:
      return [];
  }
}

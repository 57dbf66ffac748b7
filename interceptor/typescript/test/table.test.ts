import assert from "node:assert/strict";
import { test } from "node:test";
import {
  create,
  createFileRegistry,
  type MessageInitShape,
  setExtension,
  toBinary,
} from "@bufbuild/protobuf";
import {
  anyPack,
  EnumOptionsSchema,
  EnumValueOptionsSchema,
  FileDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";
import { CodeTable, Fault, type GrpcStatus, RetryAction, Translator } from "@codetable/core";
import {
  code,
  CodeSchema,
  table,
  TableSchema,
} from "@codetable/proto/codetable/v1/codetable_pb.js";
import { GrpcCode } from "@codetable/proto/codetable/v1/grpc_code_pb.js";
import {
  ErrorInfoSchema,
  QuotaFailureSchema,
  RetryInfoSchema,
} from "@codetable/proto/google/rpc/error_details_pb.js";
import { StatusSchema } from "@codetable/proto/google/rpc/status_pb.js";
import { ShopCode } from "./gen/shop/v1/shop_pb.js";
import { shopCodes } from "./tables.js";

// Unlike the table of the vectors, this one has more languages, and a value without
// options.
const messages = { "en-GB": "en-GB", en: "en", "zh-CN": "zh-CN", "zh-Hant-TW": "zh-Hant-TW" };
const domain = "acme.example.com";

const soldOut: MessageInitShape<typeof CodeSchema> = {
  grpcCode: GrpcCode.FAILED_PRECONDITION,
  fault: Fault.END_USER,
  userMessages: messages,
};

function acmeTable({ name = "Acme", value = "ACME_SOLD_OUT", says = soldOut, ofTable = {} } = {}) {
  const enumOptions = create(EnumOptionsSchema, { allowAlias: true });
  setExtension(enumOptions, table, create(TableSchema, { domain, ...ofTable }));
  const options = create(EnumValueOptionsSchema);
  setExtension(options, code, create(CodeSchema, says));
  const file = create(FileDescriptorProtoSchema, {
    name: "acme.proto",
    syntax: "proto3",
    enumType: [
      {
        name,
        options: enumOptions,
        value: [
          { name: "ACME_UNSPECIFIED", number: 0 },
          { name: value, number: 17, options },
          { name: "ACME_ALIAS", number: 17 },
        ],
      },
    ],
  });
  const desc = createFileRegistry(file, () => undefined).getEnum(name);
  assert.ok(desc);
  return new CodeTable(desc);
}

function status(info: MessageInitShape<typeof ErrorInfoSchema>, seconds?: bigint): GrpcStatus {
  const details = [anyPack(ErrorInfoSchema, create(ErrorInfoSchema, { domain, ...info }))];
  if (seconds !== undefined) {
    const retry = create(RetryInfoSchema, { retryDelay: { seconds } });
    details.push(anyPack(RetryInfoSchema, retry));
  }
  const bytes = toBinary(StatusSchema, create(StatusSchema, { code: 9, details }));
  return { code: 9, message: "", details: bytes };
}

const numbered = (number: number, reason = "") =>
  status({ reason, metadata: { code: `${number}` } });

test("any annotated enum is a table", () => {
  const error = acmeTable().read(numbered(17));
  assert.deepEqual([error?.code, error?.reason, error?.fault], [17, "SOLD_OUT", Fault.END_USER]);
});

test("an alias is its first name", () => {
  assert.equal(acmeTable().read(status({ reason: "ALIAS" }))?.reason, "SOLD_OUT");
});

test("a value without options is a failure without advice", () => {
  const error = acmeTable().read(numbered(0));
  assert.deepEqual([error?.code, error?.reason, error?.userMessage("en")], [0, "UNSPECIFIED", ""]);
  assert.equal(acmeTable().error(0)?.status.code, GrpcCode.UNKNOWN);
});

test("a table without a domain has the name of its enum", () => {
  assert.equal(acmeTable({ ofTable: { domain: "" } }).domain, "Acme");
});

test("a delay is never negative", () => {
  const delayOf = (seconds: bigint) =>
    acmeTable().read(status({ metadata: { code: "17" } }, seconds))?.retry.delayMs;
  assert.deepEqual([delayOf(60n), delayOf(-60n)], [60_000, 0]);
});

// These are the prefixes that buf lint accepts; protobuf-es would use A2_A_ERROR.
for (const [name, prefix] of Object.entries({
  A2AError: "A2A_ERROR_",
  HTTPCode: "HTTP_CODE_",
  IPv4Code: "I_PV4_CODE_",
  Code2: "CODE2_",
  Other: "",
})) {
  test(`the prefix of ${name} is ${prefix}`, () => {
    const error = acmeTable({ name, value: `${prefix}BUSY` }).read(numbered(17));
    assert.equal(error?.reason, "BUSY");
  });
}

test("a stated reason is the reason", () => {
  const acme = acmeTable({ value: "ACME_E17", says: { ...soldOut, reason: "SOLD_OUT" } });
  assert.equal(acme.read(status({ reason: "SOLD_OUT" }))?.code, 17);
});

test("a code whose outcome is unknown says to ask for the outcome", () => {
  const after = { case: "delay", value: { seconds: 2n } } as const;
  const says = { ...soldOut, retry: { action: RetryAction.CONFIRM_OUTCOME, after } };
  const { retry } = acmeTable({ says }).read(numbered(17)) ?? {};
  assert.deepEqual([retry?.action, retry?.delayMs], [RetryAction.CONFIRM_OUTCOME, 2000]);
});

test("the sentence of the table replaces a missing one in each language", () => {
  const ofTable = {
    defaultUserMessages: { en: "Sorry.", "zh-CN": "抱歉。" },
    defaultLocale: "en",
  };
  const acme = acmeTable({ ofTable, says: { ...soldOut, userMessages: { en: "Sold out." } } });
  const error = acme.read(numbered(17));
  assert.equal(error?.userMessage("zh"), "抱歉。");
  for (const locale of ["en", "fr", "*", ""]) {
    assert.equal(error.userMessage(locale), "Sold out.", locale);
    assert.equal(acme.neutralMessage(locale), "Sorry.", locale);
  }
});

for (const [locale, want] of Object.entries({
  en: "en",
  EN: "en",
  "en-gb": "en-GB",
  "en-GB-oxendict": "en-GB",
  "en-US": "en",
  "zh-cn": "zh-CN",
  "ZH-HANT-TW": "zh-Hant-TW",
  "zh-Hant-TW-x-a": "zh-Hant-TW",
  zh: "zh-CN",
  "zh-Hant": "zh-CN",
  "fr, zh;q=0.5": "zh-CN",
  "zho-CN": "",
  e: "",
  fr: "",
  "": "",
  "-": "",
})) {
  test(`the language for "${locale}" is "${want}"`, () => {
    assert.equal(acmeTable().read(numbered(17))?.userMessage(locale), want);
  });
}

test("an invalid option is left out, and the cause names it", () => {
  const cause = new Error("why");
  const metadata = { code: "1", "a b": "x", id: "7" };
  const error = shopCodes.error(ShopCode.BUSY, { metadata, retryAfterMs: -1, cause });
  assert.deepEqual(error?.metadata, { code: "1002", id: "7" });
  assert.equal(error.retry.delayMs, 20);
  assert.ok(error.cause instanceof AggregateError);
  assert.equal(error.cause.errors.length, 4);
  assert.equal(shopCodes.error(ShopCode.BUSY, { cause })?.cause, cause);
});

test("a detail is added, and the last one of a type is sent", () => {
  const pack = (subject: string) =>
    anyPack(QuotaFailureSchema, create(QuotaFailureSchema, { violations: [{ subject }] }));
  const error = shopCodes.error(ShopCode.BUSY, { details: [pack("first"), pack("last")] });
  const { details } = new Translator({ tables: [shopCodes] }).translate(error);
  assert.deepEqual(
    details.map(({ typeUrl }) => typeUrl.split(".").at(-1)),
    ["ErrorInfo", "RetryInfo", "QuotaFailure"],
  );
  assert.deepEqual(details[2]?.value, pack("last").value);
});

const minute = 60_000;
for (const [now, want] of [
  ["2026-03-01T00:00:00Z", 30 * minute], // 05:30 in India
  ["2026-03-01T00:29:59.001Z", 1000],
  ["2026-03-01T00:30:00Z", 60 * minute],
] as const) {
  test(`the hour in India ends ${want / 1000} s after ${now}`, (t) => {
    t.mock.timers.enable({ apis: ["Date"], now: new Date(now) });
    assert.equal(shopCodes.error(ShopCode.SOLD_OUT)?.retry.delayMs, want);
  });
}

for (const [zone, now, want] of [
  ["Asia/Shanghai", "2026-03-01T12:00:00Z", 4 * 60 * minute],
  ["America/New_York", "2026-11-01T04:00:00Z", 25 * 60 * minute], // the clocks go back
  ["America/Sao_Paulo", "2018-11-03T15:00:00Z", 12 * 60 * minute], // that night has no midnight
  ["No/Where", "2026-03-01T12:00:00Z", 0],
] as const) {
  test(`the day in ${zone} ends ${want / minute} min after ${now}`, (t) => {
    t.mock.timers.enable({ apis: ["Date"], now: new Date(now) });
    const after = { case: "window", value: 2 } as const;
    const says = { ...soldOut, retry: { action: RetryAction.NEXT_WINDOW, after } };
    const error = acmeTable({ ofTable: { timeZone: zone }, says }).error(17);
    assert.equal(error?.retry.delayMs, want);
  });
}

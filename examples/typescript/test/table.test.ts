import assert from "node:assert/strict";
import { test } from "node:test";
import { create, createFileRegistry, setExtension, toBinary } from "@bufbuild/protobuf";
import {
  EnumOptionsSchema,
  EnumValueOptionsSchema,
  FileDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";
import {
  code,
  CodeSchema,
  Fault,
  table,
  TableSchema,
} from "@codetable/jverification/codetable/v1/codetable_pb.js";
import { GrpcCode } from "@codetable/jverification/codetable/v1/grpc_code_pb.js";
import {
  ErrorInfoSchema,
  RetryInfoSchema,
} from "@codetable/jverification/google/rpc/error_details_pb.js";
import { CodeTable, type Detail } from "../src/reading.js";

// Another table than the one of the vectors: with more languages, and with a
// value that says nothing of itself.
const messages = { "en-GB": "en-GB", en: "en", "zh-CN": "zh-CN", "zh-Hant-TW": "zh-Hant-TW" };

function acmeTable() {
  const enumOptions = create(EnumOptionsSchema);
  setExtension(enumOptions, table, create(TableSchema, { domain: "acme.example.com" }));
  const soldOut = create(EnumValueOptionsSchema);
  const grpcCode = GrpcCode.FAILED_PRECONDITION;
  const fault = Fault.END_USER;
  setExtension(soldOut, code, create(CodeSchema, { grpcCode, fault, userMessages: messages }));
  const file = create(FileDescriptorProtoSchema, {
    name: "acme.proto",
    syntax: "proto3",
    enumType: [
      {
        name: "Acme",
        options: enumOptions,
        value: [
          { name: "ACME_UNSPECIFIED", number: 0 },
          { name: "ACME_SOLD_OUT", number: 17, options: soldOut },
        ],
      },
    ],
  });
  const desc = createFileRegistry(file, () => undefined).getEnum("Acme");
  assert.ok(desc);
  return new CodeTable(desc);
}

function errorInfo(number: number): Detail {
  const metadata = { code: `${number}` };
  const value = toBinary(
    ErrorInfoSchema,
    create(ErrorInfoSchema, { domain: "acme.example.com", metadata }),
  );
  return { type: ErrorInfoSchema.typeName, value };
}

function retryInfo(seconds: bigint): Detail {
  const value = toBinary(RetryInfoSchema, create(RetryInfoSchema, { retryDelay: { seconds } }));
  return { type: RetryInfoSchema.typeName, value };
}

test("any annotated enum is a table", () => {
  const reading = acmeTable().read({ code: 9, details: [errorInfo(17)] });
  assert.deepEqual([reading?.known, reading?.code], [true, 17]);
  assert.deepEqual([reading?.reason, reading?.fault], ["SOLD_OUT", Fault.END_USER]);
});

test("a value without options is a failure that nothing is known of", () => {
  const reading = acmeTable().read({ code: 2, details: [errorInfo(0)] });
  assert.deepEqual([reading?.known, reading?.code], [true, 0]);
  assert.deepEqual([reading?.reason, reading?.fault], ["UNSPECIFIED", Fault.UNSPECIFIED]);
  assert.equal(reading?.userMessage("en"), "");
});

test("a call that succeeded has no reading", () => {
  assert.equal(acmeTable().read({ code: 0, details: [errorInfo(17)] }), undefined);
});

test("a delay is never negative", () => {
  const delayOf = (seconds: bigint) =>
    acmeTable().read({ code: 9, details: [errorInfo(17), retryInfo(seconds)] })?.retry.delayMs;
  assert.equal(delayOf(60n), 60_000);
  assert.equal(delayOf(-60n), 0);
});

const lookups = {
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
  "zho-CN": "",
  e: "",
  fr: "",
  "": "",
  "-": "",
};
for (const [locale, want] of Object.entries(lookups)) {
  test(`the language for "${locale}" is "${want}"`, () => {
    const reading = acmeTable().read({ code: 9, details: [errorInfo(17)] });
    assert.equal(reading?.userMessage(locale), want);
  });
}

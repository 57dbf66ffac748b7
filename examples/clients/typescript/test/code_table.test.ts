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
  EnumOptionsSchema,
  EnumValueOptionsSchema,
  FileDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";
import {
  code,
  CodeSchema,
  Fault,
  RetryAction,
  table,
  TableSchema,
} from "@codetable/jverification/codetable/v1/codetable_pb.js";
import { GrpcCode } from "@codetable/jverification/codetable/v1/grpc_code_pb.js";
import {
  ErrorInfoSchema,
  RetryInfoSchema,
} from "@codetable/jverification/google/rpc/error_details_pb.js";
import { CodeTable, type Detail } from "../src/code_table.js";

// Unlike the table of the vectors, this one has more languages, and a value without
// options.
const messages = { "en-GB": "en-GB", en: "en", "zh-CN": "zh-CN", "zh-Hant-TW": "zh-Hant-TW" };

const soldOut: MessageInitShape<typeof CodeSchema> = {
  grpcCode: GrpcCode.FAILED_PRECONDITION,
  fault: Fault.END_USER,
  userMessages: messages,
};

function acmeTable({ name = "Acme", value = "ACME_SOLD_OUT", says = soldOut, ofTable = {} } = {}) {
  const enumOptions = create(EnumOptionsSchema);
  const tableSays = create(TableSchema, { ...ofTable, domain: "acme.example.com" });
  setExtension(enumOptions, table, tableSays);
  const valueOptions = create(EnumValueOptionsSchema);
  setExtension(valueOptions, code, create(CodeSchema, says));
  const file = create(FileDescriptorProtoSchema, {
    name: "acme.proto",
    syntax: "proto3",
    enumType: [
      {
        name,
        options: enumOptions,
        value: [
          { name: "ACME_UNSPECIFIED", number: 0 },
          { name: value, number: 17, options: valueOptions },
        ],
      },
    ],
  });
  const desc = createFileRegistry(file, () => undefined).getEnum(name);
  assert.ok(desc);
  return new CodeTable(desc);
}

function errorInfo(number: number, reason = ""): Detail {
  return info({ reason, metadata: { code: `${number}` } });
}

function info(said: MessageInitShape<typeof ErrorInfoSchema>): Detail {
  const value = toBinary(
    ErrorInfoSchema,
    create(ErrorInfoSchema, { ...said, domain: "acme.example.com" }),
  );
  return { type: ErrorInfoSchema.typeName, value };
}

function retryInfo(seconds: bigint): Detail {
  const value = toBinary(RetryInfoSchema, create(RetryInfoSchema, { retryDelay: { seconds } }));
  return { type: RetryInfoSchema.typeName, value };
}

test("any annotated enum is a table", () => {
  const error = acmeTable().read({ code: 9, details: [errorInfo(17)] });
  assert.deepEqual([error?.known, error?.code], [true, 17]);
  assert.deepEqual([error?.reason, error?.fault], ["SOLD_OUT", Fault.END_USER]);
});

test("a value without options is a failure without advice", () => {
  const error = acmeTable().read({ code: 2, details: [errorInfo(0)] });
  assert.deepEqual([error?.known, error?.code], [true, 0]);
  assert.deepEqual([error?.reason, error?.fault], ["UNSPECIFIED", Fault.UNSPECIFIED]);
  assert.equal(error?.userMessage("en"), "");
});

test("a call that succeeded is not read", () => {
  assert.equal(acmeTable().read({ code: 0, details: [errorInfo(17)] }), undefined);
});

test("a delay is never negative", () => {
  const delayOf = (seconds: bigint) =>
    acmeTable().read({ code: 9, details: [errorInfo(17), retryInfo(seconds)] })?.retry.delayMs;
  assert.equal(delayOf(60n), 60_000);
  assert.equal(delayOf(-60n), 0);
});

// These are the prefixes that buf lint accepts; protobuf-es would use A2_A_ERROR.
const prefixes = {
  A2AError: "A2A_ERROR_",
  HTTPCode: "HTTP_CODE_",
  IPv4Code: "I_PV4_CODE_",
  Code2: "CODE2_",
};
for (const [name, prefix] of Object.entries(prefixes)) {
  test(`the prefix of ${name} is ${prefix}`, () => {
    const error = acmeTable({ name, value: `${prefix}BUSY` }).read({
      code: 9,
      details: [errorInfo(17)],
    });
    assert.equal(error?.reason, "BUSY");
  });
}

test("a name without the prefix is the reason", () => {
  const error = acmeTable({ value: "OTHER_BUSY" }).read({ code: 9, details: [errorInfo(17)] });
  assert.equal(error?.reason, "OTHER_BUSY");
});

test("a stated reason is the reason", () => {
  const acme = acmeTable({ value: "ACME_E17", says: { ...soldOut, reason: "SOLD_OUT" } });
  const error = acme.read({ code: 9, details: [info({ reason: "SOLD_OUT" })] });
  assert.deepEqual([error?.code, error?.reason], [17, "SOLD_OUT"]);
});

test("a code whose outcome is unknown says to ask for the outcome", () => {
  const says: MessageInitShape<typeof CodeSchema> = {
    ...soldOut,
    retry: {
      action: RetryAction.CONFIRM_OUTCOME,
      after: { case: "delay", value: { seconds: 2n } },
    },
  };
  const error = acmeTable({ says }).read({ code: 9, details: [errorInfo(17)] });
  assert.equal(error?.retry.action, RetryAction.CONFIRM_OUTCOME);
  assert.equal(error.retry.delayMs, 2000);
});

test("an unlisted code keeps the reason that was sent", () => {
  const reasonOf = (reason: string) =>
    acmeTable().read({ code: 2, details: [errorInfo(424242, reason)] })?.reason;
  assert.equal(reasonOf("NEW_CODE"), "NEW_CODE");
  assert.equal(reasonOf(""), "UNRECOGNIZED_CODE");
  assert.equal(reasonOf("é".repeat(500)), "é".repeat(31), "63 bytes");
});

test("an unknown reason without a number is an unlisted code", () => {
  const read = (metadata: Record<string, string>) =>
    acmeTable().read({ code: 2, details: [info({ reason: "NEW_CODE", metadata })] });
  const error = read({ id: "1" });
  assert.deepEqual([error?.known, error?.code], [true, -(2 ** 31)]);
  assert.deepEqual([error?.reason, error?.metadata], ["NEW_CODE", { id: "1" }]);
  assert.deepEqual(read({ code: "x" })?.metadata, {});
});

test("the message of the table replaces a missing one in each language", () => {
  const ofTable = {
    defaultUserMessages: { en: "Sorry.", "zh-CN": "抱歉。" },
    defaultLocale: "en",
  };
  const acme = acmeTable({ ofTable, says: { ...soldOut, userMessages: { en: "Sold out." } } });
  const error = acme.read({ code: 9, details: [errorInfo(17)] });
  assert.equal(error?.userMessage("zh"), "抱歉。");
  for (const locale of ["en", "fr", "*", ""]) {
    assert.equal(error.userMessage(locale), "Sold out.", locale);
    assert.equal(acme.defaultMessage(locale), "Sorry.", locale);
  }
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
    const error = acmeTable().read({ code: 9, details: [errorInfo(17)] });
    assert.equal(error?.userMessage(locale), want);
  });
}

/** Statuses of any content, as a faulty or hostile server may send them. */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type Any, anyPack, AnySchema } from "@bufbuild/protobuf/wkt";
import {
  ErrorInfoSchema,
  LocalizedMessageSchema,
  RequestInfoSchema,
  RetryInfoSchema,
} from "@codetable/proto/google/rpc/error_details_pb.js";
import { StatusSchema } from "@codetable/proto/google/rpc/status_pb.js";
import { Code } from "@connectrpc/connect";
import fc from "fast-check";
import { responseCodes } from "./tables.js";
import { bytesOf, vectors } from "./vectors.js";

export interface Received {
  readonly code: number;
  readonly message: string;
  readonly details: Uint8Array;
}

/** Any text without lone surrogates, which a message can't have. */
export const text = (maxLength: number) => fc.string({ unit: "binary", maxLength });

const failing = fc.integer({ min: 1, max: 16 });

/** Changes, adds and removes some bytes. */
export function damaged(whole: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const edit = fc.record({
    at: fc.nat(5000),
    removed: fc.nat(2),
    added: fc.uint8Array({ maxLength: 3 }),
  });
  return fc.tuple(whole, fc.array(edit, { minLength: 1, maxLength: 4 })).map(([bytes, edits]) => {
    let changed = [...bytes];
    for (const { at, removed, added } of edits) {
      changed = changed.toSpliced(at % (changed.length + 1), removed, ...added);
    }
    return Uint8Array.from(changed);
  });
}

const info = fc
  .record({
    reason: fc.oneof(fc.constantFrom("QPS_LIMIT", "SUCCESS", "AUTH_FAILED"), text(70)),
    domain: fc.oneof(
      { weight: 3, arbitrary: fc.constant(responseCodes.domain) },
      fc.constant("gateway.jiguang.cn"),
      text(9),
    ),
    metadata: fc.dictionary(text(9), text(20), { maxKeys: 3 }),
    number: fc.oneof(
      fc.constantFrom(...responseCodes.desc.values.map((value) => `${value.number}`)),
      fc.bigInt({ min: -(2n ** 33n), max: 2n ** 33n }).map(String),
      text(12),
    ),
  })
  .map(({ number, metadata, ...rest }) =>
    anyPack(
      ErrorInfoSchema,
      create(ErrorInfoSchema, { ...rest, metadata: { ...metadata, code: number } }),
    ),
  );

const retry = fc
  .record({ seconds: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), nanos: fc.integer() })
  .map((retryDelay) => anyPack(RetryInfoSchema, create(RetryInfoSchema, { retryDelay })));

const request = text(30).map((requestId) =>
  anyPack(RequestInfoSchema, create(RequestInfoSchema, { requestId })),
);

const localized = fc
  .record({ locale: fc.oneof(fc.constantFrom("en", "zh-CN"), text(9)), message: text(30) })
  .map((each) => anyPack(LocalizedMessageSchema, create(LocalizedMessageSchema, each)));

const unknown = fc.record({ typeUrl: text(30), value: fc.uint8Array({ maxLength: 30 }) });

const detail = fc.oneof(
  { weight: 3, arbitrary: info },
  ...[retry, request, localized],
  unknown.map((each): Any => create(AnySchema, each)),
);

const made = fc
  .record({
    code: failing,
    message: text(30),
    details: fc.array(detail, { minLength: 1, maxLength: 4 }),
  })
  .map((each) => toBinary(StatusSchema, create(StatusSchema, each)));

const sent = fc.constantFrom(...vectors.map(bytesOf));

// Most inputs are readable: bytes that are refused show little.
const bytes = fc.oneof(
  { weight: 4, arbitrary: made },
  { weight: 2, arbitrary: damaged(fc.oneof(sent, made)) },
  fc.uint8Array({ maxLength: 60 }),
);

function parsed(details: Uint8Array): { code: number; details: Any[] } {
  try {
    return fromBinary(StatusSchema, details);
  } catch {
    return { code: 0, details: [] };
  }
}

/** The status of a failed call. Its code is that of the details in most cases, as it must be. */
export const received: fc.Arbitrary<Received> = fc
  .record({ details: bytes, code: failing, message: text(30), agrees: fc.nat(9) })
  .map(({ details, code, message, agrees }) => ({
    details,
    message,
    code: agrees > 0 && parsed(details).code in Code ? parsed(details).code : code,
  }));

/** The trailers of a failed call over gRPC, with details that may be damaged before base64 or in it. */
export const trailers: fc.Arbitrary<Headers> = fc
  .record({ status: received, noise: fc.stringMatching(/^[!-~]{0,3}$/), at: fc.nat(5000) })
  .map(({ status: { code, message, details }, noise, at }) => {
    const base64 = Buffer.from(details).toString("base64");
    const damage = at % (base64.length + 1);
    return new Headers({
      "grpc-status": `${code}`,
      "grpc-message": encodeURIComponent(message),
      "grpc-status-details-bin": base64.slice(0, damage) + noise + base64.slice(damage),
    });
  });

/** The body of an error of the Connect protocol. */
const body = received.map(({ code, message, details }) =>
  Buffer.from(
    JSON.stringify({
      code: Code[code]?.replace(/(?<=.)(?=[A-Z])/g, "_").toLowerCase(),
      message,
      details: parsed(details).details.map(({ typeUrl, value }) => ({
        type: typeUrl.slice(typeUrl.lastIndexOf("/") + 1),
        value: Buffer.from(value).toString("base64"),
      })),
    }),
  ),
);

export const bodies: fc.Arbitrary<Uint8Array> = fc.oneof(body, damaged(body));

/** Whatever is received is read in one way, never as a success; and what is sent comes back. */
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { type CodeError, Fault, type GrpcStatus, Translator } from "@codetable/core";
import { createClientInterceptor, fromConnectError } from "@codetable/core/connect";
import {
  createClientInterceptor as grpcInterceptor,
  fromServiceError,
} from "@codetable/core/grpc-js";
import { Code, ConnectError } from "@connectrpc/connect";
import { errorFromJsonBytes } from "@connectrpc/connect/protocol-connect";
import { validateTrailer } from "@connectrpc/connect/protocol-grpc";
import { type Listener, Metadata, type StatusObject } from "@grpc/grpc-js";
import fc from "fast-check";
import { failure } from "./clients.js";
import { bodies, received, text, trailers } from "./statuses.js";
import { responseCodes } from "./tables.js";
import { asReading, type Reading } from "./vectors.js";

// CI is repeatable. A failure prints the seed and the smallest input that fails.
fc.configureGlobal({ numRuns: 300, seed: 14 });

const languages = { user_message: { en: "", zh: "" } } as unknown as Reading;
const budget = 4096;

/** What is read, which must not be a success. */
function factsOf(error: CodeError | undefined): Reading | null {
  const { code, retry } = error ?? {};
  assert.ok(code === undefined || responseCodes.error(code), `${code} is a success`);
  assert.ok(retry === undefined || (retry.delayMs >= 0 && Number.isSafeInteger(retry.delayMs)));
  return asReading(error, languages);
}

function read(status: GrpcStatus): Reading | null {
  return factsOf(responseCodes.read(status));
}

// The delay of a calendar window depends on the time.
mock.method(Date, "now", () => 1_790_000_000_000);

test("a table reads any status", () => {
  const kinds = { none: 0, code: 0, other: 0 };
  fc.assert(
    fc.property(received, text(300), (status, locale) => {
      const error = responseCodes.read(status);
      kinds[error === undefined ? "none" : error.code === undefined ? "other" : "code"]++;
      assert.deepEqual(factsOf(error), read(status));
      if (error !== undefined) {
        assert.equal(typeof error.userMessage(locale), "string");
      }
    }),
  );
  // The inputs are of no use if all of them are refused.
  assert.ok(Math.min(...Object.values(kinds)) > 30, JSON.stringify(kinds));
});

test("grpc-js: the interceptor reads any status as the table does", () => {
  fc.assert(
    fc.property(received, ({ code, message, details }) => {
      const metadata = new Metadata();
      metadata.set("grpc-status-details-bin", Buffer.from(details));
      const status = { code, details: message, metadata };
      const { codeError, ...rest } = through(status) as StatusObject & { codeError?: CodeError };
      assert.deepEqual(rest, status);
      const want = read({ code, message, details });
      assert.deepEqual(
        factsOf(responseCodes.from(Object.assign(new Error(), { codeError }))),
        want,
      );
      const thrown = Object.assign(new Error(message), status);
      assert.deepEqual(factsOf(fromServiceError(responseCodes, thrown)), want);
    }),
  );
});

/** What the interceptor makes of the status that ends a call. */
function through(status: StatusObject): StatusObject {
  const ended: StatusObject[] = [];
  const next = {
    start: (_: Metadata, listener: Listener) =>
      listener.onReceiveStatus?.(status, () =>
        assert.fail("the status is not for the interceptor"),
      ),
  };
  const call = grpcInterceptor({ tables: [responseCodes] })({} as never, () => next as never);
  call.start(new Metadata(), { onReceiveStatus: (each) => ended.push(each) });
  const [only] = ended;
  assert.ok(only && ended.length === 1);
  return only;
}

test("connect-es: the interceptor reads any trailers of gRPC, and never lets a failure succeed", () =>
  fc.assert(
    fc.asyncProperty(trailers, async (trailer) => {
      const answer = async () => {
        validateTrailer(trailer, new Headers());
        return { stream: false, header: new Headers(), trailer };
      };
      const error = await failure(call(answer));
      assert.ok(error instanceof Error);
      const own = await failure(call(() => Promise.reject(error)));
      assert.equal(own, error, "an error passes the interceptor twice");
      assert.deepEqual(
        factsOf(fromConnectError(responseCodes, error.cause ?? error)),
        factsOf(responseCodes.from(error)),
      );
    }),
  ));

test("connect-es: the interceptor reads any error of the Connect protocol", () =>
  fc.assert(
    fc.asyncProperty(bodies, async (bytes) => {
      const fallback = () => new ConnectError("HTTP 500", Code.Internal);
      const parse = () => errorFromJsonBytes(bytes, undefined, fallback());
      const error = await failure(
        call(async () => {
          throw parse();
        }),
      );
      assert.ok(error instanceof ConnectError);
      const facts = factsOf(responseCodes.from(error));
      assert.deepEqual(factsOf(fromConnectError(responseCodes, error.cause ?? error)), facts);
    }),
  ));

/** Makes a unary call through the interceptor of connect-es. */
function call(answer: () => Promise<unknown>): Promise<unknown> {
  const interceptor = createClientInterceptor({ tables: [responseCodes], maxAttempts: 1 });
  const request = { stream: false, header: new Headers(), signal: new AbortController().signal };
  return interceptor(answer as never)(request as never);
}

test("a boundary hides what is not for strangers, and never exceeds the budget", () => {
  const boundary = new Translator({ tables: [responseCodes], publicBoundary: true });
  fc.assert(
    fc.property(received, fc.boolean(), ({ code, message, details }, decoded) => {
      const metadata = new Map([["grpc-status-details-bin", [details]]]);
      const error = responseCodes.read({ code, message, details });
      const thrown = decoded && error ? error : { code, details: message, metadata };
      const { status } = boundary.translate(thrown, { locale: "en" });
      assert.ok(status.code > 0 && (status.details ?? []).length <= budget);
      const sent = responseCodes.read(status);
      const visible = [Fault.CALLER, Fault.END_USER, Fault.UPSTREAM];
      assert.ok(sent?.code === undefined || visible.includes(sent.fault));
    }),
  );
});

test("the facts of a received error stay when it is sent on", () => {
  const translator = new Translator({ tables: [responseCodes], detailBudget: 1 << 20 });
  fc.assert(
    fc.property(received, (status) => {
      const error = responseCodes.read(status);
      fc.pre(error !== undefined);
      const sent = translator.translate(error);
      assert.deepEqual(sent.shed, []);
      assert.deepEqual(read(sent.status), factsOf(error));
    }),
  );
});

const failures = responseCodes.desc.values
  .map(({ number }) => number)
  .filter((number) => responseCodes.error(number) !== undefined);

test("the facts of an error that is made here stay when it is sent", () => {
  const translator = new Translator({ tables: [responseCodes] });
  const options = fc.record(
    {
      message: fc.string({ unit: "binary", maxLength: 2000 }),
      metadata: fc.dictionary(fc.stringMatching(/^[a-z][a-zA-Z0-9_-]{1,9}$/), text(20), {
        maxKeys: 4,
      }),
      retryAfterMs: fc.double(),
    },
    { requiredKeys: [] },
  );
  const numbers = fc.oneof(fc.constantFrom(...failures), fc.integer());
  fc.assert(
    fc.property(numbers, options, (number, given) => {
      const error = responseCodes.error(number, given);
      fc.pre(error !== undefined);
      const { status } = translator.translate(error);
      assert.deepEqual(read(status), factsOf(error));
    }),
    {
      examples: [
        [9003, { retryAfterMs: 5e-324 }],
        [9003, { retryAfterMs: 999.9999999 }],
        [9003, { retryAfterMs: 1e300 }],
      ],
    },
  );
});

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { type CodeError, Fault, RetryAction } from "@codetable/core";
import {
  ResponseCode,
  ResponseCodeSchema,
} from "@codetable/jverification/jiguang/jverification/v1/response_code_pb.js";
import { ask, failure, libraries, type TestClient } from "./clients.js";
import { type Gateway, startGateway } from "./gateway.js";
import { responseCodes } from "./tables.js";
import { asReading, vector } from "./vectors.js";

const successes: readonly number[] = [
  ResponseCode.SUCCESS,
  ResponseCode.GET_PHONE_SUCCESS,
  ResponseCode.VERIFY_CONSISTENT,
  ResponseCode.SIGN_ONCE_OPEN_SUCCESS,
];
const unlisted = [424242, 1, -7, -9001, -(2 ** 31), 2 ** 31 - 1];
const numbers = [...ResponseCodeSchema.values.map(({ number }) => number), ...unlisted];

test("there are 49 codes and 6 that are not listed", () => assert.equal(numbers.length, 49 + 6));

for (const [library, connect] of Object.entries(libraries)) {
  suite(`all codes of an internal gateway, ${library}`, () => {
    const each = withGateway(["-internal"], connect);
    for (const number of numbers) {
      test(`${number}`, async () => {
        const call = ask(each.client, number);
        if (successes.includes(number)) {
          assert.equal((await call).code, number);
        } else {
          checkCode(responseCodes.from(await failure(call)), number);
        }
      });
    }
  });

  suite(`all codes of a public gateway, ${library}`, () => {
    const each = withGateway([], connect);
    for (const number of numbers) {
      test(`${number}`, async () => {
        const call = ask(each.client, number, { "accept-language": "zh-CN" });
        if (successes.includes(number)) {
          assert.equal((await call).code, number);
        } else if ([Fault.OPERATOR, Fault.UNSPECIFIED].includes(faultOf(number))) {
          checkMask(responseCodes.from(await failure(call)), number);
        } else {
          checkCode(responseCodes.from(await failure(call)), number);
        }
      });
    }
  });
}

function withGateway(args: string[], connect: (at: Gateway) => TestClient) {
  const each = {} as { gateway: Gateway; client: TestClient };
  before(async () => {
    each.gateway = await startGateway(args);
    each.client = connect(each.gateway);
  });
  after(async () => {
    each.client.close();
    await each.gateway.stop();
  });
  return each;
}

function expected(number: number) {
  const { reading } = vector(
    unlisted.includes(number) ? `code ${number}, not listed` : `code ${number}`,
  );
  assert.ok(reading);
  return reading;
}

function faultOf(number: number): Fault {
  return responseCodes.error(number)?.fault ?? Fault.UNSPECIFIED;
}

function checkCode(error: CodeError | undefined, number: number): void {
  const want = structuredClone(expected(number));
  const got = asReading(error, want);
  assert.ok(got);
  if (want.retry.window !== "CALENDAR_WINDOW_UNSPECIFIED") {
    assert.ok(got.retry.delay_ms > 0 && got.retry.delay_ms <= 86_400_000, "the time left");
    want.retry.delay_ms = got.retry.delay_ms;
  }
  // The gateway adds what it knows about the call, such as the upstream's id.
  assert.equal(got.metadata.code, want.metadata.code);
  assert.deepEqual(got, { ...want, metadata: got.metadata });
}

function checkMask(error: CodeError | undefined, number: number): void {
  assert.equal(error?.masked, true);
  assert.deepEqual(
    [error.code, error.number, error.reason, error.domain],
    [undefined, undefined, "", ""],
  );
  assert.match(error.requestId, /^[A-Z2-7]{26}$/);
  assert.equal(error.userMessage("en"), responseCodes.neutralMessage("zh-CN"));
  const { action } = expected(number).retry;
  const waits = ["RETRY_ACTION_SAME_REQUEST", "RETRY_ACTION_NEXT_WINDOW"].includes(action);
  assert.equal(
    `RETRY_ACTION_${RetryAction[error.retry.action]}`,
    waits ? action : "RETRY_ACTION_UNSPECIFIED",
  );
  assert.equal(error.retry.delayMs > 0, waits);
}

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { CalendarWindow } from "@codetable/jverification/codetable/v1/codetable_pb.js";
import { LocalizedMessageSchema } from "@codetable/jverification/google/rpc/error_details_pb.js";
import {
  ResponseCode,
  ResponseCodeSchema,
} from "@codetable/jverification/jiguang/jverification/v1/response_code_pb.js";
import { ConnectError } from "@connectrpc/connect";
import { ask, failure, libraries, type TestClient } from "./clients.js";
import { type Gateway, startGateway } from "./gateway.js";
import { asExpected, vectors } from "./vectors.js";

const windowMs = {
  [CalendarWindow.UNSPECIFIED]: 0,
  [CalendarWindow.HOUR]: 3_600_000,
  [CalendarWindow.DAY]: 86_400_000,
};
const successes: number[] = [
  ResponseCode.SUCCESS,
  ResponseCode.GET_PHONE_SUCCESS,
  ResponseCode.VERIFY_CONSISTENT,
  ResponseCode.SIGN_ONCE_OPEN_SUCCESS,
];

suite("all codes over the gateway", () => {
  let gateway: Gateway;
  before(async () => {
    gateway = await startGateway();
  });
  after(() => gateway.stop());

  for (const [library, connect] of Object.entries(libraries)) {
    suite(library, () => {
      let client: TestClient;
      before(() => {
        client = connect(gateway.address);
      });
      after(() => client.close());

      test("there are 49 codes", () => assert.equal(ResponseCodeSchema.values.length, 49));

      for (const { number, name } of ResponseCodeSchema.values) {
        test(name, async () => {
          if (successes.includes(number)) {
            assert.equal((await ask(client, number)).code, number);
          } else {
            await fails(client, number);
          }
        });
      }

      test("an id keeps all its digits", async () => {
        const { id } = await ask(client, ResponseCode.VERIFY_CONSISTENT);
        assert.ok(id > BigInt(Number.MAX_SAFE_INTEGER), `${id}`);
      });

      test("an unlisted number is kept", async () => {
        const headers = { "accept-language": "zh-CN" };
        const error = client.read(await failure(ask(client, 424242, headers)));
        assert.deepEqual([error?.known, error?.code], [true, 424242]);
        assert.equal(error?.reason, "UNRECOGNIZED_CODE");
        // The message is the server's, in the language that the call asked for.
        assert.match(error.userMessage("en"), /\p{Script=Han}/u);
      });
    });
  }

  test("a caller with accept-language gets a LocalizedMessage", async (t) => {
    const client = libraries.connect(gateway.address);
    t.after(() => client.close());
    const thrown = await failure(ask(client, 9003, { "accept-language": "zh-CN" }));
    assert.ok(thrown instanceof ConnectError);
    const [localized] = thrown.findDetails(LocalizedMessageSchema);
    assert.equal(localized?.locale, "zh-CN");
    assert.equal(localized.message, client.read(thrown)?.userMessage("zh-CN"));
  });
});

async function fails(client: TestClient, code: number): Promise<void> {
  const want = vectors.find(({ name }) => name === `code ${code}`)?.reading;
  assert.ok(want, "there is no vector of this code");
  const error = client.read(await failure(ask(client, code)));
  assert.equal(error?.code, code);
  const got = asExpected(error, Object.keys(want.user_message));
  const window = windowMs[error.retry.window];
  if (window > 0) {
    assert.ok(error.retry.delayMs > 0 && error.retry.delayMs <= window, "the time left");
    got.retry.delay_ms = want.retry.delay_ms;
  }
  // The gateway adds what it knows about the call, such as the upstream's id.
  assert.equal(got.metadata.code, want.metadata.code);
  assert.deepEqual({ ...got, metadata: want.metadata }, want);
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { RetryAction } from "@codetable/core";
import { createClientInterceptor } from "@codetable/core/connect";
import { createClientInterceptor as grpcInterceptor } from "@codetable/core/grpc-js";
import { ResponseCode } from "@codetable/jverification/jiguang/jverification/v1/response_code_pb.js";
import { VerificationService } from "@codetable/jverification/jiguang/jverification/v1/verification_service_pb.js";
import { ErrorInfoSchema } from "@codetable/proto/google/rpc/error_details_pb.js";
import { Code, ConnectError, createClient, createRouterTransport } from "@connectrpc/connect";
import * as grpc from "@grpc/grpc-js";
import { createServerInterceptor } from "@codetable/core/connect";
import { failure } from "./clients.js";
import { ShopCode, ShopService } from "./gen/shop/v1/shop_pb.js";
import { startGateway } from "./gateway.js";
import { unary } from "./grpc.js";
import { responseCodes, shopCodes, tables } from "./tables.js";

interface Settings {
  /** What each attempt throws; undefined for a success. */
  readonly answers: unknown[];
  readonly maxAttempts?: number;
  readonly maxDelayMs?: number;
  readonly publicBoundary?: boolean;
}

/** A shop in this process that counts its calls, and the timeouts that it was told. */
function shop({ answers, publicBoundary = false, ...limits }: Settings) {
  const calls: { at: number; timeout: number | undefined }[] = [];
  const next = () => {
    const answer = answers[calls.length - 1];
    if (answer !== undefined) {
      throw answer;
    }
    return { code: ShopCode.SOLD };
  };
  const transport = createRouterTransport(
    ({ service }) => {
      service(ShopService, {
        buy(_, { timeoutMs }) {
          calls.push({ at: performance.now(), timeout: timeoutMs() });
          return next();
        },
        async *list() {
          calls.push({ at: performance.now(), timeout: undefined });
          yield { code: ShopCode.SOLD };
          yield next();
        },
      });
    },
    {
      transport: { interceptors: [createClientInterceptor({ tables, ...limits })] },
      router: { interceptors: [createServerInterceptor({ tables, publicBoundary })] },
    },
  );
  return { calls, client: createClient(ShopService, transport) };
}

const busy = shopCodes.error(ShopCode.BUSY);
const pushbackHeader = "grpc-retry-pushback-ms";
const info = {
  desc: ErrorInfoSchema,
  value: { domain: shopCodes.domain, reason: "BUSY", metadata: { code: "1002" } },
};
const soldOut = shopCodes.error(ShopCode.SOLD_OUT);

test("a call is repeated after the delay of the table", async () => {
  const { calls, client } = shop({ answers: [busy, busy] });
  assert.equal((await client.buy({})).code, ShopCode.SOLD);
  assert.equal(calls.length, 3);
  for (const [index, { at }] of calls.entries()) {
    const before = calls[index - 1]?.at ?? -Infinity;
    assert.ok(at - before >= 19, "not before the delay of 20 ms");
  }
});

test("a call is made three times at most", async () => {
  const { calls, client } = shop({ answers: [busy, busy, busy, busy] });
  const error = shopCodes.from(await failure(client.buy({})));
  assert.deepEqual([error?.code, calls.length], [ShopCode.BUSY, 3]);
});

test("the limits of attempts and of the delay can be set", async () => {
  for (const limits of [{ maxAttempts: 1 }, { maxDelayMs: 19 }]) {
    const { calls, client } = shop({ answers: [busy], ...limits });
    assert.equal(shopCodes.from(await failure(client.buy({})))?.code, ShopCode.BUSY);
    assert.equal(calls.length, 1);
  }
});

test("limits that are undefined or not a number do not make calls endless", async () => {
  for (const [limits, calls] of [
    [{ maxAttempts: undefined, maxDelayMs: undefined }, 3],
    [{ maxAttempts: NaN }, 1],
    [{ maxDelayMs: NaN }, 1],
  ] as const) {
    const shopping = shop({ answers: [busy, busy, busy, busy], ...(limits as object) });
    assert.equal(shopCodes.from(await failure(shopping.client.buy({})))?.code, ShopCode.BUSY);
    assert.equal(shopping.calls.length, calls);
  }
});

test("a delay that is too long for a timer is not waited for", async () => {
  const late = shopCodes.error(ShopCode.BUSY, { retryAfterMs: 2 ** 31 });
  const { calls, client } = shop({ answers: [late], maxDelayMs: Infinity });
  assert.equal(shopCodes.from(await failure(client.buy({})))?.code, ShopCode.BUSY);
  assert.equal(calls.length, 1);
});

test("only SAME_REQUEST is repeated", async () => {
  const unavailable = new ConnectError("down", Code.Unavailable);
  for (const answer of [soldOut, unavailable, new Error("bug")]) {
    const { calls, client } = shop({ answers: [answer] });
    await failure(client.buy({}));
    assert.equal(calls.length, 1);
  }
});

test("a masked error with that advice is repeated", async () => {
  const qps = responseCodes.error(ResponseCode.QPS_LIMIT, { retryAfterMs: 0 });
  const { calls, client } = shop({ answers: [qps], publicBoundary: true });
  assert.equal((await client.buy({})).code, ShopCode.SOLD);
  assert.equal(calls.length, 2);
});

test("a server can forbid what the table allows", async () => {
  for (const pushback of ["-1", "20, -1", "x"]) {
    let calls = 0;
    const buy = () => {
      calls++;
      throw new ConnectError("busy", Code.ResourceExhausted, { [pushbackHeader]: pushback }, [
        info,
      ]);
    };
    const transport = createRouterTransport(({ service }) => service(ShopService, { buy }), {
      transport: { interceptors: [createClientInterceptor({ tables })] },
    });
    const thrown = await failure(createClient(ShopService, transport).buy({}));
    assert.equal(shopCodes.from(thrown)?.retry.action, RetryAction.SAME_REQUEST);
    assert.equal(calls, 1);
  }
});

test("a call fails at once if its deadline comes before the next attempt", async () => {
  const slow = shopCodes.error(ShopCode.BUSY, { retryAfterMs: 50_000 });
  const { calls, client } = shop({ answers: [slow] });
  const error = shopCodes.from(await failure(client.buy({}, { timeoutMs: 40_000 })));
  assert.deepEqual([error?.code, calls.length], [ShopCode.BUSY, 1]);
});

test("the server is told the time that is left", async () => {
  const { calls, client } = shop({ answers: [busy] });
  await client.buy({}, { timeoutMs: 40_000 });
  const [first, second] = calls.map(({ timeout }) => timeout ?? 0);
  assert.ok(first && second && second <= first - 15, `${first}, then ${second}`);
});

test("an abort ends the wait", async () => {
  const controller = new AbortController();
  const slow = shopCodes.error(ShopCode.BUSY, { retryAfterMs: 50_000 });
  const { calls, client } = shop({ answers: [slow] });
  const call = failure(client.buy({}, { signal: controller.signal }));
  while (calls.length === 0) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  controller.abort();
  assert.equal(ConnectError.from(await call).code, Code.Canceled);
  assert.equal(calls.length, 1);
});

test("a stream is not repeated", async () => {
  const { calls, client } = shop({ answers: [busy] });
  const received: unknown[] = [];
  const reading = (async () => {
    for await (const { code } of client.list({})) {
      received.push(code);
    }
  })();
  assert.equal(shopCodes.from(await failure(reading))?.code, ShopCode.BUSY);
  assert.deepEqual([received, calls.length], [[ShopCode.SOLD], 1]);
});

// It allows more attempts than the table does, so only the server's pushback can
// prevent them.
const serviceConfig = {
  methodConfig: [
    {
      name: [{ service: VerificationService.typeName }],
      retryPolicy: {
        maxAttempts: 4,
        initialBackoff: "0.01s",
        maxBackoff: "0.1s",
        backoffMultiplier: 2,
        retryableStatusCodes: ["RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "UNAVAILABLE"],
      },
    },
  ],
};

/** Verifies one token with grpc-js. Returns the gRPC code of each attempt from the gateway's log. */
async function attempts(
  token: string,
  options: grpc.ClientOptions,
  check: (call: Promise<{ code?: ResponseCode | undefined }>) => Promise<void>,
): Promise<string[]> {
  const gateway = await startGateway();
  const client = new grpc.Client(gateway.address, grpc.credentials.createInsecure(), {
    ...options,
    interceptors: [grpcInterceptor({ tables })],
  });
  try {
    const request = { phone: "13800138000", token };
    const deadline = { deadline: Date.now() + 20_000 };
    await check(unary(client, VerificationService.method.verifyNumber, request, {}, deadline));
  } finally {
    client.close();
    await gateway.stop();
  }
  const log = await gateway.stop();
  return log.flatMap((line) => /msg="finished call".* grpc\.code=(\S+)/.exec(line)?.[1] ?? []);
}

const withRetries = { "grpc.service_config": JSON.stringify(serviceConfig) };

test("grpc-js repeats a call if a service config enables it and the table allows it", async () => {
  const codes = await attempts("then-success-1804-grpcjs", withRetries, async (call) => {
    assert.equal((await call).code, ResponseCode.VERIFY_CONSISTENT);
  });
  assert.deepEqual(codes, ["ResourceExhausted", "OK"]);
});

for (const [title, token, options, code] of [
  ["a spent token", "code-9003", withRetries, ResponseCode.TOKEN_EXPIRED_OR_NOT_EXIST],
  ["anything without a service config", "code-1804", {}, ResponseCode.QPS_LIMIT],
] as const) {
  test(`grpc-js does not repeat ${title}`, async () => {
    const codes = await attempts(token, options, async (call) => {
      assert.equal(responseCodes.from(await failure(call))?.code, code);
    });
    assert.equal(codes.length, 1);
  });
}

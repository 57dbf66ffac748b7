/** What the client interceptors return, and what a next server makes of it. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { Writable } from "node:stream";
import { after, before, suite, test } from "node:test";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { CodeError, CodeTable, Translator } from "@codetable/core";
import {
  ConnectCodeError,
  createClientInterceptor,
  createServerInterceptor,
  fromConnectError,
} from "@codetable/core/connect";
import {
  createClientInterceptor as grpcInterceptor,
  fromServiceError,
  type GrpcCodeError,
  isGrpcCodeError,
} from "@codetable/core/grpc-js";
import { Code, ConnectError, createClient, createRouterTransport } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import * as grpc from "@grpc/grpc-js";
import { failure } from "./clients.js";
import { ShopCode, ShopCodeSchema, ShopService } from "./gen/shop/v1/shop_pb.js";
import { methodDefinitionOf, unary } from "./grpc.js";
import { servers, type TestServer } from "./servers.js";
import { responseCodes, shopCodes, tables } from "./tables.js";
import { bytesOf, vector } from "./vectors.js";

const methods = ["buy", "list", "collect", "haggle"] as const;

for (const [name, start] of Object.entries(servers)) {
  suite(`each kind of method of a server of ${name}`, () => {
    const each = {} as { server: TestServer; sessions: Http2SessionManager; client: grpc.Client };
    before(async () => {
      each.server = await start();
      each.sessions = new Http2SessionManager(`http://${each.server.address}`);
      each.client = new grpc.Client(each.server.address, grpc.credentials.createInsecure(), {
        interceptors: [grpcInterceptor({ tables })],
      });
    });
    after(() => {
      each.sessions.abort();
      each.client.close();
      each.server.stop();
    });

    for (const method of methods) {
      test(`${method}, connect-es`, async () => {
        const transport = createGrpcTransport({
          baseUrl: `http://${each.server.address}`,
          sessionManager: each.sessions,
          interceptors: [createClientInterceptor({ tables })],
        });
        const error = await failure(callConnect(createClient(ShopService, transport), method));
        assert.ok(error instanceof ConnectCodeError && error instanceof ConnectError);
        assert.ok(error instanceof Error && error.cause instanceof ConnectError);
        assert.ok(!(error.cause instanceof ConnectCodeError));
        assert.equal(error.codeError.cause, error.cause);
        assert.deepEqual([error.code, error.codeError.code], [Code.FailedPrecondition, 1001]);
        assert.equal(shopCodes.from(error), error.codeError);
        assert.equal(responseCodes.from(error)?.code, undefined, "it is of another table");
        assert.equal(responseCodes.from(error)?.reason, "SOLD_OUT");
      });

      test(`${method}, grpc-js`, async () => {
        const error = await failure(callGrpc(each.client, method));
        assert.ok(isGrpcCodeError(error));
        assert.deepEqual([error.code, error.details], [9, "the article is sold out"]);
        assert.ok(error.metadata.get("grpc-status-details-bin").length > 0);
        assert.equal((error.codeError.cause as grpc.ServiceError).code, 9);
        assert.equal(shopCodes.from(error), error.codeError);
        assert.equal(shopCodes.from(error)?.code, ShopCode.SOLD_OUT);
      });
    }
  });
}

const request = { code: ShopCode.SOLD_OUT };

async function* requests() {
  yield request;
}

async function all(items: AsyncIterable<unknown>): Promise<void> {
  for await (const item of items) {
    assert.ok(item);
  }
}

function callConnect(
  client: ReturnType<typeof createClient<typeof ShopService>>,
  method: (typeof methods)[number],
): Promise<unknown> {
  switch (method) {
    case "buy":
      return client.buy(request);
    case "list":
      return all(client.list(request));
    case "collect":
      return client.collect(requests());
    case "haggle":
      return all(client.haggle(requests()));
  }
}

async function callGrpc(client: grpc.Client, method: (typeof methods)[number]): Promise<unknown> {
  const definition = methodDefinitionOf(ShopService.method[method]);
  const { path, requestSerialize: write, responseDeserialize: read } = definition;
  if (method === "buy" || method === "collect") {
    return new Promise((resolve, reject) => {
      const done = (error: GrpcCodeError | grpc.ServiceError | null, response?: unknown) =>
        error ? reject(error) : resolve(response);
      if (method === "buy") {
        client.makeUnaryRequest(path, write, read, request, done);
      } else {
        client.makeClientStreamRequest(path, write, read, done).end(request);
      }
    });
  }
  const stream =
    method === "list"
      ? client.makeServerStreamRequest(path, write, read, request)
      : client.makeBidiStreamRequest(path, write, read);
  if (stream instanceof Writable) {
    stream.end(request);
  }
  stream.resume();
  return once(stream, "end");
}

/** A transport whose server throws an error as it is. */
function throwing(error: unknown) {
  const buy = () => {
    throw error;
  };
  return createRouterTransport(({ service }) => service(ShopService, { buy }), {
    transport: { interceptors: [createClientInterceptor({ tables })] },
  });
}

test("an error without a meaning passes by identity", async () => {
  const original = new ConnectError("down", Code.Unavailable);
  const interceptor = createClientInterceptor({ tables });
  const call = interceptor(() => Promise.reject(original));
  assert.equal(await failure(call({ stream: true } as never)), original);
  assert.equal(shopCodes.from(original), undefined);
  assert.equal(fromConnectError(shopCodes, original), undefined);
});

test("errors are read without an interceptor too", () => {
  const details = [{ type: "google.rpc.ErrorInfo", value: detailOf("code 9003") }];
  const error = new ConnectError("expired", 9);
  error.details = details;
  assert.equal(fromConnectError(responseCodes, error)?.code, 9003);
  assert.equal(fromConnectError(responseCodes, new Error("wrapped", { cause: error })), undefined);

  const metadata = new grpc.Metadata();
  metadata.set("grpc-status-details-bin", bytesOf(vector("code 9003")));
  const service = Object.assign(new Error("x"), { code: 9, details: "x", metadata });
  assert.equal(fromServiceError(responseCodes, service)?.code, 9003);
  assert.equal(fromServiceError(responseCodes, Object.assign(service, { code: 5 })), undefined);
});

function detailOf(name: string): Uint8Array {
  const error = responseCodes.read({ code: 9, message: "", details: bytesOf(vector(name)) });
  const [detail] = new Translator({ tables }).translate(error).details;
  assert.ok(detail);
  return detail.value;
}

test("no value and no byte makes a reader throw", () => {
  const cycle = new Error("cycle");
  cycle.cause = cycle;
  const getter = {
    get cause() {
      throw new Error("getter");
    },
  };
  for (const value of [
    undefined,
    null,
    1,
    "text",
    {},
    cycle,
    getter,
    new Error("x"),
    { code: 9 },
  ]) {
    assert.equal(responseCodes.from(value), undefined);
    assert.equal(fromConnectError(responseCodes, value), undefined);
    assert.equal(fromServiceError(responseCodes, value), undefined);
  }
  const whole = bytesOf(vector("code 9003"));
  for (let length = 0; length < whole.length; length++) {
    const status = { code: 9, message: "", details: whole.subarray(0, length) };
    // A status that ends after its first detail is valid.
    const number = responseCodes.read(status)?.number;
    assert.ok(number === undefined || number === 9003, `first ${length} bytes`);
  }
  for (const index of whole.keys()) {
    for (const byte of [0x00, 0x7f, 0x80, 0xff]) {
      const bytes = Uint8Array.from(whole);
      bytes[index] = byte;
      responseCodes.read({ code: 9, message: "", details: bytes });
    }
  }
});

test("a received code is sent on byte for byte, with details that are unknown here", async () => {
  const details = bytesOf(vector("large: many details stand first"));
  const status = { code: 9, message: "failed", details };
  const error = responseCodes.read(status);
  const sent = new Translator({ tables }).translate(new Error("hop", { cause: error }));
  assert.deepEqual([sent.status.code, Buffer.from(sent.status.details ?? [])], [9, details]);
});

test("fields that are unknown here do not evade the budget", () => {
  const unknown = new BinaryWriter().tag(99, WireType.LengthDelimited).bytes(new Uint8Array(5000));
  const details = Buffer.concat([bytesOf(vector("code 9003")), unknown.finish()]);
  const received = responseCodes.read({ code: 9, message: "failed", details });
  const { status } = new Translator({ tables }).translate(received);
  assert.ok(status.details && status.details.length < 1000);
  assert.equal(responseCodes.read(status)?.code, 9003);
});

test("a code crosses two servers", async () => {
  const code = ShopCode.SOLD_OUT;
  const inner = createClient(
    ShopService,
    serving(() => shopCodes.error(code)),
  );
  const outer = createClient(
    ShopService,
    serving(async () => failure(inner.buy({}))),
  );
  const error = shopCodes.from(await failure(outer.buy({})));
  assert.deepEqual([error?.code, error?.metadata], [code, { code: "1001" }]);
});

test("a public server hides what came from another server without a code", async () => {
  const original = new ConnectError("password=hunter2", Code.NotFound);
  const inner = createClient(ShopService, throwing(original));
  for (const [publicBoundary, message] of [
    [false, "password=hunter2"],
    [true, "internal error"],
  ] as const) {
    const outer = serving(async () => failure(inner.buy({})), publicBoundary);
    const error = await failure(createClient(ShopService, outer).buy({}));
    assert.equal(ConnectError.from(error).rawMessage, message);
  }
});

test("grpc-js marks what came from another server without a code", async (t) => {
  const server = await servers["grpc-js"]?.();
  assert.ok(server);
  t.after(server.stop);
  const translator = new Translator({ tables, publicBoundary: true });
  for (const [interceptors, code] of [
    [[], Code.NotFound], // taken for a status of the handler
    [[grpcInterceptor({ tables })], Code.Internal],
  ] as const) {
    const options = { interceptors: [...interceptors] };
    const client = new grpc.Client(server.address, grpc.credentials.createInsecure(), options);
    const error = await failure(unary(client, ShopService.method.buy, { other: "service" }));
    client.close();
    assert.equal(translator.translate(error).status.code, code);
  }
});

/** A transport whose server sends the error that a function returns. */
function serving(thrown: () => unknown, publicBoundary = false) {
  const buy = async () => {
    throw await thrown();
  };
  return createRouterTransport(({ service }) => service(ShopService, { buy }), {
    transport: { interceptors: [createClientInterceptor({ tables, maxAttempts: 1 })] },
    router: { interceptors: [createServerInterceptor({ tables, publicBoundary })] },
  });
}

test("the type of a code is the enum of the table", () => {
  const error: CodeError<typeof ShopCodeSchema> | undefined = shopCodes.error(ShopCode.BUSY);
  const code: ShopCode | undefined = error?.code;
  const table: CodeTable = shopCodes;
  assert.equal(code, ShopCode.BUSY);
  assert.ok(table.error(ShopCode.BUSY) instanceof CodeError);
  assert.equal(shopCodes.error(ShopCode.SOLD), undefined, "a success");
  assert.equal(JSON.stringify(error).includes("content"), false);
});

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, suite, test } from "node:test";
import { promisify } from "node:util";
import type { CodeError, Translation } from "@codetable/core";
import { ConnectCodeError, createServerInterceptor } from "@codetable/core/connect";
import { isGrpcCodeError } from "@codetable/core/grpc-js";
import {
  Code,
  ConnectError,
  createClient,
  createRouterTransport,
  type Interceptor,
} from "@connectrpc/connect";
import { failure, libraries, type TestClient } from "./clients.js";
import { ShopCode, ShopService } from "./gen/shop/v1/shop_pb.js";
import { type Options, servers, type TestServer } from "./servers.js";
import { shopCodes, tables } from "./tables.js";

const inspect = process.env.CODETABLE_INSPECT;
assert.ok(inspect, "set CODETABLE_INSPECT to the path of inspect, as make test does");

for (const [name, start] of Object.entries(servers)) {
  suite(`a server of ${name}`, () => {
    for (const [kind, args, options] of [
      ["internal", ["-locale", "zh-CN"], {}],
      ["public", ["-public"], { publicBoundary: true }],
    ] as const) {
      test(`Go reads each code, ${kind}`, async (t) => {
        const server = await start(options);
        t.after(server.stop);
        const lines = await inspectAll(inspect, ["-addr", server.address, ...args]);
        assert.equal(lines.length, 49 + 6);
        // connect-es sends headers first, so gRPC ignores its pushback and never repeats.
        const accepted = name === "connect-es" ? [headersFirst] : [];
        for (const { asked, problems = [] } of lines) {
          const others = problems.filter((problem) => !accepted.includes(problem));
          assert.deepEqual(others, [], `${asked}`);
        }
      });
    }
  });

  for (const [library, connect] of Object.entries(libraries)) {
    if (name === "grpc-js" && !["connect-es, gRPC", "grpc-js"].includes(library)) {
      continue; // grpc-js serves gRPC only
    }
    errorsOfHandlers(`${name} to ${library}`, start, connect);
  }
}

test("an error of an interceptor that is no async function is masked", async () => {
  const refusing: Interceptor = () => () => {
    throw new ConnectError("password=hunter2", Code.Internal);
  };
  const interceptors = [createServerInterceptor({ tables, publicBoundary: true }), refusing];
  const transport = createRouterTransport(({ service }) => service(ShopService, {}), {
    router: { interceptors },
  });
  const client = createClient(ShopService, transport);
  assert.equal(rawMessage(await failure(client.buy({}))), "internal error");
});

const headersFirst = "headers before the error: gRPC ignores the pushback";

interface Inspected {
  readonly asked: number;
  readonly problems?: readonly string[];
}

/** Returns what the Go program says of each code. It fails if there are problems. */
async function inspectAll(program: string, args: string[]): Promise<Inspected[]> {
  const run = promisify(execFile)(program, args, { maxBuffer: 2 ** 24 });
  const { stdout } = await run.catch((error: unknown) => error as { stdout: string });
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Inspected);
}

function errorsOfHandlers(
  title: string,
  start: (options?: Options) => Promise<TestServer>,
  connect: (at: TestServer) => TestClient,
): void {
  suite(title, () => {
    const events: Translation[] = [];
    const observer = (event: Translation) => void events.push(event);
    const each = {} as { internal: Peer; open: Peer };
    before(async () => {
      each.internal = await peer(await start({ observer }), connect);
      each.open = await peer(await start({ publicBoundary: true, observer }), connect);
    });
    after(() => {
      each.internal.stop();
      each.open.stop();
    });
    const buy = async ({ client }: Peer, request: { code?: ShopCode; other?: string }) =>
      failure(client.call(ShopService.method.buy, request, { "accept-language": "en" }));

    for (const other of ["wrapped", "aggregate"]) {
      test(`the code in an error that is ${other}`, async () => {
        const error = await buy(each.internal, { other });
        const read = shopCodes.from(error);
        assert.deepEqual([read?.code, read?.userMessage("en")], [ShopCode.SOLD_OUT, "Sold out."]);
        assert.ok((read?.retry.delayMs ?? 0) > 0, "the time left to the next hour");
        assert.doesNotMatch(JSON.stringify(statusOf(error)), /hunter2/);
        assert.equal(rawMessage(error), "the article is sold out");
      });
    }

    for (const other of ["bare", "nothing", "text", "dom", "hostile", "cycle"]) {
      test(`an opaque error for one that is ${other}`, async () => {
        events.length = 0;
        for (const at of [each.internal, each.open]) {
          const error = await buy(at, { other });
          const read = shopCodes.from(error);
          assert.deepEqual([rawMessage(error), grpcCode(error)], ["internal error", Code.Internal]);
          assert.equal(read?.masked, true);
          assert.equal(read.requestId, events.at(-1)?.correlationId);
          assert.equal(read.userMessage("en") !== "", at === each.open, "a neutral sentence");
        }
        assert.equal(events.length, 2);
      });
    }

    for (const [other, code] of [
      ["aborted", Code.Canceled],
      ["late", Code.DeadlineExceeded],
    ] as const) {
      test(`the code of an operation that is ${other}`, async () => {
        const error = await buy(each.internal, { other });
        assert.equal(grpcCode(error), code);
        assert.doesNotMatch(rawMessage(error), /hunter2/);
      });
    }

    for (const other of ["connect", "service"]) {
      test(`an error of ${other} that the handler made is sent unchanged`, async () => {
        for (const at of [each.internal, each.open]) {
          const error = await buy(at, { other });
          assert.deepEqual(
            [rawMessage(error), grpcCode(error)],
            ["no such article", Code.NotFound],
          );
          assert.equal(shopCodes.from(error), undefined);
        }
      });
    }

    test("a status that blames the server keeps its code alone at a public boundary", async () => {
      assert.match(rawMessage(await buy(each.internal, { other: "blame" })), /hunter2/);
      const error = await buy(each.open, { other: "blame" });
      assert.deepEqual([rawMessage(error), grpcCode(error)], ["internal error", Code.Internal]);
    });

    test("a code of the operator is masked at a public boundary", async () => {
      const code = ShopCode.KEY_REVOKED;
      assert.equal(shopCodes.from(await buy(each.internal, { code }))?.code, code);
      const error = await buy(each.open, { code });
      assert.equal(shopCodes.from(error)?.masked, true);
      assert.doesNotMatch(JSON.stringify(statusOf(error)), /KEY_REVOKED|1003|revoked/);
      assert.equal((events.at(-1)?.origin as CodeError).number, code);
    });
  });
}

interface Peer {
  readonly client: TestClient;
  readonly stop: () => void;
}

async function peer(server: TestServer, connect: (at: TestServer) => TestClient): Promise<Peer> {
  const client = connect(server);
  const stop = () => {
    client.close();
    server.stop();
  };
  return { client, stop };
}

function grpcCode(error: unknown): number {
  return (error as { code: number }).code;
}

function rawMessage(error: unknown): string {
  return error instanceof ConnectError ? error.rawMessage : (error as { details: string }).details;
}

function statusOf(error: unknown): unknown {
  assert.ok(error instanceof ConnectCodeError || isGrpcCodeError(error));
  const { code, message, details } = error.codeError.status;
  return { code, message, details: Buffer.from(details ?? []).toString("latin1") };
}

/** Servers of this library, over connect-es and over grpc-js. */
import { once } from "node:events";
import { createServer, type Http2Server, type ServerHttp2Session } from "node:http2";
import { createServer as createHttp1Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { ServerOptions } from "@codetable/core";
import { createServerInterceptor } from "@codetable/core/connect";
import { wrapHandlers } from "@codetable/core/grpc-js";
import { VerificationService } from "@codetable/jverification/jiguang/jverification/v1/verification_service_pb.js";
import type { ConnectRouter } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import * as grpc from "@grpc/grpc-js";
import type { Addresses } from "./clients.js";
import { type BuyRequest, ShopCode, ShopService } from "./gen/shop/v1/shop_pb.js";
import { definitionOf } from "./grpc.js";
import { forced, thrownFor } from "./handlers.js";
import { tables } from "./tables.js";

export interface TestServer extends Addresses {
  readonly stop: () => void;
}

export type Options = Partial<ServerOptions>;

export const servers: Record<string, (options?: Options) => Promise<TestServer>> = {
  "connect-es": startConnect,
  "grpc-js": startGrpc,
};

function verify(token: string): { code: number } {
  const { code, error } = forced(token);
  if (error !== undefined) {
    throw new Error("the upstream failed", { cause: error });
  }
  return { code };
}

/** Throws what the request asks for, if anything. */
function buy(request: BuyRequest): { code: number } {
  if (request.code !== ShopCode.SOLD) {
    throw thrownFor(request);
  }
  return { code: 1000 };
}

async function firstOf(requests: AsyncIterable<unknown>): Promise<BuyRequest> {
  for await (const request of requests) {
    return request as BuyRequest;
  }
  throw new Error("there is no request");
}

function routes(router: ConnectRouter): void {
  router.service(VerificationService, {
    verifyNumber: ({ token }) => verify(token),
    exchangeLoginToken: ({ loginToken }) => verify(loginToken),
    queryBusinessRisk: ({ phone }) => verify(phone),
    checkCaptcha: ({ captchaContent }) => verify(captchaContent),
    enableOneClickLogin: ({ appKey }) => verify(appKey),
  });
  router.service(ShopService, {
    buy,
    async *list(request) {
      yield { code: 1000 };
      yield buy(request);
    },
    collect: async (requests) => buy(await firstOf(requests)),
    async *haggle(requests) {
      yield buy(await firstOf(requests));
    },
  });
}

async function startConnect(options: Options = {}): Promise<TestServer> {
  const interceptors = [createServerInterceptor({ tables, ...options })];
  const handler = connectNodeAdapter({ routes, interceptors });
  const http2: Http2Server = createServer(handler).listen(0, "127.0.0.1");
  const sessions = new Set<ServerHttp2Session>();
  http2.on("session", (session) => sessions.add(session));
  const http1 = createHttp1Server(handler).listen(0, "127.0.0.1");
  await Promise.all([once(http2, "listening"), once(http1, "listening")]);
  const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port;
  return {
    address: `127.0.0.1:${portOf(http2)}`,
    web: `http://127.0.0.1:${portOf(http1)}`,
    stop() {
      http2.close();
      http1.close();
      http1.closeAllConnections();
      for (const session of sessions) {
        session.destroy();
      }
    },
  };
}

type Unary<T> = (call: { request: T }, callback: grpc.sendUnaryData<unknown>) => Promise<void>;

/** Each method fails in another way that grpc-js has. */
async function startGrpc(options: Options = {}): Promise<TestServer> {
  const server = new grpc.Server();
  const settings = { tables, ...options };
  const throws =
    <T>(token: (request: T) => string): Unary<T> =>
    async ({ request }, callback) =>
      callback(null, verify(token(request)));
  const verification = {
    verifyNumber: throws<{ token: string }>(({ token }) => token),
    exchangeLoginToken: throws<{ loginToken: string }>(({ loginToken }) => loginToken),
    queryBusinessRisk: throws<{ phone: string }>(({ phone }) => phone),
    checkCaptcha: throws<{ captchaContent: string }>(({ captchaContent }) => captchaContent),
    enableOneClickLogin: throws<{ appKey: string }>(({ appKey }) => appKey),
    verifyNumbers: (call: grpc.ServerDuplexStream<unknown, unknown>) => call.end(),
  };
  server.addService(definitionOf(VerificationService), wrapHandlers(verification, settings));
  server.addService(definitionOf(ShopService), wrapHandlers(new Shop(), settings) as never);
  const bind = (resolve: (port: number) => void, reject: (error: Error) => void) =>
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    );
  const port = await new Promise<number>(bind);
  return { address: `127.0.0.1:${port}`, web: "", stop: () => server.forceShutdown() };
}

/** An implementation with methods that use `this`. */
class Shop {
  readonly #answer = buy;

  /** Passes the error to the callback. */
  buy({ request }: { request: BuyRequest }, callback: grpc.sendUnaryData<unknown>): void {
    if (request.other === "nothing") {
      buy(request); // for a callback, undefined is no error
    }
    try {
      callback(null, this.#answer(request));
    } catch (error) {
      callback(error as grpc.ServiceError);
    }
  }

  /** Emits the error. */
  list(call: grpc.ServerWritableStream<BuyRequest, unknown>): void {
    call.write({ code: 1000 });
    try {
      call.end(buy(call.request));
    } catch (error) {
      call.emit("error", error);
    }
  }

  /** Emits the error, although there is a callback. */
  collect(
    call: grpc.ServerReadableStream<unknown, unknown>,
    callback: grpc.sendUnaryData<unknown>,
  ): void {
    call.once("data", (request: BuyRequest) => {
      try {
        callback(null, buy(request));
      } catch (error) {
        call.emit("error", error);
      }
    });
  }

  /** Throws in an async function, after a loop that ended before the requests did. */
  async haggle(call: grpc.ServerDuplexStream<unknown, unknown>): Promise<void> {
    call.end(buy(await firstOf(call)));
  }
}

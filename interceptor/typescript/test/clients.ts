/** One interface to the gRPC libraries, so that each test runs over each of them. */
import type {
  DescMessage,
  DescMethodUnary,
  MessageInitShape,
  MessageShape,
} from "@bufbuild/protobuf";
import { createClientInterceptor as connectInterceptor } from "@codetable/core/connect";
import { createClientInterceptor as grpcInterceptor } from "@codetable/core/grpc-js";
import type { ResponseCode } from "@codetable/jverification/jiguang/jverification/v1/response_code_pb.js";
import {
  Platform,
  VerificationService,
} from "@codetable/jverification/jiguang/jverification/v1/verification_service_pb.js";
import type { Transport } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import * as grpc from "@grpc/grpc-js";
import { unary } from "./grpc.js";
import { tables } from "./tables.js";

/** Where a server listens. */
export interface Addresses {
  /** host:port, for gRPC. */
  readonly address: string;
  /** The URL, for Connect and gRPC-Web. */
  readonly web: string;
}

export interface TestClient {
  call: <I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: MessageInitShape<I>,
    headers?: Record<string, string>,
  ) => Promise<MessageShape<O>>;
  close: () => void;
}

const interceptors = [connectInterceptor({ tables, maxAttempts: 1 })];

function connectClient(transport: Transport, close: () => void = () => undefined): TestClient {
  return {
    async call(method, request, headers) {
      const response = await transport.unary(method, undefined, 10_000, headers, request);
      return response.message;
    },
    close,
  };
}

export const libraries: Record<string, (at: Addresses) => TestClient> = {
  "connect-es, gRPC": ({ address }) => {
    const baseUrl = `http://${address}`;
    const sessionManager = new Http2SessionManager(baseUrl);
    const transport = createGrpcTransport({ baseUrl, interceptors, sessionManager });
    return connectClient(transport, () => sessionManager.abort());
  },
  "connect-es, Connect": ({ web }) =>
    connectClient(createConnectTransport({ baseUrl: web, httpVersion: "1.1", interceptors })),
  "connect-es, gRPC-Web": ({ web }) =>
    connectClient(createGrpcWebTransport({ baseUrl: web, httpVersion: "1.1", interceptors })),
  "grpc-js": ({ address }) => {
    const client = new grpc.Client(address, grpc.credentials.createInsecure(), {
      interceptors: [grpcInterceptor({ tables })],
    });
    return {
      call: (method, request, headers) =>
        unary(client, method, request, headers, { deadline: Date.now() + 10_000 }),
      close: () => client.close(),
    };
  },
};

/** Makes a server answer with a code, by the method that the code belongs to. */
export function ask(
  { call }: TestClient,
  code: number,
  headers?: Record<string, string>,
): Promise<{ id: bigint; code?: ResponseCode | undefined }> {
  const forced = `code-${code}`;
  const { method } = VerificationService;
  if (code === 0 || (code >= 1801 && code <= 2000)) {
    return call(method.queryBusinessRisk, { phone: forced }, headers);
  }
  if (code >= 6003 && code <= 7112) {
    return call(method.checkCaptcha, { captchaContent: forced }, headers);
  }
  if (code === 8000 || code === 8001) {
    return call(method.exchangeLoginToken, { loginToken: forced }, headers);
  }
  if (code >= 9200 && code <= 9301) {
    const app = { platform: Platform.ANDROID, packageName: "com.example", appSign: "0123" };
    return call(method.enableOneClickLogin, { appKey: forced, ...app }, headers);
  }
  return call(method.verifyNumber, { phone: "13800138000", token: forced }, headers);
}

/** Returns the error of a call that must fail. */
export async function failure(call: Promise<unknown>): Promise<unknown> {
  try {
    await call;
  } catch (error) {
    return error;
  }
  throw new Error("the call succeeded");
}

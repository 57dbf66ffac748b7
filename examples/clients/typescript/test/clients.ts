/** One interface to both gRPC libraries, so that each test runs over both. */
import type {
  DescMessage,
  DescMethodUnary,
  MessageInitShape,
  MessageShape,
} from "@bufbuild/protobuf";
import {
  type ResponseCode,
  ResponseCodeSchema,
} from "@codetable/jverification/jiguang/jverification/v1/response_code_pb.js";
import {
  Platform,
  VerificationService,
} from "@codetable/jverification/jiguang/jverification/v1/verification_service_pb.js";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import * as grpc from "@grpc/grpc-js";
import { fromConnectError } from "../src/connect.js";
import { fromServiceError, unary } from "../src/grpcjs.js";
import { type CodeError, CodeTable } from "../src/code_table.js";

export const responseCodes = new CodeTable(ResponseCodeSchema);

export interface TestClient {
  call: <I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: MessageInitShape<I>,
    headers?: Record<string, string>,
  ) => Promise<MessageShape<O>>;
  read: (error: unknown) => CodeError<typeof ResponseCodeSchema> | undefined;
  close: () => void;
}

export const libraries = {
  connect(address: string): TestClient {
    const baseUrl = `http://${address}`;
    const sessionManager = new Http2SessionManager(baseUrl);
    const transport = createGrpcTransport({ baseUrl, sessionManager });
    return {
      async call(method, request, headers) {
        const response = await transport.unary(method, undefined, 10_000, headers, request);
        return response.message;
      },
      read: (error) => fromConnectError(responseCodes, error),
      close: () => sessionManager.abort(),
    };
  },
  "grpc-js"(address: string): TestClient {
    const client = new grpc.Client(address, grpc.credentials.createInsecure());
    return {
      call(method, request, headers = {}) {
        const metadata = new grpc.Metadata();
        for (const [key, value] of Object.entries(headers)) {
          metadata.set(key, value);
        }
        return unary(client, method, request, metadata, { deadline: Date.now() + 10_000 });
      },
      read: (error) => fromServiceError(responseCodes, error),
      close: () => client.close(),
    };
  },
};

/** Makes the simulator answer a code, by the method that the code belongs to. */
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

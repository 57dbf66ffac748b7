/** The examples of the README, which quotes this file. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http2";
import { test } from "node:test";
import { CodeTable } from "@codetable/core";
import { createClientInterceptor, createServerInterceptor } from "@codetable/core/connect";
import { wrapHandlers } from "@codetable/core/grpc-js";
import {
  ResponseCode,
  ResponseCodeSchema,
} from "@codetable/jverification/jiguang/jverification/v1/response_code_pb.js";
import { VerificationService } from "@codetable/jverification/jiguang/jverification/v1/verification_service_pb.js";
import { type ConnectRouter, createClient } from "@connectrpc/connect";
import { connectNodeAdapter, createGrpcTransport } from "@connectrpc/connect-node";
import { Server } from "@grpc/grpc-js";
import { startGateway } from "./gateway.js";
import { definitionOf } from "./grpc.js";

async function readCode(baseUrl: string): Promise<string> {
  const responseCodes = new CodeTable(ResponseCodeSchema);
  const interceptors = [createClientInterceptor({ tables: [responseCodes] })];
  const client = createClient(VerificationService, createGrpcTransport({ baseUrl, interceptors }));
  try {
    await client.verifyNumber({ phone: "13800138000", token: "code-9003" });
  } catch (thrown) {
    const error = responseCodes.from(thrown);
    switch (error?.code) {
      case ResponseCode.TOKEN_EXPIRED_OR_NOT_EXIST:
        return `get a new token: ${error.userMessage("en")}`;
      default: // another code, a code that a newer server has, or none
        return String(thrown);
    }
  }
  return "verified";
}

test("the first example reads a code", async () => {
  const gateway = await startGateway();
  try {
    const text = await readCode(`http://${gateway.address}`);
    assert.equal(text, "get a new token: The verification has expired. Please start it again.");
  } finally {
    await gateway.stop();
  }
});

test("the second example sends codes", () => {
  const responseCodes = new CodeTable(ResponseCodeSchema);
  const routes = (router: ConnectRouter) =>
    router.service(VerificationService, { verifyNumber: ({ token }) => verify(token) });
  const server = new Server();
  const definition = definitionOf(VerificationService);
  const implementation = {};

  function verify(token: string): { code: ResponseCode } {
    if (token !== "valid") {
      throw responseCodes.error(ResponseCode.TOKEN_INVALID, { metadata: { field: "token" } });
    }
    return { code: ResponseCode.VERIFY_CONSISTENT };
  }

  const options = { tables: [responseCodes], publicBoundary: true };
  const adapter = connectNodeAdapter({ routes, interceptors: [createServerInterceptor(options)] });
  server.addService(definition, wrapHandlers(implementation, options));
  assert.throws(() => verify("spent"), { name: "CodeError", code: ResponseCode.TOKEN_INVALID });
  assert.equal(verify("valid").code, ResponseCode.VERIFY_CONSISTENT);
  assert.ok(createServer(adapter));
});

test("the README quotes this file", () => {
  const path = process.env.CODETABLE_README;
  assert.ok(path, "set CODETABLE_README to the path of the README, as make test does");
  const lines = (text: string) => text.replace(/^\s+/gm, "");
  const source = lines(readFileSync(new URL("../readme.test.ts", import.meta.url), "utf8"));
  const blocks = [...readFileSync(path, "utf8").matchAll(/```ts\n(.*?)```/gs)];
  assert.equal(blocks.length, 2);
  for (const [, block = ""] of blocks) {
    assert.ok(source.includes(lines(block)), block);
  }
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { ResponseCode } from "@codetable/jverification/jiguang/jverification/v1/response_code_pb.js";
import { VerificationService } from "@codetable/jverification/jiguang/jverification/v1/verification_service_pb.js";
import * as grpc from "@grpc/grpc-js";
import { fromServiceError, unary } from "../src/grpcjs.js";
import { failure, responseCodes } from "./clients.js";
import { startGateway } from "./gateway.js";

// It asks for more attempts than the table allows, so that what holds it back
// can only be the server's pushback.
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

/** Verifies one token, and has the log of the gateway say how often it was asked. */
async function attempts(
  token: string,
  check: (call: Promise<{ code?: ResponseCode | undefined }>) => Promise<void>,
): Promise<string[]> {
  const gateway = await startGateway();
  const client = new grpc.Client(gateway.address, grpc.credentials.createInsecure(), {
    "grpc.service_config": JSON.stringify(serviceConfig),
  });
  try {
    const request = { phone: "13800138000", token };
    const options = { deadline: Date.now() + 20_000 };
    await check(
      unary(client, VerificationService.method.verifyNumber, request, undefined, options),
    );
  } finally {
    client.close();
    await gateway.stop();
  }
  const log = await gateway.stop();
  return log.flatMap((line) => /msg="finished call".* grpc\.code=(\S+)/.exec(line)?.[1] ?? []);
}

test("grpc-js repeats a call that the table lets it repeat", async () => {
  const codes = await attempts("then-success-1804-grpcjs", async (call) => {
    assert.equal((await call).code, ResponseCode.VERIFY_CONSISTENT);
  });
  assert.deepEqual(codes, ["ResourceExhausted", "OK"]);
});

test("grpc-js does not send a spent token again", async () => {
  const codes = await attempts("code-9003", async (call) => {
    const reading = fromServiceError(responseCodes, await failure(call));
    assert.equal(reading?.code, ResponseCode.TOKEN_EXPIRED_OR_NOT_EXIST);
  });
  assert.deepEqual(codes, ["FailedPrecondition"]);
});

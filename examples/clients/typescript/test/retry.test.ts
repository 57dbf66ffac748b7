import assert from "node:assert/strict";
import { test } from "node:test";
import { ResponseCode } from "@codetable/jverification/jiguang/jverification/v1/response_code_pb.js";
import { VerificationService } from "@codetable/jverification/jiguang/jverification/v1/verification_service_pb.js";
import * as grpc from "@grpc/grpc-js";
import { fromServiceError, unary } from "../src/grpcjs.js";
import { failure, responseCodes } from "./clients.js";
import { startGateway } from "./gateway.js";

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

/** Verifies one token, and returns the gRPC code of each attempt from the log of the gateway. */
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

test("grpc-js repeats a call if the table allows it", async () => {
  const codes = await attempts("then-success-1804-grpcjs", async (call) => {
    assert.equal((await call).code, ResponseCode.VERIFY_CONSISTENT);
  });
  assert.deepEqual(codes, ["ResourceExhausted", "OK"]);
});

test("grpc-js does not send a spent token again", async () => {
  const codes = await attempts("code-9003", async (call) => {
    const error = fromServiceError(responseCodes, await failure(call));
    assert.equal(error?.code, ResponseCode.TOKEN_EXPIRED_OR_NOT_EXIST);
  });
  assert.deepEqual(codes, ["FailedPrecondition"]);
});

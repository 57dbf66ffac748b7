import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { after, before, suite, test } from "node:test";
import { VerificationService } from "@codetable/jverification/jiguang/jverification/v1/verification_service_pb.js";
import { Code, ConnectError } from "@connectrpc/connect";
import * as grpc from "@grpc/grpc-js";
import { fromConnectError } from "../src/connect.js";
import { fromServiceError } from "../src/grpcjs.js";
import { failure, libraries, responseCodes } from "./clients.js";
import { asExpected, vectors } from "./vectors.js";

const { FAILED_PRECONDITION } = grpc.status;
const statusDetails = "grpc-status-details-bin";

suite("vectors", () => {
  // Answers each call with the status of a vector, so that each library makes its
  // own kind of error.
  const server = createServer();
  server.on("stream", (stream, headers) => {
    const vector = vectors[Number(headers.vector)];
    const status = { "grpc-status": vector?.grpc_code, [statusDetails]: vector?.status };
    stream.respond({ "content-type": "application/grpc", ...status }, { endStream: true });
  });
  before(async () => {
    await once(server.listen(0, "127.0.0.1"), "listening");
  });
  after(() => server.close());

  test("there are more vectors than codes", () => assert.ok(vectors.length > 49));

  for (const [library, connect] of Object.entries(libraries)) {
    test(library, async (t) => {
      const client = connect(`127.0.0.1:${(server.address() as AddressInfo).port}`);
      t.after(() => client.close());
      for (const [index, { name, reading: want }] of vectors.entries()) {
        await t.test(name, async () => {
          const call = client.call(
            VerificationService.method.verifyNumber,
            {},
            { vector: `${index}` },
          );
          const got = client.read(await failure(call));
          const locales = Object.keys(want?.user_message ?? {});
          assert.deepEqual(got ? asExpected(got, locales) : null, want);
        });
      }
    });
  }
});

function serviceError(code: grpc.status, details: Uint8Array): grpc.ServiceError {
  const metadata = new grpc.Metadata();
  metadata.set(statusDetails, Buffer.from(details));
  return Object.assign(new Error("failed"), {
    code,
    details: "failed",
    metadata,
  });
}

const spent = vectors.find(({ name }) => name === "code 9003");
assert.ok(spent, "there is no vector of code 9003");
const spentStatus = Buffer.from(spent.status, "base64");

test("broken bytes are never thrown, nor read as another code", () => {
  for (let length = 0; length < spentStatus.length; length++) {
    const error = serviceError(FAILED_PRECONDITION, spentStatus.subarray(0, length));
    const number = fromServiceError(responseCodes, error)?.number;
    assert.ok(number === undefined || number === 9003, `first ${length} bytes: ${number}`);
  }
  for (const index of spentStatus.keys()) {
    const bytes = Uint8Array.from(spentStatus);
    bytes[index] = 0xff;
    assert.doesNotThrow(() =>
      fromServiceError(responseCodes, serviceError(FAILED_PRECONDITION, bytes)),
    );
  }
});

test("details that contradict the status are not read", () => {
  const read = (code: grpc.status) =>
    fromServiceError(responseCodes, serviceError(code, spentStatus))?.code;
  assert.equal(read(FAILED_PRECONDITION), 9003);
  assert.equal(read(grpc.status.UNAVAILABLE), undefined);
});

test("an error that no server sent is not read", () => {
  for (const error of [undefined, "text", new Error("text"), { code: 9, metadata: {} }]) {
    assert.equal(fromServiceError(responseCodes, error), undefined);
    assert.equal(fromConnectError(responseCodes, error), undefined);
  }
  assert.equal(
    fromConnectError(responseCodes, new ConnectError("text", Code.Unavailable)),
    undefined,
  );
});

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { after, before, suite, test } from "node:test";
import { Translator } from "@codetable/core";
import { VerificationService } from "@codetable/jverification/jiguang/jverification/v1/verification_service_pb.js";
import { failure, libraries } from "./clients.js";
import { gatewayCodes, responseCodes } from "./tables.js";
import { asReading, bytesOf, comparable, type Send, vectors } from "./vectors.js";

suite("a table reads the vectors", () => {
  for (const vector of vectors) {
    test(vector.name, () => {
      const status = { code: vector.grpc_code, message: "", details: bytesOf(vector) };
      const got = asReading(responseCodes.read(status), vector.reading);
      assert.deepEqual(got, vector.reading);
    });
  }
});

suite("a server sends the vectors", () => {
  for (const vector of vectors) {
    const { send, name } = vector;
    if (send !== undefined) {
      test(name, (t) => {
        t.mock.method(crypto, "getRandomValues", (array: Uint8Array) => {
          const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
          return array.map((_, index) => alphabet.indexOf(send.request_id.charAt(index)));
        });
        const sent = translate(send);
        assert.equal(sent.status.code, vector.grpc_code);
        assert.equal(sent.pushback, vector.pushback);
        assert.deepEqual(
          comparable(sent.status.details ?? new Uint8Array()),
          comparable(bytesOf(vector)),
        );
      });
    }
  }

  test("there are vectors of each kind", () => {
    const masks = vectors.filter(({ send, reading }) => send !== undefined && reading?.masked);
    assert.ok(masks.length > 10 && vectors.length > 200);
  });
});

function translate(send: Send) {
  const translator = new Translator({
    tables: [gatewayCodes, responseCodes],
    publicBoundary: send.public,
    detailBudget: send.budget,
  });
  const { code, message, metadata, retry_after_ms: retryAfterMs } = send;
  const options = { message, metadata, ...(retryAfterMs !== null && { retryAfterMs }) };
  const thrown = code === null ? new Error("no code") : responseCodes.error(code, options);
  assert.ok(thrown);
  return translator.translate(thrown, { locale: send.accept_language });
}

suite("vectors over the wire", () => {
  // Answers each call with the status of a vector, so that each library makes its
  // own kind of error.
  const server = createServer();
  server.on("stream", (stream, headers) => {
    const vector = vectors[Number(headers.vector)];
    const status = {
      "grpc-status": vector?.grpc_code,
      "grpc-status-details-bin": vector?.status ?? "",
    };
    stream.respond({ "content-type": "application/grpc", ...status }, { endStream: true });
  });
  before(async () => {
    await once(server.listen(0, "127.0.0.1"), "listening");
  });
  after(() => server.close());

  for (const library of ["connect-es, gRPC", "grpc-js"]) {
    test(library, async (t) => {
      const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
      const client = libraries[library]?.({ address, web: "" });
      assert.ok(client);
      t.after(() => client.close());
      for (const [index, { name, reading, grpc_code, status }] of vectors.entries()) {
        // Node refuses larger headers.
        if (grpc_code === 0 || (status ?? "").length > 8000) {
          continue;
        }
        const call = client.call(
          VerificationService.method.verifyNumber,
          {},
          { vector: `${index}` },
        );
        const got = asReading(responseCodes.from(await failure(call)), reading);
        assert.deepEqual(got, reading, name);
      }
    });
  }
});

/** What a server sends of an error that another server sent to it. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { after, before, suite, test } from "node:test";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Translator } from "@codetable/core";
import { createClientInterceptor } from "@codetable/core/connect";
import { StatusSchema } from "@codetable/proto/google/rpc/status_pb.js";
import { VerificationService } from "@codetable/jverification/jiguang/jverification/v1/verification_service_pb.js";
import { Code, ConnectError, type UnaryRequest, type UnaryResponse } from "@connectrpc/connect";
import { createAsyncIterable } from "@connectrpc/connect/protocol";
import { failure, libraries } from "./clients.js";
import { gatewayCodes, responseCodes } from "./tables.js";
import { comparable } from "./vectors.js";

interface Relay {
  readonly name: string;
  readonly received: string;
  readonly received_grpc_code: number;
  readonly public: boolean;
  readonly accept_language: string;
  readonly request_id: string;
  readonly status: string;
  readonly grpc_code: number;
  readonly pushback: string;
}

const path = (process.env.CODETABLE_VECTORS ?? "").replace("vectors.json", "relays.json");
const relays = JSON.parse(readFileSync(path, "utf8")) as readonly Relay[];

/** Over the wire the message is a header too. */
function messageIn(status: string): string {
  return encodeURI(fromBinary(StatusSchema, Buffer.from(status, "base64")).message);
}

test("a call fails if its header says so, although its details say OK", async () => {
  for (const stream of [false, true]) {
    const trailer = new Headers({ "grpc-status": "5", "grpc-status-details-bin": "" });
    const message = stream ? createAsyncIterable([]) : {};
    const response = {
      stream,
      header: new Headers(),
      trailer,
      message,
    } as unknown as UnaryResponse;
    const next = () => Promise.resolve(response);
    const call = createClientInterceptor({ tables: [responseCodes] })(next);
    const request = { stream, header: new Headers() } as unknown as UnaryRequest;
    const read = async () => {
      const received = await call(request);
      if (received.stream) {
        await received.message[Symbol.asyncIterator]().next();
      }
    };
    assert.equal(ConnectError.from(await failure(read())).code, Code.NotFound);
  }
});

suite("relays", () => {
  const server = createServer();
  server.on("stream", (stream, headers) => {
    const relay = relays[Number(headers.relay)];
    const status = {
      "grpc-status": relay?.received_grpc_code,
      "grpc-message": messageIn(relay?.received ?? ""),
      "grpc-status-details-bin": relay?.received ?? "",
    };
    stream.respond({ "content-type": "application/grpc", ...status }, { endStream: true });
  });
  before(async () => {
    await once(server.listen(0, "127.0.0.1"), "listening");
  });
  after(() => server.close());

  for (const library of ["connect-es, gRPC", "grpc-js"]) {
    suite(library, () => {
      for (const [index, relay] of relays.entries()) {
        test(`${relay.name}, ${relay.public ? "public" : "internal"}`, async (t) => {
          const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
          const client = libraries[library]?.({ address, web: "" });
          assert.ok(client);
          t.after(() => client.close());
          const { verifyNumber } = VerificationService.method;
          const error = await failure(client.call(verifyNumber, {}, { relay: `${index}` }));
          t.mock.method(crypto, "getRandomValues", (array: Uint8Array) => {
            const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
            return array.map((_, at) => alphabet.indexOf(relay.request_id.charAt(at)));
          });
          const sent = new Translator({
            tables: [gatewayCodes, responseCodes],
            publicBoundary: relay.public,
          }).translate(error, { locale: relay.accept_language });
          const { code, message } = sent.status;
          const bare = toBinary(StatusSchema, create(StatusSchema, { code, message }));
          const details = sent.status.details ?? bare;
          assert.equal(sent.status.code, relay.grpc_code);
          assert.equal(sent.pushback, relay.pushback);
          assert.deepEqual(comparable(details), comparable(Buffer.from(relay.status, "base64")));
        });
      }
    });
  }
});

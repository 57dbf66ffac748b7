// Calls a server with connect-es and prints a line of JSON for each failed call:
// node call.js URL DESCRIPTOR_SET CODE...
import { readFileSync } from "node:fs";
import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { ConnectError, createClient } from "@connectrpc/connect";
import * as node from "@connectrpc/connect-node";
import * as web from "@connectrpc/connect-web";

const [baseUrl, descriptors, ...codes] = process.argv.slice(2);
const files = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(descriptors)));
const service = files.getService("grpc.testing.TestService");

const http2 = { baseUrl, httpVersion: "2" };
const transports = {
  "node connect": node.createConnectTransport(http2),
  "node grpc": node.createGrpcTransport(http2),
  "node grpc-web": node.createGrpcWebTransport(http2),
  "web connect": web.createConnectTransport({ baseUrl }),
  "web grpc-web": web.createGrpcWebTransport({ baseUrl }),
};

async function* one() {
  yield {};
}

async function read(stream) {
  for await (const _ of stream);
}

// fetch can send no stream.
const kinds = {
  unary: (client, options) => client.unaryCall({}, options),
  "server stream": (client, options) => read(client.streamingOutputCall({}, options)),
  "client stream": (client, options) => client.streamingInputCall(one(), options),
  "bidi stream": (client, options) => read(client.fullDuplexCall(one(), options)),
};

for (const [name, transport] of Object.entries(transports)) {
  const client = createClient(service, transport);
  for (const [kind, call] of Object.entries(kinds)) {
    if (name.startsWith("web") && /client|bidi/.test(kind)) continue;
    for (const sent of codes) {
      try {
        await call(client, { headers: { "x-code": sent, "accept-language": "zh-CN" } });
        console.log(JSON.stringify({ name: `${name}, ${kind}`, sent, succeeded: true }));
      } catch (thrown) {
        const { code, rawMessage, details, metadata } = ConnectError.from(thrown);
        console.log(JSON.stringify({
          name: `${name}, ${kind}`,
          sent,
          code,
          message: rawMessage,
          details: details.map(({ type, value }) => ({ type, value: Buffer.from(value).toString("base64") })),
          retryAfter: metadata.get("retry-after") ?? "",
          pushback: metadata.get("grpc-retry-pushback-ms") ?? "",
        }));
      }
    }
  }
}
process.exit(); // the sessions of HTTP/2 stay open for a while

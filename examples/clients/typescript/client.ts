// Verifies a phone number: npm start -- ADDRESS TOKEN
import { CodeTable, Fault, RetryAction } from "@codetable/core";
import { createClientInterceptor } from "@codetable/core/connect";
import {
  ResponseCode,
  ResponseCodeSchema,
} from "@codetable/jverification/jiguang/jverification/v1/response_code_pb.js";
import { VerificationService } from "@codetable/jverification/jiguang/jverification/v1/verification_service_pb.js";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";

const [address = "127.0.0.1:8090", token = "code-9003"] = process.argv.slice(2);
const responseCodes = new CodeTable(ResponseCodeSchema);
const retries = createClientInterceptor({ tables: [responseCodes], maxAttempts: 3 });
const transport = createGrpcTransport({ baseUrl: `http://${address}`, interceptors: [retries] });
const client = createClient(VerificationService, transport);
const headers = { "accept-language": "zh-CN" };
try {
  await client.verifyNumber({ phone: "13800138000", token }, { headers, timeoutMs: 10_000 });
  console.log("verified: true");
} catch (thrown) {
  const error = responseCodes.from(thrown);
  switch (error?.code) {
    case ResponseCode.TOKEN_EXPIRED_OR_NOT_EXIST:
    case ResponseCode.TOKEN_INVALID:
      console.log("have the SDK make another token");
      break;
    default: // a code that this client does not list, or none
      console.log("verified: false");
  }
  if (error === undefined) throw thrown; // a failure of the network, for example
  const { number, reason, fault, retry } = error;
  const wait = `${RetryAction[retry.action]} after ${retry.delayMs} ms`;
  if (error.masked) console.log("masked", error.requestId, wait, error.userMessage("zh-CN"));
  else console.log(number, reason, Fault[fault], wait, error.userMessage("zh-CN"));
}
process.exit(); // the connection stays open for more calls

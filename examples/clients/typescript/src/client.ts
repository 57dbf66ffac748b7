/**
 * Calls each method of a gateway, and shows what a client does with the
 * answers: it switches on the code, reads the retry advice, and has a sentence
 * for the end user. This one speaks Connect's gRPC; grpcjs.ts has the same for
 * grpc-js.
 */
import { parseArgs } from "node:util";
import { Fault, RetryAction } from "@codetable/jverification/codetable/v1/codetable_pb.js";
import {
  ResponseCode,
  ResponseCodeSchema,
} from "@codetable/jverification/jiguang/jverification/v1/response_code_pb.js";
import {
  Platform,
  VerificationService,
} from "@codetable/jverification/jiguang/jverification/v1/verification_service_pb.js";
import { ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { fromConnectError } from "./connect.js";
import { CodeTable, type Retry } from "./reading.js";

const usage = `usage: npm start -- [--token T] [--locale L] host:port

  --token   sent by every call; the simulator answers N to code-N (default code-9005)
  --locale  language of the sentence for the end user (default en)`;

const responseCodes = new CodeTable(ResponseCodeSchema);

/** What every answer of the service has. */
interface Answer {
  readonly id: bigint;
  /** The enum is open: the number can be one that it does not list. */
  readonly code?: number | undefined;
}

async function main(address: string, token: string, locale: string): Promise<void> {
  const transport = createGrpcTransport({ baseUrl: `http://${address}`, defaultTimeoutMs: 10_000 });
  const client = createClient(VerificationService, transport);
  const options = { headers: { "accept-language": locale } };
  const phone = "13800138000";
  const app = { platform: Platform.ANDROID, packageName: "com.example", appSign: "0123" };

  async function show(method: string, call: Promise<Answer>): Promise<void> {
    const text = await call.then(describe, (error: unknown) => explain(error, locale));
    console.log(`${method}: ${text}`);
  }
  await show("VerifyNumber", client.verifyNumber({ phone, token }, options));
  await show("ExchangeLoginToken", client.exchangeLoginToken({ loginToken: token }, options));
  await show("QueryBusinessRisk", client.queryBusinessRisk({ phone: token }, options));
  await show("CheckCaptcha", client.checkCaptcha({ captchaContent: token }, options));
  await show("EnableOneClickLogin", client.enableOneClickLogin({ appKey: token, ...app }, options));

  async function* items() {
    yield { item: { phone, token, exId: "1" } };
    yield { item: { phone, token: "code-9000", exId: "2" } };
  }
  try {
    for await (const { item, grpcCode } of client.verifyNumbers(items(), options)) {
      const text = item?.code === undefined ? `gRPC status ${grpcCode}` : describe(item);
      console.log(`VerifyNumbers, item ${item?.exId}: ${text}`);
    }
  } catch (error) {
    console.log(`VerifyNumbers: ${explain(error, locale)}`);
  }
}

/** The id is above 2^53, and so a bigint: a number would lose its last digits. */
function describe({ id, code }: Answer): string {
  return code === undefined ? "no code" : `${ResponseCode[code] ?? code}, id ${id}`;
}

function explain(error: unknown, locale: string): string {
  const reading = fromConnectError(responseCodes, error);
  if (reading === undefined) {
    return `no response code came back: ${ConnectError.from(error).message}`;
  }
  const lines = [
    `${reading.domain} ${reading.code} ${reading.reason}`,
    `fault: ${Fault[reading.fault]}`,
    `retry: ${advise(reading.retry)}`,
    `to do: ${nextStep(error)}`,
    `user:  ${reading.userMessage(locale)}`,
  ];
  return lines.join("\n  ");
}

/** Switches on the few codes to treat apart, and leaves the rest to the default. */
function nextStep(error: unknown): string {
  const reading = fromConnectError(responseCodes, error); // grpc-js: fromServiceError
  switch (reading?.known && reading.code) {
    case ResponseCode.TOKEN_EXPIRED_OR_NOT_EXIST:
    case ResponseCode.TOKEN_INVALID:
      return "have the SDK make another token";
    case ResponseCode.VERIFY_NOT_CONSISTENT:
      return "take it for a no: this is not the number of that phone";
    case ResponseCode.VERIFY_INTERVAL_BELOW_MINIMUM:
    case ResponseCode.NUMBER_FREQUENCY_BEYOND_LIMIT:
      return "verify another way: this number has had its turns";
    default:
      return "show the sentence for the user";
  }
}

function advise({ action, delayMs }: Retry): string {
  const wait = delayMs > 0 ? `, in ${Math.ceil(delayMs / 1000)} s` : "";
  switch (action) {
    case RetryAction.SAME_REQUEST:
      return `the same request${wait}`;
    case RetryAction.CONFIRM_OUTCOME:
      return `ask for the outcome first${wait}`;
    case RetryAction.NEW_INPUT:
    case RetryAction.NEXT_WINDOW:
      return `with a fresh token${wait}`;
    default:
      return "no";
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    token: { type: "string", default: "code-9005" },
    locale: { type: "string", default: "en" },
  },
});
const [address, ...rest] = positionals;
if (address === undefined || rest.length > 0) {
  console.error(usage);
  process.exitCode = 2;
} else {
  await main(address, values.token, values.locale);
}

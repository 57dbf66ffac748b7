/**
 * Calls each method of a gateway and shows what a client does with the answers: it
 * switches on the code, reads the retry advice, and has a message for the end user.
 * It uses Connect; grpcjs.ts reads the errors of grpc-js.
 */
import { Fault, RetryAction } from "@codetable/jverification/codetable/v1/codetable_pb.js";
import { GrpcCode } from "@codetable/jverification/codetable/v1/grpc_code_pb.js";
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
import { type CodeError, CodeTable } from "./code_table.js";
import { fromConnectError } from "./connect.js";

const usage = `usage: npm start -- ADDRESS [TOKEN [LOCALE]]

  ADDRESS  host:port of a gateway without TLS
  TOKEN    sent by every call; the simulator answers code-N with N (default code-9003)
  LOCALE   language of the message for the end user (default en)`;

const responseCodes = new CodeTable(ResponseCodeSchema);

async function main(address: string, token = "code-9003", locale = "en"): Promise<void> {
  const transport = createGrpcTransport({ baseUrl: `http://${address}`, defaultTimeoutMs: 10_000 });
  const client = createClient(VerificationService, transport);
  const options = { headers: { "accept-language": locale } };
  const phone = "13800138000";
  const app = { platform: Platform.ANDROID, packageName: "com.example", appSign: "0123" };

  async function show(method: string, call: Promise<{ code?: number | undefined }>) {
    const text = await call.then(describe, (error: unknown) => explain(error, locale));
    console.log(`${method}: ${text}`);
  }
  await show("VerifyNumber", client.verifyNumber({ phone, token }, options));
  await show("ExchangeLoginToken", client.exchangeLoginToken({ loginToken: token }, options));
  await show("QueryBusinessRisk", client.queryBusinessRisk({ phone: token }, options));
  await show("CheckCaptcha", client.checkCaptcha({ captchaContent: token }, options));
  await show("EnableOneClickLogin", client.enableOneClickLogin({ appKey: token, ...app }, options));

  async function* items() {
    yield { item: { phone, token } };
    yield { item: { phone, token: "code-9000" } };
  }
  try {
    for await (const { item, grpcCode } of client.verifyNumbers(items(), options)) {
      const failed = `no code: ${GrpcCode[grpcCode ?? GrpcCode.UNKNOWN]}`;
      console.log(`VerifyNumbers: ${item?.code === undefined ? failed : describe(item)}`);
    }
  } catch (error) {
    console.log(`VerifyNumbers: ${explain(error, locale)}`);
  }
}

/** An unset code is not a success. The enum is open: the code may not be listed. */
function describe({ code }: { code?: number | undefined }): string {
  return code === undefined ? "no code" : `${code} ${ResponseCode[code] ?? "UNRECOGNIZED_CODE"}`;
}

function explain(thrown: unknown, locale: string): string {
  const error = fromConnectError(responseCodes, thrown);
  if (error === undefined) {
    return `no code: ${ConnectError.from(thrown).message}`;
  }
  const { action, delayMs } = error.retry;
  const wait = delayMs > 0 ? `, in ${Math.ceil(delayMs / 1000)} s` : "";
  const lines = [
    `${error.number ?? "no number"} ${error.reason} of ${error.domain}`,
    `fault: ${Fault[error.fault]}`,
    `retry: ${RetryAction[action]}${wait}`,
    `next:  ${nextStep(error)}`,
    `user:  ${error.userMessage(locale)}`,
  ];
  return lines.join("\n  ");
}

/** Switches on the codes that need a step of their own; the table has advice for the rest. */
function nextStep(error: CodeError<typeof ResponseCodeSchema>): string {
  switch (error.code) {
    case ResponseCode.TOKEN_EXPIRED_OR_NOT_EXIST:
    case ResponseCode.TOKEN_INVALID:
      return "have the SDK make another token";
    case ResponseCode.VERIFY_NOT_CONSISTENT:
      return "take it for a no";
  }
  switch (error.retry.action) {
    case RetryAction.SAME_REQUEST:
      return "send the same request again";
    case RetryAction.NEW_INPUT:
    case RetryAction.NEXT_WINDOW:
      return "try again with a fresh token";
    case RetryAction.CONFIRM_OUTCOME:
      return "ask for the outcome before anything is repeated";
    default:
      return "show the message to the user";
  }
}

const [address, ...rest] = process.argv.slice(2);
if (address === undefined || rest.length > 2) {
  console.error(usage);
  process.exitCode = 2;
} else {
  await main(address, ...rest);
}

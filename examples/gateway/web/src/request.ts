import {
  Platform,
  VerificationService,
} from "@codetable/jverification/jiguang/jverification/v1/verification_service_pb.js";
import type { CallOptions } from "@connectrpc/connect";
import { ownPhone } from "./sdk.js";
import { service } from "./service.js";
import { declares } from "./table.js";

/** A call, as a person may read it. */
export interface Request {
  readonly method: string;
  readonly fields: object;
  readonly send: (options: CallOptions) => Promise<unknown>;
}

/**
 * The call that the upstream answers with a code: that of the first method which
 * declares it, since a success of another method is none.
 */
export function requestOf(code: number): Request {
  const word = `code-${code}`;
  const method = VerificationService.methods.find(
    (method) => method.methodKind === "unary" && declares(method, code),
  );
  switch (method?.name) {
    case "VerifyNumber":
      return request(method.name, { phone: ownPhone, token: word }, service.verifyNumber);
    case "ExchangeLoginToken":
      return request(method.name, { loginToken: word }, service.exchangeLoginToken);
    case "QueryBusinessRisk":
      return request(method.name, { phone: word }, service.queryBusinessRisk);
    case "CheckCaptcha":
      return request(method.name, { captchaContent: word }, service.checkCaptcha);
    case "EnableOneClickLogin": {
      const app = { appKey: word, platform: Platform.IOS, packageName: "com.example" };
      return request(method.name, app, service.enableOneClickLogin);
    }
    default:
      throw new Error(`no method of the page declares the code ${code}`);
  }
}

/** One of the fields holds the word that the simulator obeys. */
function request<Fields extends object>(
  method: string,
  fields: Fields,
  call: (fields: Fields, options: CallOptions) => Promise<unknown>,
): Request {
  return { method, fields, send: (options) => call(fields, options) };
}

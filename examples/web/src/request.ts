import { Platform } from "@codetable/jverification/jiguang/jverification/v1/verification_service_pb.js";
import type { CallOptions } from "@connectrpc/connect";
import { ownPhone } from "./sdk.js";
import { service } from "./service.js";

/** A call, as a person may read it. */
export interface Request {
  readonly method: string;
  readonly fields: object;
  readonly send: (options: CallOptions) => Promise<unknown>;
}

/**
 * The call that the upstream answers with a code, by the sections of its table,
 * since a success of another method is none. One field of each call may hold
 * the word that the simulator obeys.
 */
export function requestOf(code: number): Request {
  const word = `code-${code}`;
  if (code < 6000) {
    const fields = { phone: word };
    return request("QueryBusinessRisk", fields, (call) => service.queryBusinessRisk(fields, call));
  }
  if (code < 8000) {
    const fields = { captchaContent: word };
    return request("CheckCaptcha", fields, (call) => service.checkCaptcha(fields, call));
  }
  if (code < 9000) {
    const fields = { loginToken: word };
    return request("ExchangeLoginToken", fields, (call) =>
      service.exchangeLoginToken(fields, call),
    );
  }
  if (code < 9200) {
    const fields = { phone: ownPhone, token: word };
    return request("VerifyNumber", fields, (call) => service.verifyNumber(fields, call));
  }
  const fields = { appKey: word, platform: Platform.IOS, packageName: "com.example" };
  return request("EnableOneClickLogin", fields, (call) =>
    service.enableOneClickLogin(fields, call),
  );
}

function request(method: string, fields: object, send: Request["send"]): Request {
  return { method, fields, send };
}

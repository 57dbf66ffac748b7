/** The call that the simulator answers with a code. */
import type { DescMethodUnary } from "@bufbuild/protobuf";
import {
  Platform,
  VerificationService,
} from "@codetable/jverification/jiguang/jverification/v1/verification_service_pb.js";
import { ownPhone } from "./sdk.js";
import { type Request, request } from "./service.js";
import type { Row } from "./table.js";

const methods = VerificationService.method;

/**
 * Makes a call of the first unary method that declares a code, since a success
 * of another method is none. One of its fields holds the word that the simulator
 * obeys. It returns undefined for a code that no upstream sends.
 */
export function callOf(row: Row): Request | undefined {
  const word = `code-${row.number}`;
  switch (
    row.methods.find((method) => method.methodKind === "unary") as DescMethodUnary | undefined
  ) {
    case methods.verifyNumber:
      return request(methods.verifyNumber, { phone: ownPhone, token: word });
    case methods.exchangeLoginToken:
      return request(methods.exchangeLoginToken, { loginToken: word });
    case methods.queryBusinessRisk:
      return request(methods.queryBusinessRisk, { phone: word });
    case methods.checkCaptcha:
      return request(methods.checkCaptcha, { captchaContent: word });
    case methods.enableOneClickLogin: {
      const app = { appKey: word, platform: Platform.IOS, packageName: "com.example" };
      return request(methods.enableOneClickLogin, app);
    }
    default:
      return undefined;
  }
}

/** The call that has a code as its answer. */
import type { DescMethodUnary } from "@bufbuild/protobuf";
import {
  Platform,
  VerificationService,
} from "@codetable/jverification/jiguang/jverification/v1/verification_service_pb.js";
import { ownPhone } from "./sdk.js";
import { type Request, request } from "./service.js";
import { type Row, upstreamDomain } from "./table.js";

const methods = VerificationService.method;

/** The faults of the simulator that the gateway answers with a code of its own. */
const faults: Readonly<Record<string, string>> = {
  UPSTREAM_TIMEOUT: "fault-hang",
  UPSTREAM_NO_ANSWER: "fault-reset",
  UPSTREAM_UNINTELLIGIBLE: "fault-truncated",
};

/** The word that has the simulator bring a code about; undefined where none does. */
export function wordFor(row: Row): string | undefined {
  return row.domain === upstreamDomain ? `code-${row.number}` : faults[row.reason];
}

/**
 * Makes a call of the first unary method that declares a code, since a success
 * of another method is none. The word goes where the simulator looks for one.
 * It returns undefined where no such method declares the code.
 */
export function callFor(row: Row, word: string): Request | undefined {
  const first = row.methods.find(({ methodKind }) => methodKind === "unary");
  switch (first as DescMethodUnary | undefined) {
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

/**
 * Stands in for the SDKs of the upstream, which make tokens on a real phone and
 * show a real captcha. Only the simulator takes what it makes; the package
 * documentation of examples/simulator has the form of these words.
 */

/** The number of the phone that one-click login pretends to run on. */
export const ownPhone = "13800138000";

function random(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(2)), (n) => n.toString(36)).join("");
}

/** A token with which the first call is answered with a code, and the next succeeds. */
function scripted(answer: number): string {
  return `then-success-${answer}-${random()}`;
}

export function makeToken(phone: string, answer: number | undefined): string {
  return answer === undefined ? `phone-${phone}-${random()}` : scripted(answer);
}

export function makeCaptcha(answer: number | undefined): string {
  return answer === undefined ? `captcha-${random()}` : scripted(answer);
}

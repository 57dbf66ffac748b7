/** The gateway that served this page. */
import { VerificationService } from "@codetable/jverification/jiguang/jverification/v1/verification_service_pb.js";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";

/** Longer than the gateway gives the work of a call, so that its answer wins. */
const timeoutMs = 15_000;

export const service = createClient(
  VerificationService,
  createConnectTransport({ baseUrl: location.origin, defaultTimeoutMs: timeoutMs }),
);

/** What the gateway says of itself. */
export interface Info {
  /** The upstream is the embedded simulator. */
  readonly simulated: boolean;
}

export async function loadInfo(): Promise<Info> {
  const response = await fetch("/page.json");
  if (!response.ok) {
    throw new Error(`page.json: ${response.status} ${response.statusText}`);
  }
  const info = (await response.json()) as Partial<Info>;
  return { simulated: info.simulated === true };
}

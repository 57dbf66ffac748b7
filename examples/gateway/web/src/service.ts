/** The gateway that served this page. */
import {
  type DescMessage,
  type DescMethodUnary,
  type MessageInitShape,
  toJson,
} from "@bufbuild/protobuf";
import type { JsonValue } from "@bufbuild/protobuf";
import { createClientInterceptor } from "@codetable/core/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { tables } from "./table.js";

/** Longer than the gateway gives the work of a call, so that its answer wins. */
const timeoutMs = 15_000;

const transport = createConnectTransport({
  baseUrl: location.origin,
  defaultTimeoutMs: timeoutMs,
  // The person decides when to try again.
  interceptors: [
    createClientInterceptor({ tables: tables.map(({ codes }) => codes), maxAttempts: 1 }),
  ],
});

/** A call that can be made, and shown as code. */
export interface Request {
  readonly method: DescMethodUnary;
  readonly fields: Readonly<Record<string, string | number>>;
  readonly send: (signal: AbortSignal) => Promise<Reply>;
}

export interface Reply {
  /** The response code of a success. */
  readonly code: number;
  /** The phone number of a login, where the gateway decrypts it. */
  readonly phone: string;
  readonly json: JsonValue;
}

export function request<I extends DescMessage, O extends DescMessage>(
  method: DescMethodUnary<I, O>,
  fields: MessageInitShape<I> & Request["fields"],
): Request {
  return {
    method,
    fields,
    async send(signal) {
      const { message } = await transport.unary(method, signal, undefined, undefined, fields);
      const { code, phone = "" } = message as { code?: number; phone?: string };
      // The field is unset where there was no answer: that is no success.
      if (code === undefined) {
        throw new Error("the reply has no code");
      }
      return { code, phone, json: toJson(method.output, message) };
    },
  };
}

/** What the gateway says of itself. */
export interface Info {
  /** The upstream is the simulator in the gateway. */
  readonly simulated: boolean;
  /** The page has a login. */
  readonly login: boolean;
}

export async function loadInfo(): Promise<Info> {
  const response = await fetch("/page.json");
  if (!response.ok) {
    throw new Error(`page.json: ${response.status} ${response.statusText}`);
  }
  const info = (await response.json()) as Partial<Info>;
  return { simulated: info.simulated === true, login: info.login === true };
}

/** Moves the clock of the simulator on. */
export async function advance(seconds: number): Promise<void> {
  const response = await fetch("/simulator/advance", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ seconds }),
  });
  if (!response.ok) {
    throw new Error(`/simulator/advance: ${response.status} ${response.statusText}`);
  }
}

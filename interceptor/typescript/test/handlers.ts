/** What the servers of the tests throw. */
import { ConnectError } from "@connectrpc/connect";
import { Metadata, status } from "@grpc/grpc-js";
import { type CodeError, type ErrorOptions } from "@codetable/core";
import type { BuyRequest } from "./gen/shop/v1/shop_pb.js";
import { responseCodes, shopCodes } from "./tables.js";

/** The error of "code-N"; undefined for a success. */
export function forced(token: string): { code: number; error: CodeError | undefined } {
  const code = Number(/^code-(-?[0-9]+)$/.exec(token)?.[1]);
  return { code, error: responseCodes.error(code) };
}

/** Errors that a handler may throw beside codes, by name. */
export const others: Readonly<Record<string, () => unknown>> = {
  bare: () => new Error("password=hunter2"),
  nothing: () => undefined,
  text: () => "password=hunter2",
  wrapped: () => new Error("password=hunter2", { cause: soldOut({ cause: new Error("deeper") }) }),
  aggregate: () => new AggregateError([new Error("password=hunter2"), soldOut()]),
  connect: () => new ConnectError("no such article", 5, { "x-shop": "1" }),
  service: () => {
    const metadata = new Metadata();
    metadata.set("x-shop", "1");
    return { code: status.NOT_FOUND, details: "no such article", metadata };
  },
  blame: () => new ConnectError("password=hunter2", 13),
  dom: () => new DOMException("password=hunter2", "InvalidStateError"),
  aborted: () => new DOMException("password=hunter2", "AbortError"),
  late: () => new DOMException("password=hunter2", "TimeoutError"),
  hostile: () => ({
    get code() {
      throw new Error("password=hunter2");
    },
  }),
  cycle: () => {
    const error = new Error("password=hunter2");
    error.cause = error;
    return error;
  },
};

function soldOut(options?: ErrorOptions): CodeError | undefined {
  return shopCodes.error(1001, options);
}

/** What a request asks a method of the shop to throw. */
export function thrownFor({ code, other }: BuyRequest): unknown {
  return other === "" ? shopCodes.error(code ?? 0) : others[other]?.();
}

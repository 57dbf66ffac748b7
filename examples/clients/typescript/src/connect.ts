/** Reads response codes from the errors of Connect, over any of its protocols. */
import type { DescEnum } from "@bufbuild/protobuf";
import { ConnectError } from "@connectrpc/connect";
import type { CodeError, CodeTable } from "./code_table.js";

/** Returns undefined unless error is a ConnectError with an ErrorInfo. */
export function fromConnectError<Desc extends DescEnum>(
  table: CodeTable<Desc>,
  error: unknown,
): CodeError<Desc> | undefined {
  if (!(error instanceof ConnectError)) {
    return undefined;
  }
  // Details with a descriptor were made here: no server sent them.
  const details = error.details.filter((detail) => "type" in detail);
  return table.read({ code: error.code, details });
}

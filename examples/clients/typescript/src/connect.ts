/** Reads response codes from the errors of Connect, whatever its protocol. */
import type { DescEnum } from "@bufbuild/protobuf";
import { ConnectError } from "@connectrpc/connect";
import type { CodeTable, Reading } from "./reading.js";

/** Returns undefined for what is no ConnectError, or has no ErrorInfo. */
export function fromConnectError<Desc extends DescEnum>(
  table: CodeTable<Desc>,
  error: unknown,
): Reading<Desc> | undefined {
  if (!(error instanceof ConnectError)) {
    return undefined;
  }
  // Details with a descriptor are on their way out: no server sent them.
  const details = error.details.filter((detail) => "type" in detail);
  return table.read({ code: error.code, details });
}

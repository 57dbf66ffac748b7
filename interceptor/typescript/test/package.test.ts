/** The installed package, and the example with it. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startGateway } from "./gateway.js";

/** The modules that a module of the package imports, and those that they import. */
function imports(file: string, seen = new Map<string, string[]>()): Map<string, string[]> {
  const names = [...readFileSync(file, "utf8").matchAll(/(?:from|import) "([^"]+)"/g)].map(
    ([, name = ""]) => name,
  );
  seen.set(file, names);
  for (const name of names) {
    const next = join(dirname(file), name);
    if (name.startsWith(".") && !seen.has(next)) {
      imports(next, seen);
    }
  }
  return seen;
}

for (const [entry, allowed] of [
  [".", []],
  ["/connect", ["@connectrpc/connect"]],
  ["/grpc-js", ["node:stream", "@grpc/grpc-js"]], // grpc-js itself needs Node
] as const) {
  test(`"@codetable/core${entry.slice(1)}" imports nothing that its users may lack`, () => {
    const file = fileURLToPath(import.meta.resolve(`@codetable/core${entry.replace(".", "")}`));
    const all = [...imports(file).values()].flat().filter((name) => !name.startsWith("."));
    const others = all.filter(
      (name) => !/^@(bufbuild\/protobuf|codetable\/proto)(\/|$)/.test(name),
    );
    assert.ok(all.length > 5);
    assert.deepEqual([...new Set(others)], allowed);
  });
}

const client = fileURLToPath(new URL("../../dist/client.js", import.meta.url));

for (const [args, token, want] of [
  [
    ["-internal"],
    "code-9003",
    /^have the SDK make another token\n9003 TOKEN_EXPIRED_OR_NOT_EXIST END_USER NEW_INPUT after 0 ms 验证/,
  ],
  [["-internal"], "code-9000", /^verified: true\n$/],
  [["-internal"], "then-success-1804-client", /^verified: true\n$/],
  [[], "code-9018", /^verified: false\nmasked [A-Z2-7]{26} UNSPECIFIED after 0 ms 服务/],
] as const) {
  test(`the example prints the answer to ${token}`, async () => {
    const gateway = await startGateway([...args]);
    const run = promisify(execFile)(process.execPath, [client, gateway.address, token]);
    const { stdout } = await run.finally(gateway.stop);
    assert.match(stdout, want);
  });
}

import assert from "node:assert/strict";
import { type ExecFileException, execFile } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { failure } from "./clients.js";
import { startGateway } from "./gateway.js";

const program = fileURLToPath(new URL("../src/client.js", import.meta.url));
const unaryMethods = [
  "VerifyNumber",
  "ExchangeLoginToken",
  "QueryBusinessRisk",
  "CheckCaptcha",
  "EnableOneClickLogin",
];

function run(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  return promisify(execFile)(process.execPath, [program, ...args], { timeout: 30_000 });
}

test("the client prints the answer of each method", async (t) => {
  const gateway = await startGateway();
  t.after(gateway.stop);
  const { stdout } = await run(gateway.address, "code-9003", "zh-CN");
  for (const method of unaryMethods) {
    const line = `${method}: 9003 TOKEN_EXPIRED_OR_NOT_EXIST of jverification.jiguang.cn\n`;
    assert.ok(stdout.includes(line), stdout);
  }
  assert.match(stdout, /fault: END_USER\n {2}retry: NEW_INPUT\n/);
  assert.match(stdout, /next: {2}have the SDK make another token\n {2}user: {2}\p{Script=Han}+/u);
  assert.ok(stdout.endsWith("VerifyNumbers: 9000 VERIFY_CONSISTENT\n"), stdout);
  assert.match(stdout, /^VerifyNumbers: 9003 TOKEN_EXPIRED_OR_NOT_EXIST$/m);
});

test("the client prints that there is no gateway", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await once(server.close(), "close");
  const { stdout } = await run(`127.0.0.1:${port}`);
  for (const method of [...unaryMethods, "VerifyNumbers"]) {
    assert.ok(stdout.includes(`${method}: no code: [unavailable]`), stdout);
  }
});

test("the client requires an address", async () => {
  const error = (await failure(run())) as ExecFileException;
  assert.equal(error.code, 2);
  assert.match(error.stderr ?? "", /usage: /);
});

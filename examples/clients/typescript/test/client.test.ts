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

test("the client shows the answer of each method", async (t) => {
  const gateway = await startGateway();
  t.after(gateway.stop);
  const { stdout } = await run("--token", "code-9003", "--locale", "zh-CN", gateway.address);
  for (const method of unaryMethods) {
    const line = `${method}: jverification.jiguang.cn 9003 TOKEN_EXPIRED_OR_NOT_EXIST\n`;
    assert.ok(stdout.includes(line), stdout);
  }
  assert.match(stdout, /fault: END_USER\n {2}retry: with a fresh token\n/);
  assert.match(stdout, /to do: have the SDK make another token\n {2}user: {2}\p{Script=Han}+/u);
  assert.match(stdout, /VerifyNumbers, item 1: TOKEN_EXPIRED_OR_NOT_EXIST,/);
  assert.match(stdout, /VerifyNumbers, item 2: VERIFY_CONSISTENT, id [0-9]{17,}\n/);
});

test("the client says so where no gateway is", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await once(server.close(), "close");
  const { stdout } = await run(`127.0.0.1:${port}`);
  for (const method of [...unaryMethods, "VerifyNumbers"]) {
    assert.ok(stdout.includes(`${method}: no response code came back: [unavailable]`), stdout);
  }
});

test("the client asks for an address", async () => {
  const error = (await failure(run())) as ExecFileException;
  assert.equal(error.code, 2);
  assert.match(error.stderr ?? "", /usage: /);
});

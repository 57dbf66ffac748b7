/** Runs the gateway at the path CODETABLE_GATEWAY, with its simulator as the upstream. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export interface Gateway {
  /** Where it serves gRPC. */
  readonly address: string;
  /** The URL of the page. */
  readonly web: string;
  /** Ends the process and returns its whole log. May be called twice. */
  stop: () => Promise<readonly string[]>;
}

/** The process of a test that hangs ends after the timeout, in milliseconds. */
export async function startGateway(args = ["-internal"], timeout = 120_000): Promise<Gateway> {
  const path = process.env.CODETABLE_GATEWAY;
  assert.ok(path, "set CODETABLE_GATEWAY to the path of the gateway, as make test does");
  const anywhere = ["-addr", "127.0.0.1:0", "-web-addr", "127.0.0.1:0"];
  const child = spawn(path, ["-simulate", ...anywhere, ...args], {
    stdio: ["ignore", "ignore", "pipe"],
    timeout,
  });
  const closed = once(child, "close");
  const log: string[] = [];
  const lines = createInterface(child.stderr).on("line", (line) => log.push(line));
  const found = (pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      lines.on("line", (line) => {
        const value = pattern.exec(line)?.[1];
        if (value !== undefined) {
          resolve(value);
        }
      });
      closed.then(() => reject(new Error(`the gateway ended:\n${log.join("\n")}`)), reject);
    });
  const [address, web] = await Promise.all([
    found(/msg="gateway is listening" address=(\S+)/),
    found(/msg="web is listening" url=(\S+)/),
  ]);
  return {
    address,
    web,
    async stop() {
      child.kill();
      await closed;
      return log;
    },
  };
}

/** Runs the gateway at the path CODETABLE_GATEWAY. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export interface Gateway {
  /** Where it serves gRPC. */
  readonly address: string;
  /** Ends the process and returns its whole log. May be called twice. */
  stop: () => Promise<readonly string[]>;
}

export async function startGateway(): Promise<Gateway> {
  const path = process.env.CODETABLE_GATEWAY;
  assert.ok(path, "set CODETABLE_GATEWAY to the path of the gateway, as make test does");
  const child = spawn(path, ["-simulate", "-internal", "-addr", "127.0.0.1:0"], {
    stdio: ["ignore", "ignore", "pipe"],
    timeout: 120_000, // ends the process of a test that hangs
  });
  const closed = once(child, "close");
  const log: string[] = [];
  const address = await new Promise<string>((resolve, reject) => {
    createInterface(child.stderr).on("line", (line) => {
      log.push(line);
      const found = /msg="gateway is listening" address=(\S+)/.exec(line)?.[1];
      if (found !== undefined) {
        resolve(found);
      }
    });
    closed.then(() => reject(new Error(`the gateway ended:\n${log.join("\n")}`)), reject);
  });
  return {
    address,
    async stop() {
      child.kill();
      await closed;
      return log;
    },
  };
}

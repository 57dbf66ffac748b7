/** Runs the gateway that CODETABLE_GATEWAY names, with the simulator behind it. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export interface Gateway {
  /** The URL of the page. */
  readonly web: string;
  readonly stop: () => Promise<void>;
}

export async function startGateway(...args: string[]): Promise<Gateway> {
  const path = process.env.CODETABLE_GATEWAY;
  assert.ok(path, "set CODETABLE_GATEWAY to the path of the gateway, as make test does");
  const anywhere = ["-addr", "127.0.0.1:0", "-web-addr", "127.0.0.1:0"];
  const child = spawn(path, ["-simulate", ...anywhere, ...args], {
    stdio: ["ignore", "ignore", "pipe"],
    timeout: 600_000, // ends the process of a test that hangs
  });
  const closed = once(child, "close");
  const log: string[] = [];
  const web = await new Promise<string>((resolve, reject) => {
    createInterface(child.stderr).on("line", (line) => {
      log.push(line);
      const found = /msg="web is listening" url=(\S+)/.exec(line)?.[1];
      if (found !== undefined) {
        resolve(found);
      }
    });
    closed.then(() => reject(new Error(`the gateway ended:\n${log.join("\n")}`)), reject);
  });
  return {
    web,
    async stop() {
      child.kill();
      await closed;
    },
  };
}

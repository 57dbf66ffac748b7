/** Runs the gateway that CODETABLE_GATEWAY names, one process a call. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export interface Gateway {
  /** Where it serves gRPC. */
  readonly address: string;
  /** The URL at which it serves the web. */
  readonly web: string;
  /** Ends the process and returns its whole log. May be called twice. */
  stop: () => Promise<readonly string[]>;
}

export async function startGateway(
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Gateway> {
  const path = process.env.CODETABLE_GATEWAY;
  assert.ok(path, "CODETABLE_GATEWAY has to name the gateway's binary");
  const child = spawn(path, ["-simulate", "-addr", "127.0.0.1:0", ...args], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "pipe"],
    timeout: 120_000, // also a test that hangs leaves no process behind
  });
  const closed = once(child, "close");
  const log: string[] = [];
  const places = await new Promise<{ address: string; web: string }>((resolve, reject) => {
    let address = "";
    createInterface(child.stderr).on("line", (line) => {
      log.push(line);
      address = /msg="gateway is listening" address=(\S+)/.exec(line)?.[1] ?? address;
      const web = /msg="web is listening" url=(\S+)/.exec(line)?.[1];
      if (web !== undefined) {
        resolve({ address, web }); // this line is the later one
      }
    });
    closed.then(() => reject(new Error(`the gateway ended:\n${log.join("\n")}`)), reject);
  });
  return {
    ...places,
    async stop() {
      child.kill();
      await closed;
      return log;
    },
  };
}

/**
 * Stands in for the SDKs of the upstream, which make tokens on a real phone and
 * show a real captcha. Only the simulator takes what it makes; the package
 * documentation of the simulator describes these words.
 */
import { RetryAction } from "@codetable/proto/codetable/v1/codetable_pb.js";
import { useState } from "preact/hooks";
import type { Row } from "./table.js";

/** The number of the phone that this page pretends to run on. */
export const ownPhone = "13800138000";

function random(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(2)), (n) => n.toString(36)).join("");
}

/** A word that the simulator answers with a code: always, or once where the same request may be repeated. */
function scripted({ action, number }: Row): string {
  return action === RetryAction.SAME_REQUEST
    ? `then-success-${number}-${random()}`
    : `code-${number}`;
}

export function makeToken(answer: Row | undefined): string {
  return answer ? scripted(answer) : `phone-${ownPhone}-${random()}`;
}

export function makeCaptcha(answer: Row | undefined): string {
  return answer ? scripted(answer) : `captcha-${random()}`;
}

/** The token or captcha of a form. Each is good for one use. */
export interface SingleUse {
  readonly value: string;
  /** The person types it where there is no SDK. */
  readonly set: (value: string) => void;
  /** The code that the simulator is to answer; undefined leaves that to its rules. */
  readonly answer: Row | undefined;
  readonly pick: (answer: Row | undefined) => void;
  /** Replaces what was used. */
  readonly spend: () => void;
  /** Returns a new one that follows the simulator's own rules. */
  readonly fresh: () => string;
}

export function useSingleUse(make: (answer: Row | undefined) => string): SingleUse {
  const [answer, setAnswer] = useState<Row>();
  const [value, set] = useState(() => make(undefined));
  return {
    value,
    set,
    answer,
    pick(answer) {
      setAnswer(answer);
      set(make(answer));
    },
    spend: () => set(make(answer)),
    fresh() {
      const value = make(undefined);
      set(value);
      return value;
    },
  };
}

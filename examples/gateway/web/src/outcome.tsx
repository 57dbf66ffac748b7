import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Outcome } from "./attempt.js";
import { useSecondsUntil } from "./countdown.js";
import type { Failure } from "./failure.js";
import { clock, duration, text } from "./text.js";

/** Waits longer than this also get the time of day at which they end. */
const longWait = 120;

/**
 * What came of a call, as an end user sees it. It is announced to screen
 * readers, and so it is there before it has anything to say.
 */
export function OutcomeBox({ outcome, actions }: { outcome: Outcome; actions: Actions }) {
  return (
    <div class="outcome" role="status">
      {outcome.kind === "busy" && <p class="busy">{text.busy}</p>}
      {outcome.kind === "succeeded" && <p class="note good">{outcome.message}</p>}
      {outcome.kind === "failed" && (
        <FailureNote key={outcome.failure.readyAt} failure={outcome.failure} actions={actions} />
      )}
    </div>
  );
}

/** The buttons of the next try. */
export interface Actions {
  readonly onSame: () => void;
  readonly freshLabel: string;
  readonly onFresh: () => void;
}

function FailureNote(props: { failure: Failure; actions: Actions }) {
  const { failure, actions } = props;
  const seconds = useSecondsUntil(failure.readyAt);
  const [hadToWait] = useState(seconds > 0);
  return (
    <div class={failure.mine ? "note mine" : "note neutral"}>
      <p>{failure.message}</p>
      {seconds > 0 && <Wait seconds={seconds} readyAt={failure.readyAt} />}
      {hadToWait && seconds === 0 && <p>{text.ready}</p>}
      {failure.next === "same" && (
        <WaitingButton waiting={seconds > 0} onClick={actions.onSame}>
          {text.again}
        </WaitingButton>
      )}
      {failure.next === "fresh" && (
        <WaitingButton waiting={seconds > 0} onClick={actions.onFresh}>
          {actions.freshLabel}
        </WaitingButton>
      )}
      {failure.reference !== "" && <p class="small">{text.reference(failure.reference)}</p>}
    </div>
  );
}

/** A timer is not announced at each tick. */
function Wait({ seconds, readyAt }: { seconds: number; readyAt: number }) {
  const time = duration(seconds);
  return (
    <p class="wait" role="timer">
      {seconds > longWait ? text.waitUntil(time, clock(readyAt)) : text.wait(time)}
    </p>
  );
}

/** Stays in the order of focus while it waits, which a disabled button does not. */
export function WaitingButton(props: {
  waiting: boolean;
  onClick?: () => void;
  type?: "button" | "submit";
  class?: string;
  children: ComponentChildren;
}) {
  const { waiting, onClick, type = "button", children } = props;
  return (
    <button
      type={type}
      class={props.class}
      aria-disabled={waiting}
      onClick={(event) => {
        if (waiting) {
          event.preventDefault();
        } else {
          onClick?.();
        }
      }}
    >
      {children}
    </button>
  );
}

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Attempt } from "./attempt.js";
import { useSecondsUntil } from "./countdown.js";
import type { Failure } from "./failure.js";
import { clock, duration } from "./language.js";
import type { Reply } from "./service.js";
import { text } from "./text.js";

/** Waits longer than this also get the time of day at which they end. */
const longWait = 120;

/** The buttons of the next try. */
export interface Actions {
  readonly onSame: () => void;
  readonly freshLabel: string;
  readonly onFresh: () => void;
}

/**
 * What came of a call, as an end user sees it. It is announced to screen
 * readers, and so it is there before it has anything to say.
 */
export function OutcomeBox(props: {
  attempt: Attempt;
  success: (reply: Reply) => string;
  actions: Actions;
  /** The simulator can move its clock past a wait. */
  canSkip: boolean;
}) {
  const { outcome, skip } = props.attempt;
  return (
    <div class="outcome" role="status">
      {outcome.kind === "busy" && <p class="busy">{text.busy}</p>}
      {outcome.kind === "succeeded" && <p class="note good">{props.success(outcome.reply)}</p>}
      {outcome.kind === "failed" && (
        <FailureNote
          failure={outcome.failure}
          actions={props.actions}
          onSkip={props.canSkip ? skip : undefined}
        />
      )}
    </div>
  );
}

function FailureNote(props: {
  failure: Failure;
  actions: Actions;
  onSkip: Attempt["skip"] | undefined;
}) {
  const { failure, actions, onSkip } = props;
  const seconds = useSecondsUntil(failure.readyAt);
  const waiting = seconds > 0;
  return (
    <div class={failure.mine ? "note mine" : "note neutral"}>
      <p>{failure.message}</p>
      {waiting && <Wait seconds={seconds} readyAt={failure.readyAt} />}
      {failure.delayMs > 0 && !waiting && <p>{text.ready}</p>}
      {(failure.next !== "none" || waiting) && (
        <div class="buttons">
          {failure.next === "same" && (
            <WaitingButton waiting={waiting} onClick={actions.onSame}>
              {text.again}
            </WaitingButton>
          )}
          {failure.next === "fresh" && (
            <WaitingButton waiting={waiting} onClick={actions.onFresh}>
              {actions.freshLabel}
            </WaitingButton>
          )}
          {waiting && onSkip && <SkipButton onSkip={onSkip} />}
        </div>
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

function SkipButton({ onSkip }: { onSkip: () => Promise<void> }) {
  const [failed, setFailed] = useState(false);
  return (
    <>
      <button
        type="button"
        class="quiet"
        onClick={() => {
          onSkip().catch(() => setFailed(true));
        }}
      >
        {text.skip}
      </button>
      {failed && <p>{text.skipFailed}</p>}
    </>
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

import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import type { Attempt } from "./attempt.js";
import { OutcomeBox, WaitingButton } from "./outcome.js";

/** A form for one call: its fields, its button, and what came of it. */
export function CallCard(props: {
  heading: string;
  intro: string;
  /** The fields. */
  children?: ComponentChildren;
  submitLabel: string;
  /** Another button beside that of the call. */
  extra?: ComponentChildren;
  attempt: Attempt;
  /** Makes the call, also again where the same request may be sent again. */
  onSubmit: () => void;
  freshLabel: string;
  /** Gets fresh input, and may move the focus: its button is about to vanish. */
  onFresh: (form: HTMLFormElement) => void;
}) {
  const { outcome, waiting } = props.attempt;
  const form = useRef<HTMLFormElement>(null);
  return (
    <form
      class="card"
      ref={form}
      onSubmit={(event) => {
        event.preventDefault();
        props.onSubmit();
      }}
    >
      <h2>{props.heading}</h2>
      <p>{props.intro}</p>
      {props.children}
      <div class="buttons">
        <WaitingButton type="submit" class="primary" waiting={waiting}>
          {props.submitLabel}
        </WaitingButton>
        {props.extra}
      </div>
      <OutcomeBox
        outcome={outcome}
        actions={{
          onSame: props.onSubmit,
          freshLabel: props.freshLabel,
          onFresh: () => form.current && props.onFresh(form.current),
        }}
      />
    </form>
  );
}

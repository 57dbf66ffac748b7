import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { AnswerPicker } from "./answer-picker.js";
import type { Attempt } from "./attempt.js";
import { Developer } from "./developer.js";
import { OutcomeBox, WaitingButton } from "./outcome.js";
import type { SingleUse } from "./sdk.js";
import type { Reply, Request } from "./service.js";
import { text } from "./text.js";

/** One way to log in: a form as the end user sees it, and the developer's view of its call. */
export function CallCard(props: {
  heading: string;
  /** The fields. */
  children?: ComponentChildren;
  submitLabel: string;
  attempt: Attempt;
  /** The call that the form makes. */
  request: Request;
  /** What the simulator is to answer; undefined in front of a real upstream. */
  scripted: SingleUse | undefined;
  examples: readonly number[];
  /** Makes the call, also again where the same request may be sent again. */
  onSubmit: () => void;
  success: (reply: Reply) => string;
  freshLabel: string;
  /** Gets fresh input, and may move the focus: its button is about to vanish. */
  onFresh: (form: HTMLFormElement) => void;
}) {
  const { attempt, scripted } = props;
  const form = useRef<HTMLFormElement>(null);
  return (
    <>
      {scripted && (
        <AnswerPicker
          method={props.request.method}
          examples={props.examples}
          answer={scripted.answer}
          onPick={(answer) => {
            attempt.reset(); // what was said is of another answer
            scripted.pick(answer);
          }}
        />
      )}
      <div class="views">
        <form
          class="view"
          ref={form}
          onSubmit={(event) => {
            event.preventDefault();
            props.onSubmit();
          }}
        >
          <p class="eyebrow">{text.endUser}</p>
          <h2>{props.heading}</h2>
          {props.children}
          <WaitingButton type="submit" class="primary" waiting={attempt.waiting}>
            {props.submitLabel}
          </WaitingButton>
          <OutcomeBox
            attempt={attempt}
            success={props.success}
            actions={{
              onSame: props.onSubmit,
              freshLabel: props.freshLabel,
              onFresh: () => form.current && props.onFresh(form.current),
            }}
            canSkip={scripted !== undefined}
          />
        </form>
        <Developer attempt={attempt} next={props.request} row={scripted?.answer} />
      </div>
    </>
  );
}

import { useState } from "preact/hooks";
import { CaptchaForm } from "./captcha-form.js";
import { NumberForm } from "./number-form.js";
import { OneClickForm } from "./one-click-form.js";
import { makeCaptcha, makeToken } from "./sdk.js";
import type { Info } from "./service.js";
import { rows } from "./table.js";
import { text } from "./text.js";

/** What the SDKs of the upstream do for a page. */
export interface Sdk {
  readonly token: (phone: string) => string;
  readonly captcha: () => string;
}

export function Login({ info }: { info: Info }) {
  const [answer, setAnswer] = useState<number>();
  const once = (make: (answer: number | undefined) => string) => {
    setAnswer(undefined);
    return make(answer);
  };
  const sdk: Sdk | undefined = info.simulated
    ? { token: (phone) => once((code) => makeToken(phone, code)), captcha: () => once(makeCaptcha) }
    : undefined;
  return (
    <>
      {info.simulated && <SimulatorPanel answer={answer} onAnswer={setAnswer} />}
      <div class="cards">
        <NumberForm sdk={sdk} />
        <div class="stack">
          <OneClickForm sdk={sdk} />
          <CaptchaForm sdk={sdk} />
        </div>
      </div>
    </>
  );
}

function SimulatorPanel(props: {
  answer: number | undefined;
  onAnswer: (answer: number | undefined) => void;
}) {
  return (
    <aside class="simulator">
      <p>
        <strong class="badge">{text.simulator}</strong> {text.simulatorNote}
      </p>
      <div class="field">
        <label for="answer">{text.answerLabel}</label>
        <select
          id="answer"
          aria-describedby="answer-hint"
          value={props.answer ?? ""}
          onChange={({ currentTarget: { value } }) =>
            props.onAnswer(value === "" ? undefined : Number(value))
          }
        >
          <option value="">{text.answerAsIs}</option>
          {rows
            .filter((row) => !row.succeeds)
            .map(({ number, reason }) => (
              <option key={number} value={number}>
                {number} {reason}
              </option>
            ))}
        </select>
        <p class="small" id="answer-hint">
          {text.answerHint}
        </p>
      </div>
    </aside>
  );
}

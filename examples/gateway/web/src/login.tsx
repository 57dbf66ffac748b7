import { useState } from "preact/hooks";
import { CaptchaForm } from "./captcha-form.js";
import { Choice } from "./choice.js";
import { NumberForm } from "./number-form.js";
import { OneClickForm } from "./one-click-form.js";
import { text } from "./text.js";

const ways = [
  { id: "number", label: text.number, Form: NumberForm },
  { id: "one-click", label: text.oneClick, Form: OneClickForm },
  { id: "captcha", label: text.captcha, Form: CaptchaForm },
] as const;

/** The ways to log in, one at a time; each keeps what it shows. */
export function Login({ simulated }: { simulated: boolean }) {
  const [chosen, choose] = useState<(typeof ways)[number]["id"]>("number");
  return (
    <>
      <p>{text.loginIntro}</p>
      <Choice
        legend={text.means}
        labelled
        options={ways.map(({ id, label }) => [id, label])}
        value={chosen}
        onChoose={choose}
      />
      {ways.map(({ id, Form }) => (
        <div key={id} class="way" hidden={id !== chosen}>
          <Form simulated={simulated} />
        </div>
      ))}
    </>
  );
}

import { useState } from "preact/hooks";
import { confirmed, useAttempt } from "./attempt.js";
import { CallCard } from "./call-card.js";
import { Field } from "./field.js";
import type { Sdk } from "./login.js";
import { service } from "./service.js";
import { text } from "./text.js";

/** Has the gateway check what a person did with a captcha. */
export function CaptchaForm({ sdk }: { sdk: Sdk | undefined }) {
  const [captchaContent, setContent] = useState("");
  const attempt = useAttempt();

  function check(): void {
    attempt.run(
      async (options) => {
        confirmed(await service.checkCaptcha({ captchaContent }, options));
        return text.captchaPassed;
      },
      () => setContent(""),
    );
  }

  return (
    <CallCard
      heading={text.captcha}
      intro={text.captchaIntro}
      submitLabel={text.checkCaptcha}
      attempt={attempt}
      onSubmit={check}
      freshLabel={text.newCaptcha}
      onFresh={(form) => {
        attempt.reset();
        form.querySelector("input")?.focus();
      }}
    >
      {sdk ? (
        <label class="check">
          <input
            type="checkbox"
            required
            checked={captchaContent !== ""}
            onChange={({ currentTarget }) => setContent(currentTarget.checked ? sdk.captcha() : "")}
          />
          {text.robot}
        </label>
      ) : (
        <Field label={text.captchaContent} value={captchaContent} onInput={setContent} />
      )}
    </CallCard>
  );
}

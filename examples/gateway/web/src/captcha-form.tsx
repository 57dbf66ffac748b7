import { VerificationService } from "@codetable/jverification/jiguang/jverification/v1/verification_service_pb.js";
import { useState } from "preact/hooks";
import { useAttempt } from "./attempt.js";
import { CallCard } from "./call-card.js";
import { Field } from "./field.js";
import { makeCaptcha, useSingleUse } from "./sdk.js";
import { request } from "./service.js";
import { text } from "./text.js";

/** Has the gateway check what a person did with a captcha. */
export function CaptchaForm({ simulated }: { simulated: boolean }) {
  const [checked, setChecked] = useState(false);
  const captcha = useSingleUse(simulated ? makeCaptcha : () => "");
  const attempt = useAttempt();
  const call = request(VerificationService.method.checkCaptcha, { captchaContent: captcha.value });

  return (
    <CallCard
      heading={text.captchaHeading}
      submitLabel={text.checkCaptcha}
      attempt={attempt}
      request={call}
      scripted={simulated ? captcha : undefined}
      examples={[6005, 7104, 7110, 9011]}
      onSubmit={() =>
        attempt.run(call, () => {
          setChecked(false);
          captcha.spend();
        })
      }
      success={() => text.captchaPassed}
      freshLabel={text.newCaptcha}
      onFresh={(form) => {
        attempt.reset();
        if (simulated) {
          captcha.fresh();
        }
        form.querySelector("input")?.focus();
      }}
    >
      {simulated ? (
        <label class="check">
          <input
            type="checkbox"
            required
            checked={checked}
            onChange={({ currentTarget }) => setChecked(currentTarget.checked)}
          />
          {text.robot}
        </label>
      ) : (
        <Field label={text.captchaContent} value={captcha.value} onInput={captcha.set} />
      )}
    </CallCard>
  );
}

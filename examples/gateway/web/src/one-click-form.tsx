import { useState } from "preact/hooks";
import { confirmed, useAttempt } from "./attempt.js";
import { CallCard } from "./call-card.js";
import { Field } from "./field.js";
import type { Sdk } from "./login.js";
import { ownPhone } from "./sdk.js";
import { service } from "./service.js";
import { text } from "./text.js";

/** Exchanges a login token, which an SDK makes without a word, for the number. */
export function OneClickForm({ sdk }: { sdk: Sdk | undefined }) {
  const [kept, setKept] = useState("");
  const attempt = useAttempt();

  function logIn(loginToken: string): void {
    setKept(loginToken);
    attempt.run(
      async (options) => {
        const reply = await service.exchangeLoginToken({ loginToken }, options);
        confirmed(reply);
        return text.loggedIn(masked(reply.phone));
      },
      () => setKept(""),
    );
  }

  return (
    <CallCard
      heading={text.oneClick}
      intro={text.oneClickIntro}
      submitLabel={text.logIn}
      attempt={attempt}
      onSubmit={() => logIn(kept === "" && sdk ? sdk.token(ownPhone) : kept)}
      freshLabel={text.newToken}
      onFresh={(form) => {
        form.querySelector<HTMLElement>("input, button")?.focus();
        if (sdk) {
          logIn(sdk.token(ownPhone)); // an SDK needs nobody for that
        } else {
          attempt.reset();
        }
      }}
    >
      {!sdk && (
        <Field label={text.loginToken} hint={text.tokenHint} value={kept} onInput={setKept} />
      )}
    </CallCard>
  );
}

/** The gateway sends the number only where it was told to decrypt it. */
function masked(phone: string): string {
  return phone.replace(/.{4}(?=.{4}$)/, "****");
}

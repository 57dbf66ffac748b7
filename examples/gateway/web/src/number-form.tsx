import { useRef, useState } from "preact/hooks";
import { confirmed, useAttempt } from "./attempt.js";
import { CallCard } from "./call-card.js";
import { Field } from "./field.js";
import type { Sdk } from "./login.js";
import { WaitingButton } from "./outcome.js";
import { service } from "./service.js";
import { text } from "./text.js";

/** Asks whether a number is that of the phone on which a token was made. */
export function NumberForm({ sdk }: { sdk: Sdk | undefined }) {
  const [phone, setPhone] = useState("");
  const [token, setToken] = useState("");
  const tokenInput = useRef<HTMLInputElement>(null);
  const attempt = useAttempt();
  const { outcome, waiting, run, reset } = attempt;
  const wrong = outcome.kind === "failed" ? outcome.failure.fields : [];

  function verify(): void {
    run(
      async (options) => {
        confirmed(await service.verifyNumber({ phone, token }, options));
        return text.verified;
      },
      () => setToken(""),
    );
  }

  function getToken(): void {
    setToken(sdk?.token(phone) ?? "");
    tokenInput.current?.focus();
  }

  return (
    <CallCard
      heading={text.number}
      intro={text.numberIntro}
      submitLabel={text.verify}
      extra={
        sdk && (
          <WaitingButton waiting={waiting} onClick={getToken}>
            {text.getToken}
          </WaitingButton>
        )
      }
      attempt={attempt}
      onSubmit={verify}
      freshLabel={text.newToken}
      onFresh={() => {
        reset();
        getToken();
      }}
    >
      <Field
        label={text.phone}
        hint={text.phoneHint}
        inputMode="tel"
        autocomplete="tel"
        value={phone}
        wrong={wrong.includes("phone")}
        readOnly={outcome.kind === "busy"}
        onInput={(value) => {
          setPhone(value);
          reset(); // what was said is of another number
        }}
      />
      <Field
        label={text.token}
        hint={sdk ? text.tokenHintSimulated : text.tokenHint}
        value={token}
        wrong={wrong.includes("token")}
        onInput={setToken}
        input={tokenInput}
      />
    </CallCard>
  );
}

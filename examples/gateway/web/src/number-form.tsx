import { VerificationService } from "@codetable/jverification/jiguang/jverification/v1/verification_service_pb.js";
import { useState } from "preact/hooks";
import { useAttempt } from "./attempt.js";
import { CallCard } from "./call-card.js";
import { Field } from "./field.js";
import { makeToken, useSingleUse } from "./sdk.js";
import { request } from "./service.js";
import { text } from "./text.js";

/** A number as people write it, in the form that the gateway takes. */
function digitsOf(phone: string): string {
  return phone.normalize("NFKC").replace(/[\s\p{Pd}.()]/gu, "");
}

/** Asks whether a number is that of the phone on which a token was made. */
export function NumberForm({ simulated }: { simulated: boolean }) {
  const [phone, setPhone] = useState(simulated ? "138 0013 8000" : "");
  const token = useSingleUse(simulated ? makeToken : () => "");
  const attempt = useAttempt();
  const { outcome, run, reset } = attempt;
  const wrong = outcome.kind === "failed" ? outcome.failure.fields : [];
  const callWith = (token: string) =>
    request(VerificationService.method.verifyNumber, { phone: digitsOf(phone), token });
  const call = callWith(token.value);

  return (
    <CallCard
      heading={text.numberHeading}
      submitLabel={text.verify}
      attempt={attempt}
      request={call}
      scripted={simulated ? token : undefined}
      examples={[9001, 9005, 9018, 9099]}
      onSubmit={() => run(call, token.spend)}
      success={() => text.verified}
      freshLabel={text.newToken}
      onFresh={(form) => {
        form.querySelector<HTMLElement>(simulated ? "[type=submit]" : "[name=token]")?.focus();
        if (simulated) {
          run(callWith(token.fresh()), token.spend);
        } else {
          reset();
        }
      }}
    >
      <Field
        label={text.phone}
        hint={simulated ? text.phoneHintSimulated : text.phoneHint}
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
      {!simulated && (
        <Field
          label={text.token}
          name="token"
          hint={text.tokenHint}
          value={token.value}
          wrong={wrong.includes("token")}
          onInput={token.set}
        />
      )}
    </CallCard>
  );
}

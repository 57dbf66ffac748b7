import { VerificationService } from "@codetable/jverification/jiguang/jverification/v1/verification_service_pb.js";
import { useAttempt } from "./attempt.js";
import { CallCard } from "./call-card.js";
import { Field } from "./field.js";
import { makeToken, useSingleUse } from "./sdk.js";
import { request } from "./service.js";
import { text } from "./text.js";

/** Exchanges a login token, which an SDK makes without asking anybody, for the number. */
export function OneClickForm({ simulated }: { simulated: boolean }) {
  const token = useSingleUse(simulated ? makeToken : () => "");
  const attempt = useAttempt();
  const callWith = (loginToken: string) =>
    request(VerificationService.method.exchangeLoginToken, { loginToken });
  const call = callWith(token.value);

  return (
    <CallCard
      heading={text.oneClickHeading}
      submitLabel={text.logIn}
      attempt={attempt}
      request={call}
      scripted={simulated ? token : undefined}
      examples={[8001, 9003, 9011, 9018]}
      onSubmit={() => attempt.run(call, token.spend)}
      success={({ phone }) => text.loggedIn(masked(phone))}
      freshLabel={text.newToken}
      onFresh={(form) => {
        form.querySelector<HTMLElement>("input, [type=submit]")?.focus();
        if (simulated) {
          attempt.run(callWith(token.fresh()), token.spend);
        } else {
          attempt.reset();
        }
      }}
    >
      {!simulated && (
        <Field
          label={text.loginToken}
          hint={text.tokenHint}
          value={token.value}
          onInput={token.set}
        />
      )}
    </CallCard>
  );
}

/** The gateway sends the number only where it was told to decrypt it. */
function masked(phone: string): string {
  return phone.replace(/.{4}(?=.{4}$)/, "****");
}

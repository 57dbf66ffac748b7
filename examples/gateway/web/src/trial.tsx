import { Fault, RetryAction } from "@codetable/jverification/codetable/v1/codetable_pb.js";
import { type CallOptions, Code, ConnectError } from "@connectrpc/connect";
import { useState } from "preact/hooks";
import { fromConnectError } from "../../../clients/typescript/src/connect.js";
import { type Outcome, useAttempt } from "./attempt.js";
import { OutcomeBox } from "./outcome.js";
import { requestOf } from "./request.js";
import { responseCodes } from "./table.js";
import { duration, text } from "./text.js";

export interface Trial {
  readonly number: number;
  readonly outcome: Outcome;
  readonly error: ConnectError | undefined;
  readonly start: () => void;
}

/** Has the simulator answer a code. */
export function useTrial(number: number): Trial {
  const [error, setError] = useState<ConnectError>();
  const { outcome, run } = useAttempt();
  const call = async (options: CallOptions): Promise<string> => {
    setError(undefined);
    try {
      await requestOf(number).send(options);
    } catch (thrown) {
      setError(ConnectError.from(thrown));
      throw thrown;
    }
    return text.succeeded;
  };
  return { number, outcome, error, start: () => run(call, () => undefined) };
}

/** Shows both ends of what came of it. */
export function TrialResult({ number, outcome, error, start }: Trial) {
  const { method, fields } = requestOf(number);
  return (
    <div class="trial-columns">
      <section>
        <h2>{text.endUserSees}</h2>
        <OutcomeBox
          outcome={outcome}
          actions={{ onSame: start, freshLabel: text.newToken, onFresh: start }}
        />
      </section>
      <section>
        <h2>{text.clientGets}</h2>
        <p>
          <code>
            {method} {JSON.stringify(fields)}
          </code>
        </p>
        {outcome.kind === "succeeded" && <code>OK {number}</code>}
        {error && <ErrorFacts error={error} />}
      </section>
    </div>
  );
}

function ErrorFacts({ error }: { error: ConnectError }) {
  const reading = fromConnectError(responseCodes, error);
  const facts: [string, string][] = [
    [text.grpcStatus, `${Code[error.code]} (${error.code})`],
    [text.message, error.rawMessage],
  ];
  if (reading) {
    const { code, reason, domain, fault, retry, metadata } = reading;
    const delay = retry.delayMs > 0 ? text.after(duration(Math.ceil(retry.delayMs / 1000))) : "";
    facts.push(
      [text.code, `${code} ${reason} (${domain})`],
      [text.whoActs, Fault[fault]],
      [text.retry, RetryAction[retry.action] + delay],
      [text.metadata, JSON.stringify(metadata)],
    );
  }
  const types = error.details.map((detail) =>
    "type" in detail ? detail.type : detail.desc.typeName,
  );
  facts.push([text.details, types.join(", ")]);
  return (
    <>
      {!reading && <p>{text.noReading}</p>}
      <dl>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

import { Fault } from "@codetable/proto/codetable/v1/codetable_pb.js";
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useAttempt } from "./attempt.js";
import { callFor, wordFor } from "./code-call.js";
import { Developer } from "./developer.js";
import { OutcomeBox } from "./outcome.js";
import type { Request } from "./service.js";
import type { Row } from "./table.js";
import { text } from "./text.js";

/** One line of the reference, which opens to all that is known of the code. */
export function CodeEntry(props: { row: Row; simulated: boolean; targeted: boolean }) {
  const { row, simulated, targeted } = props;
  const [open, setOpen] = useState(targeted);
  const details = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    if (targeted) {
      setOpen(true);
      details.current?.scrollIntoView();
      details.current?.querySelector("summary")?.focus({ preventScroll: true });
    }
  }, [targeted]);

  return (
    <details
      class="code"
      id={row.anchor}
      ref={details}
      open={open}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>
        <span class="number">{row.number}</span>
        <span class="meaning">{row.meaning}</span>
        <code class="reason">{row.reason}</code>
        <span class="status">
          <code>{row.grpcCode}</code> <span class="http">{row.http}</span>
        </span>
        <span class={`who who-${Fault[row.fault].toLowerCase()}`}>
          {row.succeeds ? text.answerAsIs : text.fault[row.fault]}
        </span>
      </summary>
      {open && <Body row={row} simulated={simulated} />}
    </details>
  );
}

function Body({ row, simulated }: { row: Row; simulated: boolean }) {
  const word = simulated ? wordFor(row) : undefined;
  const call = callFor(row, word ?? "TOKEN");
  return (
    <div class="body">
      <dl class="facts">
        <Fact name={text.resolution}>
          <Coded source={row.resolution} />
        </Fact>
        <Fact name={text.whoActs}>{row.succeeds ? "" : text.fault[row.fault]}</Fact>
        <Fact name={text.retry}>{row.retry}</Fact>
        <Fact name={text.userReads}>{row.sentence}</Fact>
        <Fact name={text.status}>
          <code>{row.grpcCode}</code> HTTP {row.http}
        </Fact>
        <Fact name={text.detail}>{row.detail && <code>{row.detail}</code>}</Fact>
        <Fact name={text.description}>
          {row.description && <code lang="en">{row.description}</code>}
        </Fact>
        <Fact name={text.methods}>
          {row.methods.map(({ name }) => (
            <code key={name} class="method">
              {name}
            </code>
          ))}
        </Fact>
        <Fact name={text.link}>
          <a href={`#${row.name}`}>
            <code>#{row.name}</code>
          </a>
        </Fact>
      </dl>
      {call && <Trial row={row} call={call} canTry={word !== undefined} />}
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  if (children === "" || (Array.isArray(children) && children.length === 0)) {
    return null;
  }
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

/** Text with code between backquotes. */
function Coded({ source }: { source: string }) {
  return source
    .split("`")
    .map((part, i) => (i % 2 === 1 ? <code key={i}>{part}</code> : <span key={i}>{part}</span>));
}

/** The call that has this answer, to copy and to try. */
function Trial({ row, call, canTry }: { row: Row; call: Request; canTry: boolean }) {
  const attempt = useAttempt();
  const start = () => attempt.run(call);
  return (
    <>
      {canTry && (
        <button type="button" class="primary try" onClick={start}>
          {text.tryCode(row.number)}
        </button>
      )}
      <div class="views">
        {attempt.outcome.kind !== "idle" && (
          <div class="view">
            <p class="eyebrow">{text.endUser}</p>
            <OutcomeBox
              attempt={attempt}
              success={() => text.succeeded}
              actions={{ onSame: start, freshLabel: text.newToken, onFresh: start }}
              canSkip
            />
          </div>
        )}
        <Developer attempt={attempt} next={call} row={row} />
      </div>
    </>
  );
}

/** What a developer gets of a call: the call as code, and its answer. */
import { createRegistry, type JsonValue, toJson, fromBinary } from "@bufbuild/protobuf";
import { file_google_rpc_error_details } from "@codetable/proto/google/rpc/error_details_pb.js";
import type { ConnectError } from "@connectrpc/connect";
import type { ComponentChildren } from "preact";
import { useId, useRef, useState } from "preact/hooks";
import type { Attempt, Outcome } from "./attempt.js";
import { Choice } from "./choice.js";
import { read } from "./failure.js";
import type { Request } from "./service.js";
import { languages, snippet, type SnippetLanguage } from "./snippet.js";
import { statusOf } from "./status.js";
import { type Row, rowOfCode, upstreamDomain } from "./table.js";
import { text } from "./text.js";

const details = createRegistry(file_google_rpc_error_details);

/** Shows what was sent, or else the call that is about to be sent. */
export function Developer(props: { attempt: Attempt; next: Request; row: Row | undefined }) {
  const { outcome, request = props.next } = props.attempt;
  const [language, setLanguage] = useState<SnippetLanguage>("curl");
  const id = useId();
  const row = outcome.kind === "idle" ? props.row : foundRow(outcome);
  return (
    <section class="developer" aria-labelledby={id}>
      <h2 class="eyebrow" id={id}>
        {text.developer}
      </h2>
      <Source
        title={text.call}
        source={snippet(language, request, row)}
        control={
          <Choice
            legend={text.call}
            options={languages.map((value) => [value, value])}
            value={language}
            onChoose={setLanguage}
          />
        }
      />
      <Answer outcome={outcome} />
    </section>
  );
}

/** The code of an answer, where the table lists it. */
function foundRow(outcome: Outcome): Row | undefined {
  if (outcome.kind === "succeeded") {
    return rowOfCode(upstreamDomain, outcome.reply.code);
  }
  const found = outcome.kind === "failed" ? read(outcome.error) : undefined;
  return found && rowOfCode(found.domain, found.code);
}

function Answer({ outcome }: { outcome: Outcome }) {
  const row = foundRow(outcome);
  switch (outcome.kind) {
    case "idle":
    case "busy":
      return (
        <>
          <h3>{text.answer}</h3>
          <p class="small">{outcome.kind === "idle" ? text.noAnswer : text.busy}</p>
        </>
      );
    case "succeeded":
      return (
        <Source title={text.answer} source={pretty(outcome.reply.json)}>
          <Verdict row={row} code={0} />
        </Source>
      );
    case "failed":
      return (
        <Source title={text.answer} source={pretty(statusJson(outcome.error))}>
          <Verdict row={row} code={outcome.error.code} />
          {!row && <p class="small">{text.noReading}</p>}
        </Source>
      );
  }
}

/** The status and the code at a glance, with a link to the code's entry. */
function Verdict({ row, code }: { row: Row | undefined; code: number }) {
  const status = statusOf(code);
  return (
    <dl class="facts">
      <dt>{text.status}</dt>
      <dd>
        <code>{status.name}</code> HTTP {status.http}
      </dd>
      {row && (
        <>
          <dt>{text.code}</dt>
          <dd>
            <a href={`#${row.anchor}`}>
              {row.number} <code>{row.reason}</code>
            </a>
          </dd>
          {!row.succeeds && (
            <>
              <dt>{text.whoActs}</dt>
              <dd>{text.fault[row.fault]}</dd>
              <dt>{text.retry}</dt>
              <dd>{row.retry}</dd>
            </>
          )}
        </>
      )}
    </dl>
  );
}

/** A google.rpc.Status, with the name of its code. */
function statusJson(error: ConnectError): JsonValue {
  return {
    code: error.code,
    status: statusOf(error.code).name,
    message: error.rawMessage,
    details: error.details.flatMap((detail): JsonValue[] => {
      if (!("type" in detail)) {
        return []; // not from the wire
      }
      const schema = details.getMessage(detail.type);
      const json = schema ? toJson(schema, fromBinary(schema, detail.value)) : {};
      return [{ "@type": `type.googleapis.com/${detail.type}`, ...(json as object) }];
    }),
  };
}

function pretty(json: JsonValue): string {
  return JSON.stringify(json, undefined, 2);
}

/** Text to copy. Without access to the clipboard it is selected instead. */
function Source(props: {
  title: string;
  source: string;
  /** Stands in the line of the title. */
  control?: ComponentChildren;
  /** Stands above the text. */
  children?: ComponentChildren;
}) {
  const { title, source } = props;
  const block = useRef<HTMLPreElement>(null);
  const [done, setDone] = useState<{ readonly source: string; readonly word: string }>();

  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(source);
      setDone({ source, word: text.copied });
    } catch {
      if (block.current) {
        getSelection()?.selectAllChildren(block.current);
        setDone({ source, word: text.selected });
      }
    }
  }

  return (
    <>
      <div class="bar">
        <h3>{title}</h3>
        <div class="buttons">
          {props.control}
          <button type="button" class="copy" aria-live="polite" onClick={() => void copy()}>
            {done?.source === source ? done.word : text.copy}
            <span class="hidden"> ({title})</span>
          </button>
        </div>
      </div>
      {props.children}
      <pre ref={block} tabIndex={0} role="region" aria-label={title}>
        {source}
      </pre>
    </>
  );
}

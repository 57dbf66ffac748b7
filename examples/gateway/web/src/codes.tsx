import { useState } from "preact/hooks";
import type { Info } from "./service.js";
import { helpUrl, type Row, rows, search } from "./table.js";
import { text } from "./text.js";
import { TrialResult, useTrial } from "./trial.js";

/** The reference of the codes. The query is part of the address, for links. */
export function Codes(props: { info: Info; query: string; onQuery: (query: string) => void }) {
  const found = search(props.query);
  return (
    <>
      <p>
        {text.codesIntro(rows.length)} <a href={helpUrl}>{text.published}</a>
      </p>
      <div class="field search">
        <label for="search">{text.search}</label>
        <input
          id="search"
          type="search"
          autocomplete="off"
          spellcheck={false}
          aria-describedby="search-hint found"
          value={props.query}
          onInput={(event) => props.onQuery(event.currentTarget.value)}
        />
        <p class="small" id="search-hint">
          {text.searchHint}
        </p>
      </div>
      <p id="found" role="status">
        {found.length === 0 ? text.nothing : text.found(found.length, rows.length)}
      </p>
      {found.length > 0 && <CodeTable rows={found} simulated={props.info.simulated} />}
    </>
  );
}

/** On a phone the rows become cards, and the style takes their roles: hence the attributes. */
function CodeTable(props: { rows: readonly Row[]; simulated: boolean }) {
  const headings = [text.code, text.meaning, text.grpcStatus, text.whoActs, text.retry];
  return (
    <table role="table" aria-label={text.codesTab}>
      <thead role="rowgroup">
        <tr role="row">
          {headings.map((heading) => (
            <th key={heading} role="columnheader" scope="col">
              {heading}
            </th>
          ))}
          {props.simulated && (
            <th role="columnheader" scope="col">
              {text.tryIt}
            </th>
          )}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {props.rows.map((row) => (
          <CodeRow key={row.number} row={row} simulated={props.simulated} />
        ))}
      </tbody>
    </table>
  );
}

function CodeRow({ row, simulated }: { row: Row; simulated: boolean }) {
  const [trying, setTrying] = useState(false);
  const trial = useTrial(row.number);
  const id = `trial-${row.number}`;

  function toggle(): void {
    setTrying(!trying);
    if (!trying) {
      trial.start();
    }
  }
  return (
    <>
      <tr role="row">
        <th role="rowheader" scope="row">
          {row.number}
        </th>
        <td role="cell">
          <code class="reason">{row.reason}</code>
          <span>{row.notes}</span>
          {row.detail !== "" && <code class="small">{row.detail}</code>}
        </td>
        <td role="cell" data-label={text.grpcStatus}>
          <code>{row.grpcCode}</code>
        </td>
        <td role="cell" data-label={row.fault && text.whoActs}>
          {row.fault}
        </td>
        <td role="cell" data-label={row.retry && text.retry}>
          {row.retry}
        </td>
        {simulated && (
          <td role="cell">
            <button
              type="button"
              aria-expanded={trying}
              aria-controls={trying ? id : undefined}
              aria-label={trying ? text.closeCode(row.number) : text.tryCode(row.number)}
              onClick={toggle}
            >
              {trying ? text.close : text.tryIt}
            </button>
          </td>
        )}
      </tr>
      {trying && (
        <tr role="row" class="trial" id={id}>
          <td role="cell" colSpan={6}>
            <TrialResult {...trial} />
          </td>
        </tr>
      )}
    </>
  );
}

import { useState } from "preact/hooks";
import { Choice } from "./choice.js";
import { CodeEntry } from "./code-entry.js";
import { grouped, type Grouping } from "./group.js";
import { matches, type Row, type Table, tables } from "./table.js";
import { text } from "./text.js";

const all = tables.flatMap(({ rows }) => rows);

/** The reference of the codes. The query is part of the address, for links. */
export function Reference(props: {
  simulated: boolean;
  query: string;
  onQuery: (query: string) => void;
  /** The code that the address leads to. */
  target: Row | undefined;
}) {
  const [grouping, setGrouping] = useState<Grouping>("family");
  const found = all.filter((row) => matches(row, props.query));
  return (
    <>
      <p>{text.codesIntro}</p>
      <div class="bar tools">
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
        <Choice
          legend={text.groupBy}
          labelled
          options={[
            ["family", text.byFamily],
            ["fault", text.byFault],
          ]}
          value={grouping}
          onChoose={setGrouping}
        />
      </div>
      <p id="found" class="small" role="status">
        {found.length === 0 ? text.nothing : text.found(found.length, all.length)}
      </p>
      {found.length === 0 && (
        <button type="button" class="clear" onClick={() => props.onQuery("")}>
          {text.clear}
        </button>
      )}
      {tables.map((table) => (
        <TableSection
          key={table.domain}
          table={table}
          rows={found.filter(({ domain }) => domain === table.domain)}
          grouping={grouping}
          simulated={props.simulated}
          target={props.target}
        />
      ))}
    </>
  );
}

function TableSection(props: {
  table: Table;
  rows: readonly Row[];
  grouping: Grouping;
  simulated: boolean;
  target: Row | undefined;
}) {
  const { domain, helpUrl } = props.table;
  if (props.rows.length === 0) {
    return null;
  }
  return (
    <section class="table">
      <div class="bar">
        <h2>
          {text.tables[domain] ?? domain} <code>{domain}</code>
        </h2>
        {helpUrl !== "" && <a href={helpUrl}>{text.published}</a>}
      </div>
      {grouped(props.rows, props.grouping).map(({ title, hint, rows }) => (
        <section key={title} class="group">
          <h3>
            {title} <span class="count">{rows.length}</span>
          </h3>
          {hint !== "" && <p class="small">{hint}</p>}
          <ul>
            {rows.map((row) => (
              <li key={row.name}>
                <CodeEntry row={row} simulated={props.simulated} targeted={row === props.target} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </section>
  );
}

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Login } from "./login.js";
import { Reference } from "./reference.js";
import type { Info } from "./service.js";
import { type Row, rowAt, tables } from "./table.js";
import { text } from "./text.js";

type Tab = "login" | "codes";

const labels: Readonly<Record<Tab, string>> = { login: text.loginTab, codes: text.codesTab };

interface Place {
  readonly tab: Tab;
  readonly query: string;
  readonly row: Row | undefined;
}

/** #login, #codes, #codes/QUERY, or the fragment of a code. */
function place(home: Tab): Place {
  const fragment = location.hash.slice(1);
  const [id, ...rest] = fragment.split("/");
  const row = rowAt(fragment);
  const tab = row || id === "codes" ? "codes" : home;
  return { tab, query: unescaped(rest.join("/")), row };
}

/** Whoever edits an address may leave half of an escape behind. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function App({ info }: { info: Info }) {
  const home = info.login ? "login" : "codes";
  const [{ tab, query, row }, setPlace] = useState(() => place(home));
  useEffect(() => {
    const follow = () => setPlace(place(home));
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, [home]);

  /** A search is no place to come back to, letter by letter. */
  function search(query: string): void {
    history.replaceState(null, "", query ? `#codes/${encodeURIComponent(query)}` : "#codes");
    setPlace({ tab: "codes", query, row: undefined });
  }

  const codes = (
    <Reference simulated={info.simulated} query={query} onQuery={search} target={row} />
  );
  return (
    <>
      <header>
        <div class="bar">
          <p class="brand">
            <img src="/icon.svg" alt="" width="28" height="28" /> codetable gateway
          </p>
          {info.login && <Tabs selected={tab} />}
        </div>
        <h1>{text.lead(tables[0]?.rows.length ?? 0)}</h1>
      </header>
      <main>
        {info.login ? (
          <>
            <Panel tab="login" selected={tab}>
              <Login simulated={info.simulated} />
            </Panel>
            <Panel tab="codes" selected={tab}>
              {codes}
            </Panel>
          </>
        ) : (
          <div class="panel">{codes}</div>
        )}
      </main>
    </>
  );
}

function Panel(props: { tab: Tab; selected: Tab; children: ComponentChildren }) {
  const { tab, selected } = props;
  return (
    <section
      class="panel"
      id={`panel-${tab}`}
      role="tabpanel"
      aria-labelledby={`tab-${tab}`}
      hidden={tab !== selected}
    >
      {props.children}
    </section>
  );
}

/** The tabs pattern of WAI-ARIA: one stop of the tab key, arrows within. */
function Tabs({ selected }: { selected: Tab }) {
  const list = useRef<HTMLDivElement>(null);
  const other = selected === "login" ? "codes" : "login";
  function go(event: KeyboardEvent): void {
    if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
      location.hash = other;
      list.current?.querySelector<HTMLElement>(`#tab-${other}`)?.focus();
    }
  }
  return (
    <div class="tabs" role="tablist" ref={list} onKeyDown={go}>
      {(["login", "codes"] as const).map((tab) => (
        <button
          key={tab}
          id={`tab-${tab}`}
          type="button"
          role="tab"
          onClick={() => {
            location.hash = tab;
          }}
          aria-selected={tab === selected}
          aria-controls={`panel-${tab}`}
          tabIndex={tab === selected ? 0 : -1}
        >
          {labels[tab]}
        </button>
      ))}
    </div>
  );
}

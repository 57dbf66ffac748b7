import { useEffect, useRef, useState } from "preact/hooks";
import { Codes } from "./codes.js";
import { Login } from "./login.js";
import type { Info } from "./service.js";
import { text } from "./text.js";

const tabs = [
  { id: "login", label: text.loginTab },
  { id: "codes", label: text.codesTab },
] as const;

type Tab = (typeof tabs)[number]["id"];

/** #login, #codes, or #codes/QUERY. */
function place(): { tab: Tab; query: string } {
  const [id, ...rest] = location.hash.slice(1).split("/");
  const tab = tabs.find((tab) => tab.id === id)?.id ?? "login";
  return { tab, query: unescaped(rest.join("/")) };
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
  const [{ tab, query }, setPlace] = useState(place);
  useEffect(() => {
    const follow = () => setPlace(place());
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);

  /** A search is no place to come back to, letter by letter. */
  function search(query: string): void {
    history.replaceState(null, "", `#codes/${encodeURIComponent(query)}`);
    setPlace({ tab: "codes", query });
  }

  return (
    <>
      <header>
        <p class="brand">
          codetable <span>JVerification</span>
        </p>
        <Tabs selected={tab} />
      </header>
      <main>
        {tabs.map(({ id, label }) => (
          <section
            key={id}
            id={`panel-${id}`}
            role="tabpanel"
            aria-labelledby={`tab-${id}`}
            hidden={id !== tab}
          >
            <h1>{label}</h1>
            {id === "login" ? (
              <Login info={info} />
            ) : (
              <Codes info={info} query={query} onQuery={search} />
            )}
          </section>
        ))}
      </main>
    </>
  );
}

/** The tabs pattern of WAI-ARIA: one stop of the tab key, arrows within. */
function Tabs({ selected }: { selected: Tab }) {
  const list = useRef<HTMLDivElement>(null);
  function go(event: KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) {
      return;
    }
    const current = tabs.findIndex(({ id }) => id === selected);
    const next = tabs[(current + step + tabs.length) % tabs.length];
    if (next) {
      location.hash = next.id;
      list.current?.querySelector<HTMLElement>(`#tab-${next.id}`)?.focus();
    }
  }
  return (
    <div class="tabs" role="tablist" ref={list} onKeyDown={go}>
      {tabs.map(({ id, label }) => (
        <button
          key={id}
          id={`tab-${id}`}
          type="button"
          role="tab"
          onClick={() => {
            location.hash = id;
          }}
          aria-selected={id === selected}
          aria-controls={`panel-${id}`}
          tabIndex={id === selected ? 0 : -1}
        >
          {label}
        </button>
      ))}
    </div>
  );
}

/** Finds the sentence for the languages of a reader. */
import type { Localized } from "./wire.js";

/** The number of bytes that are read of a list of languages, which comes from a client. */
const maxLocales = 256;

/** Whether a text has the form of a BCP 47 tag. */
export function isTag(text: string): boolean {
  return /^[a-z]{2,8}(-[a-z0-9]{1,8})*$/i.test(text);
}

/** Sentences by BCP 47 tag, and the tag for readers of other languages. */
export interface Messages {
  readonly byLocale: ReadonlyMap<string, string>;
  readonly fallback: string;
}

/**
 * Returns the sentence for the first language that has one, else the one of the
 * default language.
 *
 * @param locales One BCP 47 tag, or a list in the form of the HTTP header
 * Accept-Language.
 */
export function match({ byLocale, fallback }: Messages, locales: string): Localized | undefined {
  for (const tag of tagsOf(locales)) {
    const found = lookUp(byLocale, tag);
    if (found !== undefined) {
      return found;
    }
  }
  const text = byLocale.get(fallback);
  return text === undefined ? undefined : { locale: fallback, text };
}

/** The tags in lower case, in the order of preference. A malformed list has none. */
function tagsOf(locales: string): string[] {
  const tags: { tag: string; quality: number }[] = [];
  for (const part of head(locales).toLowerCase().split(",")) {
    const [tag = "", parameter] = part.split(";").map((text) => text.trim());
    const quality =
      parameter === undefined ? 1 : Number(/^q\s*=\s*([0-9.]+)$/.exec(parameter)?.[1]);
    if (tag === "" && parameter === undefined) {
      continue;
    }
    if ((tag !== "*" && !isTag(tag)) || Number.isNaN(quality)) {
      return [];
    }
    if (quality > 0) {
      tags.push({ tag, quality });
    }
  }
  return tags.sort((a, b) => b.quality - a.quality).map(({ tag }) => tag);
}

/** Keeps the first languages of a list, which the reader prefers. */
function head(locales: string): string {
  if (locales.length <= maxLocales) {
    return locales;
  }
  return locales.slice(0, Math.max(locales.slice(0, maxLocales).lastIndexOf(","), 0));
}

/**
 * Looks up the tag, then the tag without its last subtags (RFC 4647), then any
 * tag of the same language: zh finds zh-CN.
 */
function lookUp(byLocale: ReadonlyMap<string, string>, wanted: string): Localized | undefined {
  const entries = [...byLocale].map(([locale, text]) => ({ locale, text }));
  const subtags = wanted.split("-");
  for (let length = subtags.length; length > 0; length--) {
    const tag = subtags.slice(0, length).join("-");
    const exact = entries.find(({ locale }) => locale.toLowerCase() === tag);
    if (exact !== undefined) {
      return exact;
    }
  }
  return entries.find(({ locale }) => locale.toLowerCase().split("-", 1)[0] === subtags[0]);
}

/** The language of the page, and how it writes times. */

/** The languages of the browser, the best first; English ends the list. */
export const languages: readonly string[] = [...navigator.languages, "en"];

/** Takes the first language in which there is a text. */
export function inLanguage(find: (locale: string) => string): string {
  return languages.map(find).find((found) => found !== "") ?? "";
}

/** The language that the page speaks. A table may have more languages. */
export const language: "en" | "zh" =
  languages
    .map((tag) => tag.split("-", 1)[0])
    .find((subtag) => subtag === "en" || subtag === "zh") ?? "en";

const amount = (unit: string) =>
  new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short" });
const units = { hour: amount("hour"), minute: amount("minute"), second: amount("second") };

/** Such as "1 hr 5 min" or "30 sec". Durations of hours have no seconds. */
export function duration(seconds: number): string {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const parts = [
    hours > 0 && units.hour.format(hours),
    minutes > 0 && units.minute.format(minutes),
    hours === 0 && (seconds % 60 > 0 || minutes === 0) && units.second.format(seconds % 60),
  ];
  return parts.filter((part) => part !== false).join(" ");
}

/** The time of day, in the zone of the browser. */
export function clock(time: number): string {
  return new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit" }).format(time);
}

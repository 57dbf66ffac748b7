import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "@playwright/test";

test("README.md shows the pictures that there are", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const shown = [...readme.matchAll(/\(screenshots\/([^)]+)\)/g)].map(([, name]) => name);
  expect(shown.sort()).toEqual(readdirSync(new URL("../screenshots", import.meta.url)).sort());
});

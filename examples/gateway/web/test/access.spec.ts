import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "@playwright/test";
import type { AxeResults } from "axe-core";
import { answerNext, card, expect, test } from "./fixture.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core"), "utf8");

/** Labels, roles, contrast and the rest of what can be checked of WCAG 2.2 AA. */
async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(axe);
  const results = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run: () => Promise<AxeResults> } }).axe.run(),
  );
  expect(results.passes.map(({ id }) => id)).toContain("color-contrast");
  expect(results.violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual(
    [],
  );
}

/** The page shows each kind of note at once. */
async function showNotes(page: Page): Promise<void> {
  await page.goto("/");
  const number = card(page, "Phone number");
  await number.getByLabel("Phone number").fill("one");
  await number.getByLabel("Token").fill("code-9005");
  await number.getByRole("button", { name: "Verify number" }).click();
  await answerNext(page, 1804);
  await card(page, "One-click login").getByRole("button").click();
  await card(page, "Captcha").getByLabel("I am not a robot").check();
  await card(page, "Captcha").getByRole("button").click();
  await expect(page.locator(".note")).toHaveCount(3);
}

async function showTrials(page: Page): Promise<void> {
  await page.goto("/#codes/900");
  await page.getByRole("button", { name: "Try 9005" }).click();
  await page.getByRole("button", { name: "Try 9000" }).click();
  await expect(page.locator(".trial .note")).toHaveCount(2);
}

const screens = { desktop: { width: 1280, height: 800 }, phone: { width: 320, height: 640 } };

for (const [screen, viewport] of Object.entries(screens)) {
  for (const colorScheme of ["light", "dark"] as const) {
    test.describe(`${screen}, ${colorScheme}`, () => {
      test.use({ viewport, colorScheme });

      for (const [name, show] of Object.entries({ showNotes, showTrials })) {
        test(`${name} is accessible, and as wide as the screen`, async ({ page }) => {
          await show(page);
          await expectAccessible(page);
          const width = await page.evaluate(() => document.documentElement.scrollWidth);
          expect(width).toBeLessThanOrEqual(viewport.width);
        });
      }
    });
  }
}

test("a login needs no mouse, and focus is seen wherever it is", async ({ page }) => {
  await page.goto("/");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  const stops: string[] = [];
  for (;;) {
    await page.keyboard.press("Tab");
    const focused = page.locator(":focus");
    if ((await focused.count()) === 0) {
      break; // past the last stop
    }
    stops.push((await focused.innerText()) || (await focused.evaluate(labelOf)));
    await expect(focused).toHaveCSS("outline-style", "solid");
    await expect(focused).toHaveCSS("outline-width", "3px");
    if (stops.at(-1) === "Phone number") {
      await page.keyboard.type("13900000005");
    }
  }
  expect(stops.map((stop) => stop.split("\n")[0])).toEqual([
    "Log in",
    "By the simulator's own rules",
    "Phone number",
    "Token",
    "Verify number",
    "Get a token",
    "Log in with one click",
    "I am not a robot",
    "Check captcha",
  ]);
});

function labelOf(element: Element): string {
  return (element as HTMLInputElement).labels?.[0]?.textContent ?? element.tagName;
}

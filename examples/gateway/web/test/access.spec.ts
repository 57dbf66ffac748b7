import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "@playwright/test";
import type { AxeResults } from "axe-core";
import { answer, expect, form, logInWith, test } from "./fixture.js";

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

async function submit(page: Page): Promise<void> {
  await form(page).locator("button[type=submit]").click();
  await expect(form(page).locator(".note")).toBeVisible();
}

/** What there is to see; each leaves the page as it is checked. */
const views: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  "the login": async (page) => {
    await page.goto("/");
    await expect(form(page)).toBeVisible();
  },
  "a wait": async (page) => {
    await page.goto("/");
    await answer(page, 9005);
    await submit(page);
  },
  "a wrong number": async (page) => {
    await page.goto("/");
    await form(page).getByLabel("Phone number").fill("one");
    await submit(page);
  },
  "an operator's failure": async (page) => {
    await page.goto("/");
    await logInWith(page, "One click");
    await answer(page, 9018);
    await submit(page);
  },
  "a success": async (page) => {
    await page.goto("/");
    await logInWith(page, "Captcha");
    await form(page).getByRole("checkbox").check();
    await submit(page);
  },
  "the reference": async (page) => {
    await page.goto("/#code-9005");
    await page.getByRole("button", { name: "Try 9005" }).click();
    await expect(page.locator("#code-9005 .note")).toBeVisible();
  },
  "no result": async (page) => {
    await page.goto("/#codes/none-of-them");
    await expect(page.getByRole("button", { name: "Show all codes" })).toBeVisible();
  },
};

for (const width of [320, 390, 1280]) {
  for (const colorScheme of ["light", "dark"] as const) {
    test.describe(`${width} wide, ${colorScheme}`, () => {
      test.use({ viewport: { width, height: 800 }, colorScheme });

      for (const [name, show] of Object.entries(views)) {
        test(`${name} is accessible, and no wider than the screen`, async ({ page }) => {
          await show(page);
          await expectAccessible(page);
          const scrolled = await page.evaluate(() => document.documentElement.scrollWidth);
          expect(scrolled).toBeLessThanOrEqual(width);
        });
      }
    });
  }
}

for (const width of [320, 390]) {
  test(`a code takes a line on a phone of ${width}, and opens with a tap`, async ({
    browser,
    baseURL,
  }) => {
    const context = await browser.newContext({
      viewport: { width, height: 800 },
      hasTouch: true,
      isMobile: true,
      ...(baseURL && { baseURL }),
    });
    const page = await context.newPage();
    await page.goto("/#codes");
    const lines = page.locator("summary");
    await expect(lines).toHaveCount(59);
    const heights = await lines.evaluateAll((all) => all.map((one) => one.clientHeight));
    expect(Math.max(...heights)).toBe(44);
    await page.locator("#code-9005 summary").tap();
    await expect(page.locator("#code-9005 .facts")).toContainText("End user");
    await context.close();
  });
}

test("nothing moves where the person wants less motion", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.goto("/");
  await expect(form(page)).toBeVisible();
  const moving = () =>
    [...document.querySelectorAll("*")].filter((element) =>
      [getComputedStyle(element), getComputedStyle(element, "::before")].some(
        ({ transitionDuration, animationName }) =>
          transitionDuration !== "0s" || animationName !== "none",
      ),
    ).length;
  expect(await page.evaluate(moving)).toBe(0);
  await page.emulateMedia({ reducedMotion: "no-preference" });
  expect(await page.evaluate(moving)).toBeGreaterThan(0);
});

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
    stops.push((await focused.evaluate(labelOf)) || (await focused.innerText()));
    // A radio button shows its focus at its label.
    const radio = (await focused.getAttribute("type")) === "radio";
    const seen = radio ? focused.locator("xpath=following-sibling::span") : focused;
    await expect(seen).toHaveCSS("outline-style", "solid");
    await expect(seen).toHaveCSS("outline-width", "3px");
  }
  expect(stops.map((stop) => stop.split("\n")[0])).toEqual([
    "Try a login",
    "Phone number",
    "Success",
    "Not your number 9001",
    "Too soon 9005",
    "No balance 9018",
    "Upstream broken 9099",
    "Another code…",
    "Phone number",
    "Verify number",
    "curl",
    "Copy",
    "Call",
  ]);
});

test("the reference needs no mouse", async ({ page }) => {
  await page.goto("/#code-9018");
  await expect(page.locator("#code-9018 summary")).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(page.locator(":focus")).toHaveText("#RESPONSE_CODE_APPKEY_NO_MONEY");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(page.locator("#code-9018 .note")).toBeVisible();
  await page.locator("#code-9018 summary").focus();
  await page.keyboard.press("Enter");
  await expect(page.locator("#code-9018")).not.toHaveAttribute("open");
});

function labelOf(element: Element): string {
  const { labels } = element as HTMLInputElement;
  return labels?.[0]?.textContent ?? element.getAttribute("aria-label") ?? "";
}

/** Pictures of the page: make screenshots puts them where README.md shows them. */
import type { Page } from "@playwright/test";
import { answer, endLimits, expect, form, test } from "./fixture.js";

const desktop = { width: 1280, height: 800 };
const phone = { width: 390, height: 844 };
const time = new Date("2026-11-23T10:30:00+08:00");

async function keep(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `test-results/screens/${name}.png`, fullPage: true });
}

/** A number that is checked too often. */
async function fail(page: Page, code: number): Promise<void> {
  await page.clock.install({ time });
  await page.goto("/");
  await answer(page, code);
  await form(page).locator("button[type=submit]").click();
  await expect(form(page).locator(".note")).toBeVisible();
}

test.describe("on a desktop", () => {
  test.use({ viewport: desktop });

  for (const [colorScheme, name] of [
    ["light", "login"],
    ["dark", "login-dark"],
  ] as const) {
    test(name, async ({ page }) => {
      await page.emulateMedia({ colorScheme });
      await page.goto("/");
      await endLimits(page);
      await form(page).locator("button[type=submit]").click();
      await expect(form(page).locator(".note")).toBeVisible();
      await keep(page, name);
    });
  }

  test("failure", async ({ page }) => {
    await fail(page, 9005);
    await keep(page, "failure");
  });

  test("reference", async ({ page }) => {
    await page.goto("/#codes/balance");
    await page.locator("#code-9018 summary").click();
    await expect(page.locator("#code-9018 .body")).toBeVisible();
    await keep(page, "reference");
  });
});

test.describe("on a phone, in Chinese", () => {
  test.use({ viewport: phone, hasTouch: true, isMobile: true, locale: "zh-CN" });

  test("phone", async ({ page }) => {
    await page.goto("/#codes/余额");
    await page.locator("#code-9018 summary").tap();
    await expect(page.locator("#code-9018 .body")).toBeVisible();
    await keep(page, "phone");
  });
});

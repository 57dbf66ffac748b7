/** Pictures for people to judge: make screenshots keeps them. */
import type { Page } from "@playwright/test";
import { answerNext, card, expect, test } from "./fixture.js";

const desktop = { width: 1280, height: 800 };
const phone = { width: 390, height: 844 };

async function keep(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `test-results/screens/${name}.png`, fullPage: true });
}

/** A number that waits for its countdown, a trouble of the operator, and a success. */
async function fillIn(page: Page, headings: [string, string, string]): Promise<void> {
  await page.clock.install({ time: new Date("2026-11-23T10:30:00+08:00") });
  await page.goto("/");
  const [number, oneClick, captcha] = headings.map((heading) => card(page, heading));
  await number?.getByRole("textbox").first().fill("13800138000");
  await number?.getByRole("textbox").last().fill("code-9005");
  await number?.locator("button[type=submit]").click();
  await answerNext(page, 9018);
  await oneClick?.locator("button[type=submit]").click();
  await captcha?.getByRole("checkbox").check();
  await captcha?.locator("button[type=submit]").click();
  await expect(page.locator(".note")).toHaveCount(3);
}

test.describe("on a desktop", () => {
  test.use({ viewport: desktop });

  test("login", async ({ page }) => {
    await fillIn(page, ["Phone number", "One-click login", "Captcha"]);
    await keep(page, "login");
  });

  test("codes", async ({ page }) => {
    await page.goto("/#codes/900");
    await page.getByRole("button", { name: "Try 9005" }).click();
    await expect(page.locator(".trial dl")).toBeVisible();
    await keep(page, "codes");
  });

  test.describe("in the dark", () => {
    test.use({ colorScheme: "dark" });

    test("login", async ({ page }) => {
      await fillIn(page, ["Phone number", "One-click login", "Captcha"]);
      await keep(page, "login-dark");
    });
  });
});

test.describe("on a phone", () => {
  test.use({ viewport: phone, hasTouch: true, isMobile: true });

  test("codes", async ({ page }) => {
    await page.goto("/#codes/9003");
    await page.getByRole("button", { name: "Try 9003" }).tap();
    await expect(page.locator(".trial dl")).toBeVisible();
    await keep(page, "codes-phone");
  });

  test.describe("in Chinese", () => {
    test.use({ locale: "zh-CN" });

    test("login", async ({ page }) => {
      await fillIn(page, ["手机号验证", "一键登录", "人机验证"]);
      await keep(page, "login-phone-zh");
    });
  });
});

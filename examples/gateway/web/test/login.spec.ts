import type { Route } from "@playwright/test";
import { startGateway } from "../../../clients/typescript/test/gateway.js";
import { answerNext, card, expect, test } from "./fixture.js";

const verifyNumber = "**/jiguang.jverification.v1.VerificationService/VerifyNumber";

test("a number is verified, and its token is spent", async ({ page }) => {
  await page.goto("/");
  const form = card(page, "Phone number");
  await form.getByLabel("Phone number").fill("13900000001");
  await form.getByRole("button", { name: "Get a token" }).click();
  await expect(form.getByLabel("Token")).toHaveValue(/^phone-13900000001-/);
  await expect(form.getByLabel("Token")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(form.getByRole("status")).toHaveText("This is the number of the phone.");
  await expect(form.getByLabel("Token")).toHaveValue("");
});

test("a number is verified again too early: a countdown, then a new token", async ({ page }) => {
  await page.clock.install();
  await page.goto("/");
  const form = card(page, "Phone number");
  const status = form.getByRole("status");
  const verify = async () => {
    await form.getByRole("button", { name: "Get a token" }).click();
    await form.getByRole("button", { name: "Verify number" }).click();
  };
  await form.getByLabel("Phone number").fill("13900000002");
  await verify();
  await expect(status).toContainText("This is the number");
  await verify(); // the simulator itself refuses it, for 30 s
  await expect(status).toContainText("This number was checked just now.");

  const next = status.getByRole("button", { name: "Get a new token" });
  await expect(status.getByRole("timer")).toHaveText(/^Next try in \d\d sec$/);
  await expect(next).toHaveAttribute("aria-disabled", "true");
  await next.click({ force: true });
  await expect(form.getByLabel("Token")).toHaveValue("");
  await page.clock.fastForward(31_000);
  await expect(status.getByRole("timer")).toHaveCount(0);
  await expect(status).toContainText("The next try can be made now.");
  await expect(next).toHaveAttribute("aria-disabled", "false");
  await next.click();
  await expect(form.getByLabel("Token")).toHaveValue(/^phone-13900000002-/);
  await expect(form.getByLabel("Token")).toBeFocused();
  await expect(status).toBeEmpty();
});

test("the countdown shows each second, and goes on until 0", async ({ page }) => {
  await page.clock.install();
  await page.goto("/");
  const form = card(page, "One-click login");
  await page.clock.pauseAt(Date.now() + 60_000);
  await answerNext(page, 9002);
  await form.getByRole("button").click();
  await expect(form.getByRole("timer")).toBeVisible();
  await page.clock.runFor(500); // to the middle of a second
  for (const seconds of [30, 29, 28]) {
    await expect(form.getByRole("timer")).toHaveText(`Next try in ${seconds} sec`);
    await page.clock.runFor(1000);
  }
  await page.clock.runFor(27_000);
  await expect(form.getByRole("timer")).toHaveCount(0);
});

test("the same request is sent again only where the table says so", async ({ page }) => {
  const bodies: (string | null)[] = [];
  await page.route("**/ExchangeLoginToken", (route) => {
    bodies.push(route.request().postData());
    return route.continue();
  });
  await page.clock.install();
  await page.goto("/");
  const form = card(page, "One-click login");
  await answerNext(page, 2000);
  await form.getByRole("button", { name: "Log in with one click" }).click();
  await expect(form.getByRole("status")).toContainText("The service has a problem");
  await page.clock.fastForward(2000);
  await form.getByRole("button", { name: "Try again" }).click();
  await expect(form.getByRole("status")).toHaveText("You are logged in.");
  expect(bodies).toHaveLength(2);
  expect(bodies[1]).toBe(bodies[0]);

  await answerNext(page, 9003);
  await form.getByRole("button", { name: "Log in with one click" }).click();
  await expect(form.getByRole("status")).toContainText("has expired");
  await form.getByRole("button", { name: "Get a new token" }).click();
  await expect(form.getByRole("status")).toHaveText("You are logged in.");
  expect(bodies).toHaveLength(4);
  expect(bodies[3]).not.toBe(bodies[2]);
});

test("a spent window names the time of day at which it ends", async ({ page }) => {
  await page.clock.install();
  await page.goto("/");
  await page.clock.pauseAt(Date.now() + 1000); // the window of the gateway may end at any time
  const form = card(page, "Captcha");
  await answerNext(page, 6005);
  await form.getByLabel("I am not a robot").check();
  await form.getByRole("button", { name: "Check captcha" }).click();
  const status = form.getByRole("status");
  await expect(status).toContainText("Please try again in the next hour.");
  await expect(status.getByRole("timer")).toHaveText(/^Next try (at \d+:(59|00) [AP]M, )?in /);
  await page.clock.runFor(500); // a jump fires each timer once: those of the countdown have to be there
  await page.clock.fastForward("01:00:01");
  await status.getByRole("button", { name: "Do the captcha again" }).click();
  await expect(form.getByLabel("I am not a robot")).toBeFocused();
  await page.keyboard.press("Space");
  await form.getByRole("button", { name: "Check captcha" }).click();
  await expect(status).toHaveText("The captcha was passed.");
});

test("what is wrong with the input is said at the field", async ({ page }) => {
  await page.goto("/");
  const form = card(page, "Phone number");
  await form.getByLabel("Phone number").fill("one");
  await form.getByLabel("Token").fill("x".repeat(5000));
  await form.getByRole("button", { name: "Verify number" }).click();
  for (const field of [form.getByLabel("Phone number"), form.getByLabel("Token")]) {
    await expect(field).toHaveAttribute("aria-invalid", "true");
    await expect(field).toHaveAccessibleDescription(/^Please check this field\./);
  }
  await form.getByLabel("Phone number").fill("13900000003");
  await expect(form.getByLabel("Phone number")).toHaveAttribute("aria-invalid", "false");
});

test("impatience sends one request, of one number", async ({ page }) => {
  const sent: Route[] = [];
  await page.route(verifyNumber, (route) => void sent.push(route));
  await page.goto("/");
  const form = card(page, "Phone number");
  await form.getByLabel("Phone number").fill("13900000004");
  await form.getByLabel("Token").fill("phone-13900000004-once");
  await form.getByRole("button", { name: "Verify number" }).dblclick();
  await expect(form.getByRole("status")).toHaveText("One moment…");
  await expect(form.getByLabel("Phone number")).not.toBeEditable();
  await sent[0]?.continue();
  await expect(form.getByRole("status")).toHaveText("This is the number of the phone.");
  expect(sent).toHaveLength(1);
});

test("a gateway that is gone is not the end user's fault", async ({ page }) => {
  await page.goto("/");
  await page.route("**/ExchangeLoginToken", (route) => route.abort("connectionrefused"));
  const form = card(page, "One-click login");
  await form.getByRole("button", { name: "Log in with one click" }).click();
  await expect(form.getByRole("status")).toContainText("The service could not be reached.");
  await page.unroute("**/ExchangeLoginToken");
  await form.getByRole("button", { name: "Get a new token" }).click();
  await expect(form.getByRole("status")).toHaveText("You are logged in.");
});

test.describe("at a public boundary", () => {
  test.use({
    // eslint-disable-next-line no-empty-pattern -- Playwright reads what a fixture needs from here
    baseURL: async ({}, use) => {
      const gateway = await startGateway(["-public"]);
      await use(gateway.web);
      await gateway.stop();
    },
  });

  test("an operator's trouble is a neutral sentence with a reference", async ({ page }) => {
    await page.goto("/");
    const form = card(page, "One-click login");
    const status = form.getByRole("status");
    await answerNext(page, 9018); // no money
    await form.getByRole("button", { name: "Log in with one click" }).click();
    await expect(status).toHaveText(
      /^The service is not available at the moment\. Please try again later\.If you ask for help, name this reference: [\w-]+$/,
    );
    await expect(status.locator(".note")).toHaveClass(/neutral/);
    await expect(status.getByRole("button")).toHaveCount(0);

    await page.clock.install();
    await page.goto("/");
    await page.clock.pauseAt(Date.now() + 1000);
    await answerNext(page, 9007); // over for the day
    await form.getByRole("button", { name: "Log in with one click" }).click();
    await expect(status).toContainText("The service is not available at the moment.");
    await expect(status.getByRole("timer")).toHaveText(/^Next try (at (11:59 PM|12:00 AM), )?in /);
  });
});

test.describe("in front of a real upstream", () => {
  test.use({
    // eslint-disable-next-line no-empty-pattern -- Playwright reads what a fixture needs from here
    baseURL: async ({}, use) => {
      const upstream = ["-upstream-url", "https://127.0.0.1:1", "-app-key", "key"];
      const gateway = await startGateway(upstream, { JVERIFICATION_MASTER_SECRET: "secret" });
      await use(gateway.web);
      await gateway.stop();
    },
  });

  test("tokens come from the SDK, and nothing is tried out", async ({ page }) => {
    await page.goto("/");
    await expect(page.getByText("Simulator")).toHaveCount(0);
    await expect(page.getByRole("button", { name: "Get a token" })).toHaveCount(0);
    const form = card(page, "One-click login");
    await form.getByLabel("Login token").fill("from the SDK");
    await form.getByRole("button", { name: "Log in with one click" }).click();
    await expect(form.getByRole("status")).toContainText("The service is not available");
    await expect(card(page, "Captcha").getByLabel("Captcha content")).toBeVisible();
    await page.getByRole("tab", { name: "Response codes" }).click();
    await expect(page.getByRole("rowheader")).toHaveCount(49);
    await expect(page.getByRole("button", { name: /^Try/ })).toHaveCount(0);
  });
});

import type { Page, Request, Route } from "@playwright/test";
import { answer, endLimits, expect, form, logInWith, pretend, test } from "./fixture.js";

const verifyNumber = "**/jiguang.jverification.v1.VerificationService/VerifyNumber";
const newToken = "Try again with a new token";

/** The bodies of the calls that a page makes from now on. */
function watch(page: Page): { phone?: string; token?: string; loginToken?: string }[] {
  const bodies: object[] = [];
  page.on("request", (request: Request) => {
    if (request.url().includes("VerificationService")) {
      bodies.push(request.postDataJSON() as object);
    }
  });
  return bodies;
}

test("one sentence says what the page is, and one press logs a stranger in", async ({ page }) => {
  const bodies = watch(page);
  await page.goto("/");
  await endLimits(page);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(
    /^This gateway turns the 49 response codes of JiGuang JVerification into gRPC errors [^.]+\.$/,
  );
  await expect(form(page).getByRole("textbox")).toHaveCount(1); // the SDK makes the token
  await expect(form(page).getByLabel("Phone number")).toHaveValue("138 0013 8000");
  await form(page).getByRole("button", { name: "Verify number" }).click();
  await expect(form(page).getByRole("status")).toHaveText("This is the number of your phone.");
  expect(bodies).toHaveLength(1);
  expect(bodies[0]?.phone).toBe("13800138000");
  expect(bodies[0]?.token).toMatch(/^phone-13800138000-/);
});

for (const [name, typed] of [
  ["spaces", " 138 0013 8000 "],
  ["hyphens", "138-0013‑8000"],
  ["full-width digits", "１３８　００１３　８０００"],
] as const) {
  test(`${name} in a number do not matter`, async ({ page }) => {
    const bodies = watch(page);
    await page.goto("/");
    await endLimits(page);
    await form(page).getByLabel("Phone number").fill(typed);
    await page.keyboard.press("Enter");
    await expect(form(page).getByRole("status")).toHaveText("This is the number of your phone.");
    expect(bodies[0]?.phone).toBe("13800138000");
    await expect(form(page).getByLabel("Phone number")).toHaveValue(typed);
  });
}

test("another number than that of the phone is answered no", async ({ page }) => {
  await page.goto("/");
  await endLimits(page);
  await form(page).getByLabel("Phone number").fill("139 0000 0001");
  await form(page).getByRole("button", { name: "Verify number" }).click();
  await expect(form(page).getByRole("status")).toContainText("not the one of this phone");
  await expect(page.getByRole("link", { name: "9001" })).toBeVisible();
});

test("a refusal of the gateway itself keeps the token", async ({ page }) => {
  const bodies = watch(page);
  await page.goto("/");
  await endLimits(page);
  await form(page).getByLabel("Phone number").fill("one");
  await form(page).getByRole("button", { name: "Verify number" }).click();
  const phone = form(page).getByLabel("Phone number");
  await expect(phone).toHaveAttribute("aria-invalid", "true");
  await expect(phone).toHaveAccessibleDescription(/^Please check this field\./);
  await phone.fill("13800138000");
  await expect(phone).toHaveAttribute("aria-invalid", "false");
  await form(page).getByRole("button", { name: "Verify number" }).click();
  await expect(form(page).getByRole("status")).toHaveText("This is the number of your phone.");
  await endLimits(page);
  await form(page).getByRole("button", { name: "Verify number" }).click();
  await expect.poll(() => bodies.length).toBe(3);
  expect(bodies[1]?.token).toBe(bodies[0]?.token);
  expect(bodies[2]?.token).not.toBe(bodies[1]?.token);
});

test("a second try that comes too early is refused, and its wait can be skipped", async ({
  page,
}) => {
  await page.goto("/");
  await endLimits(page);
  const status = form(page).getByRole("status");
  const verify = form(page).getByRole("button", { name: "Verify number" });
  await verify.click();
  await expect(status).toHaveText("This is the number of your phone.");
  await verify.click(); // the simulator's own rule, for 30 s
  await expect(status).toContainText("This number was checked just now.");
  await expect(status.getByRole("timer")).toHaveText(/^Next try in \d\d sec$/);
  const next = status.getByRole("button", { name: newToken });
  await expect(next).toHaveAttribute("aria-disabled", "true");
  await next.click({ force: true });
  await expect(status.getByRole("timer")).toBeVisible(); // no call was made
  await status.getByRole("button", { name: "Skip the wait" }).click();
  await expect(status.getByRole("timer")).toHaveCount(0);
  await expect(status).toContainText("You can try again now.");
  await next.click();
  await expect(status).toHaveText("This is the number of your phone.");
  await expect(verify).toBeFocused();
});

test("a simulator that does not skip the wait is no success", async ({ page }) => {
  await page.goto("/");
  await page.route("**/simulator/advance", (route) => route.fulfill({ status: 404 }));
  await answer(page, 9005);
  await form(page).getByRole("button", { name: "Verify number" }).click();
  const status = form(page).getByRole("status");
  await status.getByRole("button", { name: "Skip the wait" }).click();
  await expect(status).toContainText("The simulator did not skip the wait.");
  await expect(status.getByRole("timer")).toBeVisible();
});

test("the countdown shows each second, and goes on until 0", async ({ page }) => {
  await page.clock.install();
  await page.goto("/");
  await page.clock.pauseAt(Date.now() + 60_000);
  await answer(page, 9002);
  await form(page).getByRole("button", { name: "Verify number" }).click();
  const timer = form(page).getByRole("timer");
  await expect(timer).toBeVisible();
  await page.clock.runFor(500); // to the middle of a second
  for (const seconds of [30, 29, 28]) {
    await expect(timer).toHaveText(`Next try in ${seconds} sec`);
    await page.clock.runFor(1000);
  }
  await page.clock.runFor(27_000);
  await expect(timer).toHaveCount(0);
});

test("the same request is sent again only where the table says so", async ({ page }) => {
  const bodies = watch(page);
  await page.goto("/");
  await logInWith(page, "One click");
  const status = form(page).getByRole("status");
  await page.route("**/ExchangeLoginToken", (route) => {
    // The code of another method, which the upstream may answer with all the same.
    const postData = JSON.stringify({ loginToken: "then-success-2000-once" });
    return route.continue({ postData });
  });
  await form(page).getByRole("button", { name: "Log in with one click" }).click();
  await expect(status).toContainText("The service has a problem");
  await status.getByRole("button", { name: "Try again" }).click();
  await expect(status).toHaveText("You are logged in.");
  expect(bodies[1]?.loginToken).toBe(bodies[0]?.loginToken);
  await page.unroute("**/ExchangeLoginToken");

  await answer(page, 9003);
  await form(page).getByRole("button", { name: "Log in with one click" }).click();
  await expect(status).toContainText("has expired");
  await status.getByRole("button", { name: newToken }).click();
  await expect(status).toHaveText("You are logged in.");
  expect(bodies).toHaveLength(4);
  expect(bodies[3]?.loginToken).not.toBe(bodies[2]?.loginToken);
});

test("a spent window names the time of day at which it ends", async ({ page }) => {
  await page.clock.install();
  await page.goto("/");
  await page.clock.pauseAt(Date.now() + 1000); // the window of the gateway may end at any time
  await logInWith(page, "Captcha");
  await answer(page, 6005);
  await form(page).getByLabel("I am not a robot").check();
  await form(page).getByRole("button", { name: "Check captcha" }).click();
  const status = form(page).getByRole("status");
  await expect(status).toContainText("Please try again in the next hour.");
  await expect(status.getByRole("timer")).toHaveText(/^Next try (at \d+:(59|00) [AP]M, )?in /);
  await page.clock.runFor(500); // a jump fires each timer once: those of the countdown have to be there
  await page.clock.fastForward("01:00:01");
  await status.getByRole("button", { name: "Do the captcha again" }).click();
  await expect(form(page).getByLabel("I am not a robot")).toBeFocused();
  await page.keyboard.press("Space");
  await form(page).getByRole("button", { name: "Check captcha" }).click();
  await expect(status).toHaveText("The captcha was passed.");
});

test("impatience sends one request, of one number", async ({ page }) => {
  const sent: Route[] = [];
  await page.route(verifyNumber, (route) => void sent.push(route));
  await page.goto("/");
  await endLimits(page);
  await form(page).getByRole("button", { name: "Verify number" }).dblclick();
  await expect(form(page).getByRole("status")).toHaveText("One moment…");
  await expect(form(page).getByLabel("Phone number")).not.toBeEditable();
  await sent[0]?.continue();
  await expect(form(page).getByRole("status")).toHaveText("This is the number of your phone.");
  expect(sent).toHaveLength(1);
});

test("a gateway that is gone is not the end user's fault", async ({ page }) => {
  await page.goto("/");
  await logInWith(page, "One click");
  await page.route("**/ExchangeLoginToken", (route) => route.abort("connectionrefused"));
  await form(page).getByRole("button", { name: "Log in with one click" }).click();
  const status = form(page).getByRole("status");
  await expect(status).toContainText("The service could not be reached.");
  await page.unroute("**/ExchangeLoginToken");
  await status.getByRole("button", { name: newToken }).click();
  await expect(status).toHaveText("You are logged in.");
});

test("in front of a real upstream people bring tokens, and a refusal leaves them", async ({
  page,
}) => {
  await pretend(page, { simulated: false, login: true });
  await page.goto("/");
  await expect(page.getByText("Simulator")).toHaveCount(0);
  await expect(form(page).getByLabel("Phone number")).toHaveValue("");
  await form(page).getByLabel("Phone number").fill("one");
  await form(page).getByLabel("Token").fill("code-9003");
  await form(page).getByRole("button", { name: "Verify number" }).click();
  await expect(form(page).getByLabel("Phone number")).toHaveAttribute("aria-invalid", "true");
  await expect(form(page).getByLabel("Token")).toHaveValue("code-9003");
  await form(page).getByLabel("Phone number").fill("138 0013 8000");
  await form(page).getByRole("button", { name: "Verify number" }).click();
  await expect(form(page).getByRole("status")).toContainText("has expired");
  await expect(form(page).getByLabel("Token")).toHaveValue("");
  await form(page).getByRole("button", { name: newToken }).click();
  await expect(form(page).getByLabel("Token")).toBeFocused();
  await logInWith(page, "Captcha");
  await expect(form(page).getByLabel("Captcha content")).toBeVisible();
  await page.goto("/#code-9005");
  await expect(page.locator("#code-9005 .developer")).toContainText("TOKEN");
  await expect(page.getByRole("button", { name: /^Try/ })).toHaveCount(0);
});

test("without a login the page is the reference", async ({ page }) => {
  await pretend(page, { simulated: false, login: false });
  await page.goto("/#login");
  await expect(page.locator("details.code")).toHaveCount(59);
  await expect(page.getByRole("tab")).toHaveCount(0);
  await expect(page.locator("form")).toHaveCount(0);
  await page.goto("/#code-9018");
  await expect(page.locator("#code-9018")).toHaveAttribute("open");
});

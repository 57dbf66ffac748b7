import { answer, developer, expect, form, logInWith, test } from "./fixture.js";
import { startGateway } from "../../../../interceptor/typescript/test/gateway.js";

test.use({
  // eslint-disable-next-line no-empty-pattern -- Playwright reads what a fixture needs from here
  baseURL: async ({}, use) => {
    const gateway = await startGateway([]);
    await use(gateway.web);
    await gateway.stop();
  },
});

test("an operator's trouble is a neutral sentence with a reference", async ({ page }) => {
  await page.goto("/");
  await logInWith(page, "One click");
  const status = form(page).getByRole("status");
  await answer(page, 9018); // no money
  await form(page).getByRole("button", { name: "Log in with one click" }).click();
  await expect(status).toHaveText(
    /^The service is not available at the moment\. Please try again later\.If you ask for help, name this reference: [\w-]+$/,
  );
  await expect(status.locator(".note")).toHaveClass(/neutral/);
  await expect(status.getByRole("button")).toHaveCount(0);
  await expect(developer(page)).toContainText("No response code: the gateway hides it");
  await expect(developer(page)).not.toContainText("APPKEY_NO_MONEY");

  await page.clock.install();
  await page.goto("/");
  await page.clock.pauseAt(Date.now() + 1000);
  await logInWith(page, "One click");
  await answer(page, 9007); // over for the day
  await form(page).getByRole("button", { name: "Log in with one click" }).click();
  await expect(status).toContainText("The service is not available at the moment.");
  await expect(status.getByRole("timer")).toHaveText(/^Next try (at (11:59 PM|12:00 AM), )?in /);
});

/** A page of a running gateway, which must neither log errors nor call elsewhere. */
import { test as base, expect, type Locator, type Page } from "@playwright/test";
import { type Gateway, startGateway } from "../../../../interceptor/typescript/test/gateway.js";

/** In milliseconds, for all tests of a worker. */
const lifetime = 600_000;

export const test = base.extend<object, { gateway: Gateway }>({
  gateway: [
    // eslint-disable-next-line no-empty-pattern -- Playwright reads what a fixture needs from here
    async ({}, use) => {
      const gateway = await startGateway(["-internal"], lifetime);
      await use(gateway);
      await gateway.stop();
    },
    { scope: "worker" },
  ],
  baseURL: ({ gateway }, use) => use(gateway.web),
  page: async ({ page, baseURL }, use) => {
    const faults: string[] = [];
    page.on("pageerror", (error) => faults.push(String(error)));
    page.on("console", (message) => {
      // The browser reports each HTTP status of a failed call by itself.
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
        faults.push(message.text());
      }
    });
    page.on("request", (request) => {
      if (new URL(request.url()).origin !== new URL(baseURL ?? "").origin) {
        faults.push(`a request to ${request.url()}`);
      }
    });
    await use(page);
    expect(faults).toEqual([]);
  },
});

export { expect };

/** The form that is shown. */
export function form(page: Page): Locator {
  return page.locator("form:visible");
}

/** What the developer gets of the call that is shown. */
export function developer(page: Page): Locator {
  return page.locator(".developer:visible");
}

/** Chooses how to log in. */
export async function logInWith(page: Page, way: string): Promise<void> {
  await page.getByRole("radio", { name: way, exact: true }).check();
}

/** Has the simulator answer the next calls with a code. */
export async function answer(page: Page, code: number): Promise<void> {
  await page.locator(".picker:visible select").selectOption(String(code));
}

/** Ends all limits of the simulator, which the tests share. */
export async function endLimits(page: Page): Promise<void> {
  const response = await page.request.post("/simulator/advance", { data: { seconds: 86_400 } });
  expect(response.status()).toBe(204);
}

/** The page is told something else of its gateway. */
export async function pretend(page: Page, info: object): Promise<void> {
  await page.route("**/page.json", (route) => route.fulfill({ json: info }));
}

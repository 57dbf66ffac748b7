/** A page of a real gateway, which must neither log errors nor call elsewhere. */
import { test as base, expect, type Locator, type Page } from "@playwright/test";
import { type Gateway, startGateway } from "../../../clients/typescript/test/gateway.js";

export const test = base.extend<object, { gateway: Gateway }>({
  gateway: [
    // eslint-disable-next-line no-empty-pattern -- Playwright reads what a fixture needs from here
    async ({}, use) => {
      const gateway = await startGateway();
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

/** One of the forms, by its heading. */
export function card(page: Page, heading: string): Locator {
  return page.locator("form").filter({ has: page.getByRole("heading", { name: heading }) });
}

/** Has the simulator answer the next token or captcha with a code. */
export async function answerNext(page: Page, code: number): Promise<void> {
  await page.locator("#answer").selectOption(String(code));
}

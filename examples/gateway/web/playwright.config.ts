import { defineConfig } from "@playwright/test";

/** Debian's; Playwright's own browsers come from a place that not every machine reaches. */
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";

export default defineConfig({
  testDir: "test",
  fullyParallel: true,
  forbidOnly: process.env.CI === "true",
  workers: 2,
  // For a machine that does something else as well.
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [["list"]],
  use: {
    locale: "en-US",
    timezoneId: "Asia/Shanghai",
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath,
      // The browser's own calls home would be refused, many at a time.
      args: ["--disable-quic", "--disable-background-networking", "--disable-component-update"],
    },
  },
});

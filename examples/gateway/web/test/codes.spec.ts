import { readFileSync } from "node:fs";
import { expect, test } from "./fixture.js";

/** The decided table itself, not the options that mirror it. Some fields are quoted. */
const csv = new URL(
  "../../../../proto/jiguang/jverification/v1/testdata/response_codes.csv",
  import.meta.url,
);
const [head = [], ...published] = readFileSync(csv, "utf8").trim().split("\n").map(fields);

function fields(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"([^"]*)"|([^",]*))/g)].map((m) => m[1] ?? m[2] ?? "");
}

const codes = published.map((record) => ({
  number: record[head.indexOf("number")] ?? "",
  name: record[head.indexOf("name")] ?? "",
  notes: record[head.indexOf("notes")] ?? "",
  grpcCode: record[head.indexOf("grpc_code")] ?? "",
}));

test("the reference has every code of the decided table", async ({ page }) => {
  expect(codes).toHaveLength(49);
  await page.goto("/#codes");
  for (const [i, { number, name, notes, grpcCode }] of codes.entries()) {
    const cells = page.getByRole("row").nth(i + 1);
    await expect(cells.getByRole("rowheader")).toHaveText(number);
    await expect(cells.getByRole("cell").nth(0)).toContainText(name);
    await expect(cells.getByRole("cell").nth(0)).toContainText(notes);
    await expect(cells.getByRole("cell").nth(1)).toHaveText(grpcCode);
  }
});

for (const [query, numbers] of [
  ["9005", ["9005"]],
  ["TOKEN_EXPIRED", ["9003"]],
  ["balance", ["1805", "9018"]],
  ["upstream unknown token", ["7101", "9002", "9099"]],
  ["next day", ["9006", "9007"]],
  ["verify interval is less", ["9005"]], // the upstream's wording, which is not shown
  ["请下一小时再试", ["6005"]],
] as const) {
  test(`the search for ${query}`, async ({ page }) => {
    await page.goto("/#codes");
    await page.getByRole("searchbox", { name: "Search" }).fill(query);
    await expect(page.locator("#found")).toHaveText(`${numbers.length} of 49 codes`);
    await expect(page.getByRole("rowheader")).toHaveText([...numbers]);
  });
}

test("a search without a result says so, and is part of the address", async ({ page }) => {
  await page.goto("/#codes/no%20such%20code");
  await expect(page.locator("#found")).toHaveText("No code has all of these words.");
  await page.getByRole("searchbox").fill("9003 100%");
  await expect(page).toHaveURL(/#codes\/9003%20100%25$/);
  await page.getByRole("searchbox").fill("9003");
  await expect(page).toHaveURL(/#codes\/9003$/);
  await page.reload();
  await expect(page.getByRole("searchbox")).toHaveValue("9003");
  await expect(page.getByRole("rowheader")).toHaveText(["9003"]);
  await page.goto("/#codes/%");
  await expect(page.getByRole("searchbox")).toHaveValue("%");
});

test("every code can be tried", async ({ page }) => {
  test.slow();
  await page.goto("/#codes");
  for (const { number, name, grpcCode } of codes) {
    await page.getByRole("button", { name: `Try ${number}`, exact: true }).click();
    const trial = page.locator(`#trial-${number}`);
    const gets = trial.locator("section").nth(1);
    if (grpcCode === "OK") {
      await expect(trial.getByRole("status")).toHaveText("The call succeeded.");
      await expect(gets).toContainText(`OK ${number}`);
    } else {
      await expect(trial.locator(".note p").first()).not.toBeEmpty();
      await expect(gets).toContainText(`${number} ${name} (jverification.jiguang.cn)`);
    }
    await page.getByRole("button", { name: `Close ${number}`, exact: true }).click();
    await expect(trial).toHaveCount(0);
  }
});

test("a trial shows what the client gets", async ({ page }) => {
  await page.goto("/#codes/9005");
  await page.getByRole("button", { name: "Try 9005" }).click();
  const facts = page.locator("#trial-9005 dl > div");
  await expect(facts).toHaveText([
    /ResourceExhausted \(8\)/,
    /Verification interval for the same number is too short/,
    /9005 VERIFY_INTERVAL_BELOW_MINIMUM/,
    /END_USER/,
    /NEW_INPUT, after 30 sec/,
    /"code":"9005"/,
    /google\.rpc\.ErrorInfo, google\.rpc\.RetryInfo, google\.rpc\.QuotaFailure, google\.rpc\.LocalizedMessage/,
  ]);
});

test("a trial can be repeated when its countdown is over", async ({ page }) => {
  await page.clock.install();
  await page.goto("/#codes/9005");
  await page.getByRole("button", { name: "Try 9005" }).click();
  const again = page.getByRole("button", { name: "Get a new token" }).last();
  await expect(again).toHaveAttribute("aria-disabled", "true");
  await page.clock.fastForward(31_000);
  await again.click();
  await expect(page.locator("#trial-9005").getByRole("timer")).toBeVisible();
});

test("tabs follow the keyboard and the address", async ({ page }) => {
  await page.goto("/");
  const login = page.getByRole("tab", { name: "Log in" });
  const reference = page.getByRole("tab", { name: "Response codes" });
  await login.focus();
  await page.keyboard.press("ArrowRight");
  await expect(reference).toBeFocused();
  await expect(reference).toHaveAttribute("aria-selected", "true");
  await expect(page.getByRole("tabpanel", { name: "Response codes" })).toBeVisible();
  await expect(page).toHaveURL(/#codes$/);
  await page.keyboard.press("ArrowRight"); // around
  await expect(login).toBeFocused();
  await page.goBack();
  await expect(reference).toHaveAttribute("aria-selected", "true");
});

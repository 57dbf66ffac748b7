import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Page } from "@playwright/test";
import { answer, developer, endLimits, expect, form, test } from "./fixture.js";

const run = promisify(execFile);
const call = { name: "Call", exact: true };
const reply = { name: "Answer", exact: true };

async function fail(page: Page, code: number): Promise<void> {
  await page.goto("/");
  await answer(page, code);
  await form(page).getByRole("button", { name: "Verify number" }).click();
  await expect(form(page).locator(".note")).toBeVisible();
}

async function snippet(page: Page, language: string): Promise<string> {
  await developer(page).getByRole("radio", { name: language }).check();
  return developer(page).getByRole("region", call).innerText();
}

test("before a call there is the call, and a word that there is no answer", async ({ page }) => {
  await page.goto("/");
  await expect(developer(page).getByRole("region", call)).toContainText("13800138000");
  await expect(developer(page)).toContainText("No call was made yet.");
});

test("a failing code leads to its entry, beside what the end user sees", async ({ page }) => {
  await fail(page, 9018);
  await expect(form(page).locator(".note")).toHaveText(/^The service is not available/);
  const facts = developer(page).locator(".facts");
  await expect(facts).toContainText("FAILED_PRECONDITION HTTP 400");
  await expect(facts).toContainText("Operator");
  await expect(facts).toContainText("After the operator has acted");
  await facts.getByRole("link", { name: "9018 APPKEY_NO_MONEY" }).click();
  await expect(page).toHaveURL(/#code-9018$/);
  const entry = page.locator("#code-9018");
  await expect(entry).toHaveAttribute("open");
  await expect(entry.locator("summary")).toBeFocused();
  await expect(entry.locator("summary")).toBeInViewport();
});

test("the answer is the status that REST sends", async ({ page }) => {
  await fail(page, 9005);
  const shown = JSON.parse(await developer(page).getByRole("region", reply).innerText()) as object;
  const sent = await page.request.post("/v1/numbers:verify", {
    data: { phone: "13800138000", token: "code-9005" },
    headers: { "accept-language": "en-US" },
  });
  expect(sent.status()).toBe(429);
  const { code, message, details } = (await sent.json()) as Record<string, unknown>;
  expect(shown).toEqual({ code, status: "RESOURCE_EXHAUSTED", message, details });
});

test("a success is shown as JSON too", async ({ page }) => {
  await page.goto("/");
  await endLimits(page);
  await form(page).getByRole("button", { name: "Verify number" }).click();
  await expect(developer(page).getByRole("link", { name: "9000 VERIFY_CONSISTENT" })).toBeVisible();
  const shown = await developer(page).getByRole("region", reply).innerText();
  expect(JSON.parse(shown)).toMatchObject({ code: "RESPONSE_CODE_VERIFY_CONSISTENT" });
});

test("the call can be copied", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto("/");
  await developer(page).getByRole("button", { name: "Copy (Call)" }).click();
  await expect(developer(page).getByRole("button", { name: "Copied (Call)" })).toBeVisible();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toBe(await developer(page).getByRole("region", call).innerText());
});

test("without a clipboard the call is selected", async ({ page }) => {
  await page.addInitScript(() => Object.defineProperty(navigator, "clipboard", {}));
  await page.goto("/");
  await developer(page).getByRole("button", { name: "Copy (Call)" }).click();
  await expect(developer(page).getByRole("button", { name: "Selected (Call)" })).toBeVisible();
  const selected = await page.evaluate(() => getSelection()?.toString());
  expect(selected).toBe(await developer(page).getByRole("region", call).innerText());
});

test("the call as curl gets the same code", async ({ page }) => {
  await fail(page, 9005);
  const { stdout } = await run("sh", ["-c", await snippet(page, "curl")]);
  expect(JSON.parse(stdout)).toMatchObject({ code: "resource_exhausted" });
});

/** Runs code of the page in a folder of its own, within a module that has what it imports. */
async function runAs(parent: string, name: string, source: string, command: string[]) {
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, "snippet-"));
  try {
    await writeFile(join(folder, name), source);
    const [program = "", ...args] = command;
    return await run(program, args, { cwd: folder });
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("the call as TypeScript gets the same code", async ({ page }) => {
  await fail(page, 9005);
  const source = await snippet(page, "TypeScript"); // no types of its own: JavaScript as well
  const { stdout } = await runAs("node_modules/.cache", "call.mjs", source, ["node", "call.mjs"]);
  expect(stdout).toMatch(/^this is 9005\nVERIFY_INTERVAL_BELOW_MINIMUM/);
});

test("the call as Go gets the same code", async ({ page }) => {
  test.slow(); // it compiles gRPC
  await fail(page, 9005);
  const source = await snippet(page, "Go");
  const { stdout } = await runAs("test-results", "main.go", source, ["go", "run", "main.go"]);
  expect(stdout).toMatch(/^9005 VERIFY_INTERVAL_BELOW_MINIMUM FAULT_END_USER 30s\nthis is 9005\n/);
});

test("every method's call is valid Go and curl", async ({ page }) => {
  test.slow();
  for (const code of [1802, 6003, 8001, 9202]) {
    await page.goto(`/#code-${code}`);
    await page.reload(); // closes the others
    const { stdout } = await run("sh", ["-c", await snippet(page, "curl")]);
    expect(stdout, `${code}`).toContain('"details"');
    const source = await snippet(page, "Go");
    await runAs("test-results", "main.go", source, ["go", "vet", "main.go"]);
    const script = await snippet(page, "TypeScript");
    const ran = await runAs("node_modules/.cache", "call.mjs", script, ["node", "call.mjs"]);
    expect(ran.stdout, `${code}`).toContain(`this is ${code}`);
  }
});

import { readFileSync } from "node:fs";
import { getOption } from "@bufbuild/protobuf";
import {
  code as codeOption,
  method as methodOption,
} from "@codetable/proto/codetable/v1/codetable_pb.js";
import { GatewayCodeSchema } from "@codetable/jverification/jiguang/jverification/v1/gateway_code_pb.js";
import { ResponseCodeSchema } from "@codetable/jverification/jiguang/jverification/v1/response_code_pb.js";
import { VerificationService } from "@codetable/jverification/jiguang/jverification/v1/verification_service_pb.js";
import { endLimits, expect, test } from "./fixture.js";

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
  fault: record[head.indexOf("fault")] ?? "",
}));

test("the reference has a line for every code of the decided table", async ({ page }) => {
  expect(codes).toHaveLength(49);
  await page.goto("/#codes");
  await expect(page.locator("#found")).toHaveText("59 codes");
  for (const { number, name, notes, grpcCode } of codes) {
    const line = page.locator(`#code-${number} > summary`);
    await expect(line.locator(".number")).toHaveText(number);
    await expect(line.locator(".meaning")).toHaveText(notes);
    await expect(line.locator(".reason")).toHaveText(name);
    await expect(line.locator(".status")).toHaveText(`${grpcCode} ${httpOf[grpcCode] ?? ""}`);
  }
});

/** As google.rpc.Code documents them. */
const httpOf: Readonly<Record<string, string>> = {
  OK: "200",
  UNKNOWN: "500",
  INVALID_ARGUMENT: "400",
  NOT_FOUND: "404",
  ALREADY_EXISTS: "409",
  PERMISSION_DENIED: "403",
  RESOURCE_EXHAUSTED: "429",
  FAILED_PRECONDITION: "400",
  ABORTED: "409",
  UNIMPLEMENTED: "501",
  INTERNAL: "500",
  UNAUTHENTICATED: "401",
};

test("a line opens to the resolution, the methods and links", async ({ page }) => {
  test.slow();
  await page.goto("/#codes");
  for (const [desc, anchor] of [
    [ResponseCodeSchema, "code"],
    [GatewayCodeSchema, "gateway-code"],
  ] as const) {
    for (const value of desc.values) {
      const { description, resolution } = getOption(value, codeOption);
      const reason = value.name.slice((desc.sharedPrefix ?? "").length);
      const methods = VerificationService.methods
        .filter((method) =>
          getOption(method, methodOption).codes.some(({ reasons }) => reasons.includes(reason)),
        )
        .map(({ name }) => name);
      const entry = page.locator(`#${anchor}-${value.number}`);
      await entry.locator("summary").click();
      const facts = entry.locator(".body > .facts");
      await expect(facts).toContainText(resolution.replaceAll("`", ""));
      await expect(facts.locator(".method")).toHaveText(methods);
      await expect(facts.locator("[lang=en]")).toHaveText(description);
      await expect(facts.getByRole("link")).toHaveAttribute("href", `#${value.name}`);
      await entry.locator("summary").click();
    }
  }
});

test("the codes are grouped by family, or by who must act", async ({ page }) => {
  await page.goto("/#codes");
  const groups = page.locator(".group h3");
  await expect(groups).toHaveText([
    "Risk query 7",
    "Captcha 15",
    "Number verification 6",
    "One-click login 3",
    "Verification and login 14",
    "Activation of one-click login 4",
    "Found by the gateway 10",
  ]);
  await page.getByRole("radio", { name: "Who must act" }).check();
  const count = (fault: string) => codes.filter((code) => code.fault === fault).length;
  const first = page.locator(".table").first().locator(".group h3");
  await expect(first).toHaveText([
    `End user ${count("END_USER")}`,
    `Caller ${count("CALLER")}`,
    `Operator ${count("OPERATOR")}`,
    `Upstream ${count("UPSTREAM")}`,
    `Nobody ${count("")}`,
  ]);
});

for (const fragment of ["code-9018", "RESPONSE_CODE_APPKEY_NO_MONEY"]) {
  test(`#${fragment} leads to the code`, async ({ page }) => {
    await page.goto(`/#${fragment}`);
    const entry = page.locator("#code-9018");
    await expect(entry).toHaveAttribute("open");
    await expect(entry.locator("summary")).toBeInViewport();
    await expect(entry.locator("summary")).toBeFocused();
    await expect(page.locator("details[open]")).toHaveCount(1);
    await page.goto("/#GATEWAY_CODE_OVERLOADED"); // without loading the page anew
    await expect(page.locator("#gateway-code-1")).toHaveAttribute("open");
  });
}

for (const [query, numbers] of [
  ["9005", ["9005"]],
  ["TOKEN_EXPIRED", ["9003"]],
  ["RESPONSE_CODE_TOKEN_INVALID", ["9021"]],
  ["GATEWAY_CODE_OVERLOADED", ["1"]],
  ["balance 400", ["1805", "9018"]],
  ["余额", ["1805", "9018"]],
  ["upstream UNKNOWN_RESULT", ["9002"]],
  ["On the next day", ["9006", "9007"]],
  ["verify interval is less", ["9005"]], // the upstream's wording
  ["请下一小时再试", ["6005"]],
  ["ALREADY_EXISTS", ["9203"]],
  ["EnableOneClickLogin HTTP 404", ["9202"]],
  ["QUOTA_FAILURE phone", ["9005", "9006"]],
  ["４２９", ["1804", "6005", "9005", "9006", "9007", "9019", "2"]],
  ["429", ["1804", "6005", "9005", "9006", "9007", "9019", "2"]],
  ["ResourceExhausted", ["1804", "6005", "9005", "9006", "9007", "9019", "2"]],
  ["RESOURCE_EXHAUSTED", ["1804", "6005", "9005", "9006", "9007", "9019", "2"]],
] as const) {
  test(`the search for ${query}`, async ({ page }) => {
    await page.goto("/#codes");
    await page.getByRole("searchbox", { name: "Search" }).fill(query);
    await expect(page.locator("#found")).toHaveText(`${numbers.length} of 59 codes`);
    const found = await page.locator("summary .number").allInnerTexts();
    expect(found.sort()).toEqual([...numbers].sort());
  });
}

test("the search finds every line that the reference prints", async ({ page }) => {
  await page.goto("/#codes");
  const entry = page.locator("#code-9022");
  await entry.locator("summary").click();
  const printed = await entry
    .locator("summary span, summary code, .body > .facts dd")
    .allInnerTexts();
  expect(printed.length).toBeGreaterThan(10);
  for (const text of printed) {
    await page.getByRole("searchbox").fill(text.replace(/^#/, ""));
    await expect(entry, text).toBeVisible();
  }
});

test("a search without a result says so, and is part of the address", async ({ page }) => {
  await page.goto("/#codes/no%20such%20code%20there");
  await expect(page.locator("#found")).toHaveText("No code has all of these words.");
  await page.getByRole("button", { name: "Show all codes" }).click();
  await expect(page.locator("#found")).toHaveText("59 codes");
  await page.getByRole("searchbox").fill("9003 100%");
  await expect(page).toHaveURL(/#codes\/9003%20100%25$/);
  await page.getByRole("searchbox").fill("9003");
  await expect(page).toHaveURL(/#codes\/9003$/);
  await page.reload();
  await expect(page.getByRole("searchbox")).toHaveValue("9003");
  await expect(page.locator("summary .number")).toHaveText(["9003"]);
  await page.goto("/#codes/%");
  await expect(page.getByRole("searchbox")).toHaveValue("%");
});

test("every code of the upstream can be tried", async ({ page }) => {
  test.slow();
  for (const { number, name, grpcCode } of codes) {
    await page.goto(`/#code-${number}`);
    const entry = page.locator(`#code-${number}`);
    await entry.getByRole("button", { name: `Try ${number}`, exact: true }).click();
    const link = entry.getByRole("link", { name: `${number} ${name}`, exact: true });
    await expect(link).toBeVisible();
    if (grpcCode === "OK") {
      await expect(entry.getByRole("status")).toHaveText("The call succeeded.");
    } else {
      await expect(entry.locator(".note p").first()).not.toBeEmpty();
    }
  }
});

for (const reason of ["UPSTREAM_NO_ANSWER", "UPSTREAM_UNINTELLIGIBLE"]) {
  test(`${reason} of the gateway itself can be tried`, async ({ page }) => {
    await page.goto(`/#GATEWAY_CODE_${reason}`);
    const entry = page.locator("details[open]");
    await entry.getByRole("button", { name: /^Try/ }).click();
    await expect(entry.getByRole("link", { name: new RegExp(` ${reason}$`) })).toBeVisible();
  });
}

test("a trial can be repeated when its wait is skipped", async ({ page }) => {
  await page.goto("/#code-9005");
  await endLimits(page);
  const entry = page.locator("#code-9005");
  await entry.getByRole("button", { name: "Try 9005" }).click();
  const again = entry.getByRole("button", { name: "Try again with a new token" });
  await expect(again).toHaveAttribute("aria-disabled", "true");
  await entry.getByRole("button", { name: "Skip the wait" }).click();
  await again.click();
  await expect(entry.getByRole("timer")).toBeVisible();
});

test("tabs follow the keyboard and the address", async ({ page }) => {
  await page.goto("/");
  const login = page.getByRole("tab", { name: "Try a login" });
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

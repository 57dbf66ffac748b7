import { getOption } from "@bufbuild/protobuf";
import {
  code as codeOption,
  Fault,
  RetryAction,
  method as methodOption,
  table as tableOption,
} from "@codetable/proto/codetable/v1/codetable_pb.js";
import { GrpcCode } from "@codetable/proto/codetable/v1/grpc_code_pb.js";
import { GatewayCodeSchema } from "@codetable/jverification/jiguang/jverification/v1/gateway_code_pb.js";
import { ResponseCodeSchema } from "@codetable/jverification/jiguang/jverification/v1/response_code_pb.js";
import { VerificationService } from "@codetable/jverification/jiguang/jverification/v1/verification_service_pb.js";
import { codesInChinese } from "../src/text/codes-zh.js";
import { answer, endLimits, expect, form, logInWith, test } from "./fixture.js";

const { domain, defaultUserMessages: defaults } = getOption(ResponseCodeSchema, tableOption);
const methods = VerificationService.method;

/** The failing codes that a method declares. */
function failuresOf(method: (typeof VerificationService.methods)[number]) {
  const { codes } = getOption(method, methodOption);
  const reasons = codes.filter((one) => one.domain === domain).flatMap((one) => one.reasons);
  return ResponseCodeSchema.values
    .filter(({ name }) => reasons.includes(name.replace("RESPONSE_CODE_", "")))
    .map((value) => ({ number: value.number, options: getOption(value, codeOption) }))
    .filter(({ options }) => options.grpcCode !== GrpcCode.OK);
}

/** What no end user has to know, whatever the upstream says. */
const operatorWords = /balance|money|quota|app ?key|credential|auth|config|余额|配额|密钥|配置/i;

const pages = [
  {
    locale: "en-US",
    tag: "en",
    h1: /^This gateway turns/,
    fresh: "Try again with a new token",
    same: "Try again",
    ways: { "Phone number": methods.verifyNumber, "One click": methods.exchangeLoginToken },
    captcha: "Captcha",
    captchaFresh: "Do the captcha again",
  },
  {
    locale: "zh-CN",
    tag: "zh-CN",
    h1: /^本网关把极光认证/,
    fresh: "获取新的 token 并重试",
    same: "重试",
    ways: { 手机号: methods.verifyNumber, 一键登录: methods.exchangeLoginToken },
    captcha: "人机验证",
    captchaFresh: "重新进行人机验证",
  },
];

for (const { locale, tag, h1, fresh, same, ways, captcha, captchaFresh } of pages) {
  test.describe(locale, () => {
    test.use({ locale });

    for (const [way, method] of Object.entries({ ...ways, [captcha]: methods.checkCaptcha })) {
      test(`every failing code of ${way} has its sentence and its next step`, async ({ page }) => {
        test.slow();
        await page.clock.install();
        await page.goto("/");
        await expect(page.getByRole("heading", { level: 1 })).toHaveText(h1);
        await logInWith(page, way);
        const note = form(page).locator(".note");
        for (const { number, options } of failuresOf(method)) {
          await endLimits(page);
          await answer(page, number);
          if (way === captcha) {
            await form(page).getByRole("checkbox").check();
          }
          await form(page).locator("button[type=submit]").click();
          const sentence = options.userMessages[tag] ?? defaults[tag] ?? "";
          await expect(note.locator("p").first(), `${number}`).toHaveText(sentence);
          const mine = options.fault === Fault.END_USER || options.fault === Fault.CALLER;
          await expect(note, `${number}`).toHaveClass(mine ? "note mine" : "note neutral");
          if (options.fault === Fault.OPERATOR) {
            expect(await note.innerText(), `${number}`).not.toMatch(operatorWords);
          }
          await page.clock.fastForward("24:00:01"); // no countdown is longer
          await expect(form(page).getByRole("timer")).toHaveCount(0);
          const next = nextStep(options.retry?.action, way === captcha ? captchaFresh : fresh);
          await expect(note.getByRole("button"), `${number}`).toHaveText(next);
          for (const button of way === captcha ? [] : next) {
            await note.getByRole("button", { name: button, exact: true }).click();
            await expect(note, `${number}`).toHaveClass("note good");
          }
        }
      });
    }

    function nextStep(action: RetryAction | undefined, fresh: string): string[] {
      switch (action) {
        case RetryAction.SAME_REQUEST:
          return [same];
        case RetryAction.NEW_INPUT:
        case RetryAction.NEXT_WINDOW:
          return [fresh];
        default:
          return [];
      }
    }
  });
}

test("the page has every code in Chinese", () => {
  const names = [ResponseCodeSchema, GatewayCodeSchema].flatMap((desc) =>
    desc.values.map(({ name }) => name.slice((desc.sharedPrefix ?? "").length)),
  );
  expect(Object.keys(codesInChinese).sort()).toEqual(names.sort());
  for (const [reason, texts] of Object.entries(codesInChinese)) {
    for (const text of texts) {
      expect(text, reason).toMatch(/[\u4e00-\u9fff]/);
      expect(text, reason).not.toMatch(/[a-z]+ [a-z]+ [a-z]+/); // an English sentence
    }
  }
});

test.describe("in Chinese", () => {
  test.use({ locale: "zh-CN" });

  test("nothing but names and code is in English", async ({ page }) => {
    test.slow();
    await page.goto("/#codes");
    await expect(page.locator("details")).toHaveCount(59);
    const open = (details: Element[]) =>
      details.forEach((one) => ((one as HTMLDetailsElement).open = true));
    await page.locator("details").evaluateAll(open);
    await expect(page.locator(".body")).toHaveCount(59);
    const texts = await page.evaluate(() => {
      const found: string[] = [];
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const text = node.textContent?.trim() ?? "";
        if (text !== "" && !node.parentElement?.closest("code, pre")) {
          found.push(text);
        }
      }
      return found;
    });
    const names = ["codetable gateway", "curl", "Go", "TypeScript", "HTTP"];
    const foreign = texts.filter(
      (text) => /[A-Za-z]/.test(text) && !/[\u4e00-\u9fff]/.test(text) && !names.includes(text),
    );
    expect(foreign).toEqual([]);
    expect(texts.length).toBeGreaterThan(59 * 8);
  });
});

for (const [locale, lang, sentence] of [
  ["zh-TW", "zh-CN", "服务暂时不可用，请稍后再试。"],
  ["fr-FR", "en", "The service is not available at the moment. Please try again later."],
] as const) {
  test.describe(locale, () => {
    test.use({ locale });

    test(`a browser of ${locale} is answered in ${lang}`, async ({ page }) => {
      await page.goto("/");
      await expect(page.locator("html")).toHaveAttribute("lang", lang);
      await answer(page, 9018);
      await form(page).locator("button[type=submit]").click();
      await expect(form(page).locator(".note p").first()).toHaveText(sentence);
    });
  });
}

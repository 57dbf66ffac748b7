import { getOption } from "@bufbuild/protobuf";
import {
  code as codeOption,
  Fault,
  RetryAction,
  table as tableOption,
} from "@codetable/jverification/codetable/v1/codetable_pb.js";
import { GrpcCode } from "@codetable/jverification/codetable/v1/grpc_code_pb.js";
import { ResponseCodeSchema } from "@codetable/jverification/jiguang/jverification/v1/response_code_pb.js";
import { answerNext, expect, test } from "./fixture.js";

const failures = ResponseCodeSchema.values
  .map((value) => ({ number: value.number, options: getOption(value, codeOption) }))
  .filter(({ options }) => options.grpcCode !== GrpcCode.OK);
const defaults = getOption(ResponseCodeSchema, tableOption).defaultUserMessages;

/** What no end user has to know, whatever the upstream says. */
const operatorWords = /balance|money|quota|app ?key|credential|auth|config|余额|配额|密钥|配置/i;

const pages = [
  {
    locale: "en-US",
    tag: "en",
    h1: "Log in",
    fresh: "Get a new token",
    same: "Try again",
    success: "You are logged in.",
  },
  {
    locale: "zh-CN",
    tag: "zh-CN",
    h1: "登录",
    fresh: "获取新的 token",
    same: "重试",
    success: "登录成功。",
  },
];

for (const { locale, tag, h1, fresh, same, success } of pages) {
  test.describe(locale, () => {
    test.use({ locale });

    test("every failing code has its sentence, and its next step", async ({ page }) => {
      test.slow();
      await page.clock.install();
      await page.goto("/");
      await expect(page.getByRole("heading", { level: 1 })).toHaveText(h1);
      const form = page.locator("form").nth(1);
      const note = form.locator(".note");
      for (const { number, options } of failures) {
        await answerNext(page, number);
        await form.locator("button[type=submit]").click();
        const sentence = options.userMessages[tag] ?? defaults[tag] ?? "";
        await expect(note.locator("p").first(), `${number}`).toHaveText(sentence);
        const mine = options.fault === Fault.END_USER || options.fault === Fault.CALLER;
        await expect(note, `${number}`).toHaveClass(mine ? "note mine" : "note neutral");
        if (options.fault === Fault.OPERATOR) {
          expect(await note.innerText(), `${number}`).not.toMatch(operatorWords);
        }
        const buttons = await note.getByRole("button").allInnerTexts();
        expect(buttons, `${number}`).toEqual(nextStep(options.retry?.action));
        await page.clock.fastForward("24:00:01"); // no countdown is longer
        await expect(form.getByRole("timer")).toHaveCount(0);
        for (const button of buttons) {
          await note.getByRole("button", { name: button }).click();
          await expect(note, `${number}`).toHaveText(success);
        }
      }
    });

    function nextStep(action: RetryAction | undefined): string[] {
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

for (const [locale, lang, sentence] of [
  ["zh-TW", "zh-CN", "服务暂时不可用，请稍后再试。"],
  ["fr-FR", "en", "The service is not available at the moment. Please try again later."],
] as const) {
  test.describe(locale, () => {
    test.use({ locale });

    test(`a browser of ${locale} is answered in ${lang}`, async ({ page }) => {
      await page.goto("/");
      await expect(page.locator("html")).toHaveAttribute("lang", lang);
      await answerNext(page, 9018);
      const form = page.locator("form").nth(1);
      await form.getByRole("button").click();
      await expect(form.locator(".note p").first()).toHaveText(sentence);
    });
  });
}

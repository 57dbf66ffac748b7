/**
 * What the page itself says, in English and Chinese. The sentences about a
 * failure are not here: they come from the table.
 */
import { Fault } from "@codetable/jverification/codetable/v1/codetable_pb.js";

/** The languages of the browser, the best first; English ends the list. */
export const languages: readonly string[] = [...navigator.languages, "en"];

/** Takes the first language in which there is a text. */
export function inLanguage(find: (locale: string) => string): string {
  return languages.map(find).find((found) => found !== "") ?? "";
}

const en = {
  loginTab: "Log in",
  codesTab: "Response codes",
  simulator: "Simulator",
  simulatorNote: "Every answer on this page comes from the simulator inside the gateway.",

  number: "Phone number",
  numberIntro: "Is this the number of the phone the token was made on?",
  phone: "Phone number",
  phoneHint: "Digits, with an optional + before them",
  token: "Token",
  tokenHint: "Good for one use. The JVerification SDK makes it",
  tokenHintSimulated: "Good for one use. code-9005 makes the simulator answer 9005",
  getToken: "Get a token",
  verify: "Verify number",
  verified: "This is the number of the phone.",

  oneClick: "One-click login",
  oneClickIntro: "Log in with the number of this phone, without typing it.",
  loginToken: "Login token",
  logIn: "Log in with one click",
  loggedIn: (phone: string) =>
    phone === "" ? "You are logged in." : `You are logged in: ${phone}`,

  captcha: "Captcha",
  captchaIntro: "Show that a person is here.",
  captchaContent: "Captcha content",
  robot: "I am not a robot",
  checkCaptcha: "Check captcha",
  captchaPassed: "The captcha was passed.",

  answerLabel: "Answer to the next token or captcha",
  answerAsIs: "By the simulator's own rules",
  answerHint: "A code is answered once. Follow the advice of the page, and the next try succeeds.",

  busy: "One moment…",
  unreachable: "The service could not be reached. Please check your connection and try again.",
  again: "Try again",
  newToken: "Get a new token",
  newCaptcha: "Do the captcha again",
  wait: (time: string) => `Next try in ${time}`,
  waitUntil: (time: string, clock: string) => `Next try at ${clock}, in ${time}`,
  ready: "The next try can be made now.",
  reference: (id: string) => `If you ask for help, name this reference: ${id}`,
  wrongField: "Please check this field.",

  codesIntro: (count: number) => `All ${count} codes, as the options of the enum describe them.`,
  published: "The published table",
  search: "Search",
  searchHint: "A number, a name, a gRPC status or words",
  found: (count: number, all: number) => `${count} of ${all} codes`,
  nothing: "No code has all of these words.",
  code: "Code",
  meaning: "Meaning",
  grpcStatus: "gRPC status",
  whoActs: "Who must act",
  retry: "Retry",
  tryIt: "Try it",
  tryCode: (code: number) => `Try ${code}`,
  closeCode: (code: number) => `Close ${code}`,
  close: "Close",
  endUserSees: "What the end user sees",
  clientGets: "What the client gets",
  succeeded: "The call succeeded.",
  message: "Message",
  metadata: "Metadata",
  details: "Details",
  noReading: "No response code: a public boundary masks it, or none was sent.",

  fault: {
    [Fault.UNSPECIFIED]: "Nobody",
    [Fault.CALLER]: "Caller",
    [Fault.END_USER]: "End user",
    [Fault.OPERATOR]: "Operator",
    [Fault.UPSTREAM]: "Upstream",
  },
  never: "Never",
  sameRequest: (after: string) => `Same request${after}`,
  newInput: (after: string) => `New token or captcha${after}`,
  nextHour: "In the next hour",
  nextDay: "On the next day",
  operatorAction: "After the operator has acted",
  confirmOutcome: (after: string) => `After the outcome is known${after}`,
  after: (time: string) => `, after ${time}`,
};

export type Text = typeof en;

const zh: Text = {
  loginTab: "登录",
  codesTab: "响应码",
  simulator: "模拟器",
  simulatorNote: "本页面的所有应答均来自网关内置的模拟器。",

  number: "手机号验证",
  numberIntro: "该号码是否为生成 token 的手机的号码？",
  phone: "手机号",
  phoneHint: "数字，前面可加 +",
  token: "Token",
  tokenHint: "仅可使用一次，由 JVerification SDK 生成",
  tokenHintSimulated: "仅可使用一次。code-9005 会让模拟器返回 9005",
  getToken: "获取 token",
  verify: "验证号码",
  verified: "号码一致，验证通过。",

  oneClick: "一键登录",
  oneClickIntro: "使用本机号码登录，无需输入。",
  loginToken: "登录 token",
  logIn: "本机号码一键登录",
  loggedIn: (phone) => (phone === "" ? "登录成功。" : `登录成功：${phone}`),

  captcha: "人机验证",
  captchaIntro: "请证明您不是机器人。",
  captchaContent: "验证内容",
  robot: "我不是机器人",
  checkCaptcha: "提交验证",
  captchaPassed: "人机验证通过。",

  answerLabel: "下一个 token 或验证的应答",
  answerAsIs: "按模拟器自身规则",
  answerHint: "所选响应码只返回一次；随后按页面提示操作即可成功。",

  busy: "请稍候…",
  unreachable: "无法连接服务，请检查网络后重试。",
  again: "重试",
  newToken: "获取新的 token",
  newCaptcha: "重新进行人机验证",
  wait: (time) => `${time}后可重试`,
  waitUntil: (time, clock) => `${clock}可重试，还需${time}`,
  ready: "现在可以重试。",
  reference: (id) => `如需帮助，请提供此编号：${id}`,
  wrongField: "请检查此项。",

  codesIntro: (count) => `全部 ${count} 个响应码，内容取自枚举的选项。`,
  published: "官方响应码表",
  search: "搜索",
  searchHint: "数字、名称、gRPC 状态或文字",
  found: (count, all) => `${count} / ${all} 个响应码`,
  nothing: "没有符合的响应码。",
  code: "响应码",
  meaning: "含义",
  grpcStatus: "gRPC 状态",
  whoActs: "处理方",
  retry: "重试",
  tryIt: "试一试",
  tryCode: (code) => `试一试 ${code}`,
  closeCode: (code) => `关闭 ${code}`,
  close: "关闭",
  endUserSees: "终端用户看到的内容",
  clientGets: "客户端收到的内容",
  succeeded: "调用成功。",
  message: "消息",
  metadata: "元数据",
  details: "详情",
  noReading: "没有响应码：被公共边界隐藏，或未发送。",

  fault: {
    [Fault.UNSPECIFIED]: "无",
    [Fault.CALLER]: "调用方",
    [Fault.END_USER]: "终端用户",
    [Fault.OPERATOR]: "运营方",
    [Fault.UPSTREAM]: "上游",
  },
  never: "不可重试",
  sameRequest: (after) => `相同请求${after}`,
  newInput: (after) => `新的 token 或验证${after}`,
  nextHour: "下一小时",
  nextDay: "次日",
  operatorAction: "运营方处理之后",
  confirmOutcome: (after) => `确认结果之后${after}`,
  after: (time) => `，${time}后`,
};

const texts = new Map([
  ["en", en],
  ["zh", zh],
]);

/** The language that the page speaks; not all of the table's need be among them. */
export const language =
  languages.map((tag) => tag.split("-", 1)[0] ?? "").find((tag) => texts.has(tag)) ?? "en";
export const text = texts.get(language) ?? en;

const amount = (unit: string) =>
  new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short" });
const units = { hour: amount("hour"), minute: amount("minute"), second: amount("second") };

/** Such as "1 hr 5 min" or "30 sec". Seconds do not matter where hours do. */
export function duration(seconds: number): string {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const parts = [
    hours > 0 && units.hour.format(hours),
    minutes > 0 && units.minute.format(minutes),
    hours === 0 && (seconds % 60 > 0 || minutes === 0) && units.second.format(seconds % 60),
  ];
  return parts.filter((part) => part !== false).join(" ");
}

/** The time of day, in the zone of the browser. */
export function clock(time: number): string {
  return new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit" }).format(time);
}

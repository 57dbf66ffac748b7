import "./style/base.css";
import "./style/controls.css";
import "./style/views.css";
import { render } from "preact";
import { App } from "./app.js";
import { loadInfo } from "./service.js";
import { language } from "./language.js";
import { text } from "./text.js";

const root = document.getElementById("app");
if (root === null) {
  throw new Error("index.html has no #app");
}
document.documentElement.lang = language === "zh" ? "zh-CN" : language;
try {
  render(<App info={await loadInfo()} />, root);
} catch (error) {
  console.error(error);
  render(<p role="alert">{text.unreachable}</p>, root);
}

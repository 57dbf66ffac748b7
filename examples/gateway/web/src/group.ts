/** How the reference groups the codes. */
import { Fault } from "@codetable/proto/codetable/v1/codetable_pb.js";
import type { Row } from "./table.js";
import { text } from "./text.js";

export type Family = keyof typeof text.family;
export type Grouping = "family" | "fault";

export interface Group {
  readonly title: string;
  readonly hint: string;
  readonly rows: readonly Row[];
}

/** The upstream publishes one list; its wording says what belongs together. */
export function familyOf(domain: string, number: number): Family {
  if (domain !== "jverification.jiguang.cn") {
    return "gateway";
  }
  if (number <= 2000) {
    return "risk";
  }
  if (number <= 7112) {
    return "captcha";
  }
  if (number <= 8001 || number === 9022) {
    return "login";
  }
  if ([9000, 9001, 9002, 9005, 9006, 9007].includes(number)) {
    return "verify";
  }
  return number < 9200 ? "both" : "activation";
}

const faults = [Fault.END_USER, Fault.CALLER, Fault.OPERATOR, Fault.UPSTREAM, Fault.UNSPECIFIED];

/** Groups rows; a group without rows is left out. */
export function grouped(rows: readonly Row[], by: Grouping): readonly Group[] {
  const groups =
    by === "fault"
      ? faults.map((fault) => ({
          title: text.fault[fault],
          hint: text.faultHint[fault],
          rows: rows.filter((row) => row.fault === fault),
        }))
      : (Object.keys(text.family) as Family[]).map((family) => ({
          title: text.family[family],
          hint: "",
          rows: rows.filter((row) => row.family === family),
        }));
  return groups.filter((group) => group.rows.length > 0);
}

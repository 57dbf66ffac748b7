package plugin_test

// change replaces a text that occurs once in the files of testdata/shop. Without
// an old text it adds a file.
type change struct {
	name     string // what it does
	rule     string // the rule that reports it
	text     string // part of the report
	old, new string
}

// The faults that the rules find, at least one for each rule.
var faults = []change{
	{"table without option", "CODETABLE_OPTIONS", "option (codetable.v1.table) is missing", "", noTable},
	{"code without option", "CODETABLE_OPTIONS", "option (codetable.v1.code) is missing", "// The shop is busy.", "// New.\n  SHOP_CODE_NEW = 9;\n  // The shop is busy."},

	{"no domain", "CODETABLE_DOMAIN", `domain ""`, `    domain: "shop.acme.example"` + "\n    time_zone", "    time_zone"},
	{"domain that is no name", "CODETABLE_DOMAIN", `domain "Shop"`, `domain: "shop.acme.example"` + "\n    time_zone", `domain: "Shop"` + "\n    time_zone"},
	{"shared domain", "CODETABLE_DOMAIN", "is already used by enum acme.shop.v1.OtherCode", "// OrderRequest names", otherTable + "// OrderRequest names"},

	{"unknown time zone", "CODETABLE_TIME_ZONE", `time_zone "Mars/Olympus"`, `time_zone: "Asia/Shanghai"`, `time_zone: "Mars/Olympus"`},
	{"time zone of the machine", "CODETABLE_TIME_ZONE", `time_zone "Local"`, `time_zone: "Asia/Shanghai"`, `time_zone: "Local"`},

	{"help without TLS", "CODETABLE_HELP_URL", "want an absolute https URL", `"https://shop.acme.example/codes/{reason}"`, `"http://shop.acme.example/codes/{reason}"`},
	{"unknown placeholder", "CODETABLE_HELP_URL", "no placeholder but", `"https://shop.acme.example/codes/{reason}"`, `"https://shop.acme.example/codes/{code}"`},

	{"locale that is no tag", "CODETABLE_USER_MESSAGES", "want a BCP 47 language tag", `key: "en"` + "\n      value: \"This", `key: "english language"` + "\n      value: \"This"},
	{"empty sentence", "CODETABLE_USER_MESSAGES", "is empty", `"This article is sold out."`, `" "`},
	{"language of the table is missing", "CODETABLE_USER_MESSAGES", `no sentence for locale "en", which default_user_messages has`, `key: "en"` + "\n      value: \"This", `key: "de"` + "\n      value: \"This"},
	{"no default locale", "CODETABLE_USER_MESSAGES", "default_locale is missing", `    default_locale: "en"` + "\n", ""},
	{"default locale without sentence", "CODETABLE_USER_MESSAGES", `default_locale "de"`, `default_locale: "en"`, `default_locale: "de"`},

	{"name without prefix", "CODETABLE_REASON", `does not begin with "SHOP_CODE_"`, "SHOP_CODE_SOLD_OUT = 1 [", "SOLD_OUT = 1 ["},
	{"reason against AIP-193", "CODETABLE_REASON", `reason "sold-out"`, `    notes: "The article is sold out"`, `    reason: "sold-out"` + "\n" + `    notes: "The article is sold out"`},
	{"long reason", "CODETABLE_REASON", "want at most 63", `    notes: "The article is sold out"`, `    reason: "A23456789012345678901234567890123456789012345678901234567890ABCD"` + "\n" + `    notes: "The article is sold out"`},
	{"reserved reason", "CODETABLE_REASON", "is reserved", `    notes: "The article is sold out"`, `    reason: "UNRECOGNIZED_CODE"` + "\n" + `    notes: "The article is sold out"`},
	{"shared reason", "CODETABLE_REASON", "is already used by SHOP_CODE_SOLD_OUT", `    notes: "The shop is busy"`, `    reason: "SOLD_OUT"` + "\n" + `    notes: "The shop is busy"`},

	{"no status", "CODETABLE_GRPC_CODE", "grpc_code is missing", "    grpc_code: GRPC_CODE_FAILED_PRECONDITION\n", ""},
	{"status of no failure", "CODETABLE_GRPC_CODE", "CANCELLED", "grpc_code: GRPC_CODE_INTERNAL", "grpc_code: GRPC_CODE_CANCELLED"},
	{"unlisted numbers succeed", "CODETABLE_GRPC_CODE", "unrecognized_grpc_code", "unrecognized_grpc_code: GRPC_CODE_UNKNOWN", "unrecognized_grpc_code: GRPC_CODE_OK"},

	{"status that gRPC lacks", "CODETABLE_GRPC_CODE", "want a code of gRPC", "grpc_code: GRPC_CODE_INTERNAL", "grpc_code: 99"},

	{"success with advice", "CODETABLE_SUCCESS", "a success takes no", `    description: "done"`, `    description: "done"` + "\n    fault: FAULT_CALLER"},

	{"no fault", "CODETABLE_FAULT", "fault is missing", "    fault: FAULT_END_USER\n", ""},

	{"no notes", "CODETABLE_NOTES", "notes are missing", `    notes: "The shop is busy"` + "\n", ""},

	{"no retry", "CODETABLE_RETRY", "retry.action is missing", "    retry: {action: RETRY_ACTION_NEW_INPUT}\n", ""},
	{"repetition of a lasting failure", "CODETABLE_RETRY", "the same request would fail again", "grpc_code: GRPC_CODE_UNAVAILABLE", "grpc_code: GRPC_CODE_INVALID_ARGUMENT"},
	{"outcome of a call without effect", "CODETABLE_RETRY", "had no effect", "retry: {action: RETRY_ACTION_NEVER}\n    detail", "retry: {action: RETRY_ACTION_CONFIRM_OUTCOME}\n    detail"},
	{"never, although it passes", "CODETABLE_RETRY", "a retry may help", "grpc_code: GRPC_CODE_INTERNAL", "grpc_code: GRPC_CODE_UNAVAILABLE"},
	{"no window", "CODETABLE_RETRY", "names no window", "      window: CALENDAR_WINDOW_DAY\n", ""},
	{"no time zone for the window", "CODETABLE_RETRY", "needs the time_zone", `    time_zone: "Asia/Shanghai"` + "\n", ""},
	{"window without its action", "CODETABLE_RETRY", "needs RETRY_ACTION_NEXT_WINDOW", "action: RETRY_ACTION_NEXT_WINDOW", "action: RETRY_ACTION_NEVER"},
	{"negative delay", "CODETABLE_RETRY", "want a time above 0", "delay: {seconds: 1}", "delay: {seconds: -1}"},
	{"delay that nobody waits for", "CODETABLE_RETRY", "takes no delay", "      action: RETRY_ACTION_SAME_REQUEST", "      action: RETRY_ACTION_OPERATOR_ACTION"},

	{"detail without type", "CODETABLE_DETAIL", "has no type", "      type: DETAIL_TYPE_PRECONDITION_FAILURE\n", ""},
	{"detail without subject", "CODETABLE_DETAIL", "has no subject", `      subject: "stock"` + "\n", ""},
	{"unknown detail", "CODETABLE_DETAIL", "is not known", "DETAIL_TYPE_PRECONDITION_FAILURE", "99"},
	{"detail with a value", "CODETABLE_DETAIL", "never a value", `subject: "stock"`, `subject: "+86 139"`},

	{"method of an unknown table", "CODETABLE_METHOD", `domain "else.acme.example"`, `domain: "shop.acme.example"` + "\n        reasons", `domain: "else.acme.example"` + "\n        reasons"},
	{"method with an unknown reason", "CODETABLE_METHOD", `has no reason "GONE"`, `"BUSY"`, `"GONE"`},
	{"method without reasons", "CODETABLE_METHOD", `names no reason of domain "shop.acme.example"`, methodOption, `    option (codetable.v1.method) = {codes: {domain: "shop.acme.example"}};`},
	{"method with a reason twice", "CODETABLE_METHOD", "is listed twice", `"BUSY"`, `"DONE"`},

	{"field without presence", "CODETABLE_FIELD_PRESENCE", "has no presence", "optional ShopCode", "ShopCode"},

	{"missing language of the table", "CODETABLE_REQUIRED_LOCALES", `no sentence for locale "en"`, `key: "en"` + "\n      value: \"Please", `key: "fr"` + "\n      value: \"Please"},

	{"TODO at a code", "CODETABLE_TODO", "acme.shop.v1.SHOP_CODE_BUSY: TODO: state a delay", "// The shop is busy.", "// The shop is busy.\n  // TODO(codetable): state a delay"},
	{"TODO at the table", "CODETABLE_TODO", "acme.shop.v1.ShopCode: TODO: state a domain", "// ShopCode lists", "// TODO(codetable): state a domain\n// ShopCode lists"},

	{"closed enum", "CODETABLE_OPEN_ENUM", "is closed", "", closedTable},
}

// breakingChange is a change that breaks somebody.
type breakingChange struct {
	change
	older     change // of the older version
	seenByBuf bool   // the rules of buf itself, which compare no options, see it too
}

// The breaking changes, at least one for each rule.
var breaking = []breakingChange{
	{change: change{"table removed", "CODETABLE_BREAKING_TABLE", "the table: it is removed", tableOption, ""}},
	{change: change{"domain changed", "CODETABLE_BREAKING_DOMAIN", `domain "shop.acme.example" -> "shop.example"`, `domain: "shop.acme.example"` + "\n    time_zone", `domain: "shop.example"` + "\n    time_zone"}},
	{change: change{"code removed", "CODETABLE_BREAKING_CODE_REMOVED", "code 6 BROKEN: it is removed", lastCode, ""}, seenByBuf: true},
	{change: change{"code renumbered", "CODETABLE_BREAKING_CODE_RENUMBERED", "code 6 BROKEN: it is renumbered 6 -> 7", "SHOP_CODE_BROKEN = 6", "SHOP_CODE_BROKEN = 7"}, seenByBuf: true},
	{change: change{"reason changed", "CODETABLE_BREAKING_REASON", `reason "BROKEN" -> "DEFECT"`, `    notes: "A defect of the shop"`, `    reason: "DEFECT"` + "\n" + `    notes: "A defect of the shop"`}},
	{change: change{"alias removed", "CODETABLE_BREAKING_REASON", "alias DEFECT of 6: it is removed", "", ""}, older: alias("6"), seenByBuf: true},
	{change: change{"alias moved", "CODETABLE_BREAKING_REASON", "alias DEFECT of 6: it stands for 5", alias("5").old, alias("5").new}, older: alias("6"), seenByBuf: true},
	{change: change{"gRPC code changed", "CODETABLE_BREAKING_GRPC_CODE", `gRPC code "INTERNAL" -> "UNKNOWN"`, "grpc_code: GRPC_CODE_INTERNAL", "grpc_code: GRPC_CODE_UNKNOWN"}},
	{change: change{"success made a failure", "CODETABLE_BREAKING_GRPC_CODE", "a success is a failure now", "grpc_code: GRPC_CODE_OK", "grpc_code: GRPC_CODE_UNKNOWN"}},
	{change: change{"failure made a success", "CODETABLE_BREAKING_GRPC_CODE", "is a success now", "grpc_code: GRPC_CODE_INTERNAL", "grpc_code: GRPC_CODE_OK"}},
	{change: change{"operator's code made public", "CODETABLE_BREAKING_FAULT", `fault "OPERATOR" -> "CALLER"`, "fault: FAULT_OPERATOR", "fault: FAULT_CALLER"}},
	{change: change{"NEVER made SAME_REQUEST", "CODETABLE_BREAKING_RETRY", `retry "NEVER" -> "SAME_REQUEST"`, "    retry: {action: RETRY_ACTION_NEVER}\n  }];\n}", "    retry: {action: RETRY_ACTION_SAME_REQUEST}\n  }];\n}"}},
	{change: change{"NEW_INPUT made SAME_REQUEST", "CODETABLE_BREAKING_RETRY", `retry "NEW_INPUT" -> "SAME_REQUEST"`, "RETRY_ACTION_NEW_INPUT", "RETRY_ACTION_SAME_REQUEST"}},
	{change: change{"declared code dropped", "CODETABLE_BREAKING_METHOD", "method acme.shop.v1.ShopService.Order: it no longer declares DAY_LIMIT", `          "DAY_LIMIT",` + "\n", ""}},
	{change: change{"declared codes dropped", "CODETABLE_BREAKING_METHOD", "it no longer declares codes of the table", methodOption, ""}},
}

const tableOption = `  option (codetable.v1.table) = {
    domain: "shop.acme.example"
    time_zone: "Asia/Shanghai"
    unrecognized_grpc_code: GRPC_CODE_UNKNOWN
    help_url: "https://shop.acme.example/codes/{reason}"
    default_user_messages: {
      key: "en"
      value: "Please try again later."
    }
    default_locale: "en"
  };
`

const lastCode = `  // A defect of the shop.
  SHOP_CODE_BROKEN = 6 [(codetable.v1.code) = {
    grpc_code: GRPC_CODE_INTERNAL
    notes: "A defect of the shop"
    fault: FAULT_UPSTREAM
    retry: {action: RETRY_ACTION_NEVER}
  }];
`

// alias adds a name of a code.
func alias(number string) change {
	const end = "    retry: {action: RETRY_ACTION_NEVER}\n  }];\n"
	return change{old: end + "}", new: end + "  // Another name.\n  SHOP_CODE_DEFECT = " + number + ";\n  option allow_alias = true;\n}"}
}

const methodOption = `    option (codetable.v1.method) = {
      codes: {
        domain: "shop.acme.example"
        reasons: [
          "DONE",
          "SOLD_OUT",
          "CAPTCHA_USED",
          "DAY_LIMIT",
          "BUSY"
        ]
      }
    };
`

const noTable = `syntax = "proto3";

package acme.shop.v1;

import "codetable/v1/codetable.proto";

// NewCode has codes, but no domain.
enum NewCode {
  // Done.
  NEW_CODE_DONE = 0 [(codetable.v1.code) = {grpc_code: GRPC_CODE_OK}];
}
`

const otherTable = `// OtherCode shares a domain.
enum OtherCode {
  option (codetable.v1.table) = {domain: "shop.acme.example"};

  // Done.
  OTHER_CODE_DONE = 0 [(codetable.v1.code) = {grpc_code: GRPC_CODE_OK}];
}

`

const closedTable = `syntax = "proto2";

package acme.shop.v1;

import "codetable/v1/codetable.proto";

// OldCode is closed, as enums of proto2 are.
enum OldCode {
  option (codetable.v1.table) = {
    domain: "old.acme.example"
    default_user_messages: {
      key: "en"
      value: "Please try again later."
    }
    default_locale: "en"
  };

  // Done.
  OLD_CODE_DONE = 0 [(codetable.v1.code) = {grpc_code: GRPC_CODE_OK}];
}
`

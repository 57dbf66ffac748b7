package tablecheck

import "slices"

// Rule is a kind of fault. Its ID is stable: configuration names it.
type Rule struct {
	ID      string
	Purpose string // one sentence
	// Optional rules state a policy that a table need not follow. Enum does not
	// apply them.
	Optional bool
}

// The rules. The rules for values come after those for the enum.
var (
	ruleOptions      = &Rule{ID: "CODETABLE_OPTIONS", Purpose: "The enum of a table and each of its values have the options of codetable.v1."}
	ruleDomain       = &Rule{ID: "CODETABLE_DOMAIN", Purpose: "The domain of a table is a lower-case DNS name that no other table has."}
	ruleTimeZone     = &Rule{ID: "CODETABLE_TIME_ZONE", Purpose: "The time zone of a table is a known IANA name."}
	ruleHelpURL      = &Rule{ID: "CODETABLE_HELP_URL", Purpose: "The help link of a table is an absolute https URL with known placeholders."}
	ruleUserMessages = &Rule{ID: "CODETABLE_USER_MESSAGES", Purpose: "User messages have a language, are not empty, and exist in each language of the table."}
	ruleReason       = &Rule{ID: "CODETABLE_REASON", Purpose: "The reason of a code follows AIP-193 and is unique in its table."}
	ruleGRPCCode     = &Rule{ID: "CODETABLE_GRPC_CODE", Purpose: "A code has a gRPC status that suits it, and numbers that the enum does not list have a failing one."}
	ruleSuccess      = &Rule{ID: "CODETABLE_SUCCESS", Purpose: "A code that is a success has no advice for failures."}
	ruleFault        = &Rule{ID: "CODETABLE_FAULT", Purpose: "A failing code names the party that must act."}
	ruleNotes        = &Rule{ID: "CODETABLE_NOTES", Purpose: "A failing code has notes, which are the message of its status."}
	ruleRetry        = &Rule{ID: "CODETABLE_RETRY", Purpose: "A failing code has retry advice that agrees with itself, the gRPC status and the table."}
	ruleDetail       = &Rule{ID: "CODETABLE_DETAIL", Purpose: "The detail of a code has a type and a subject that is a name, never a value."}
	ruleMethod       = &Rule{ID: "CODETABLE_METHOD", Purpose: "The codes that a method declares exist."}

	rulePresence = &Rule{ID: "CODETABLE_FIELD_PRESENCE", Purpose: "A field of a table's enum has presence, so that an unset field is not read as a code.", Optional: true}
	ruleOpenEnum = &Rule{ID: "CODETABLE_OPEN_ENUM", Purpose: "The enum of a table is open, so that older programs keep numbers that they do not list.", Optional: true}
	ruleLocales  = &Rule{ID: "CODETABLE_REQUIRED_LOCALES", Purpose: "Each failing code has a user message in each required language.", Optional: true}
)

// Rules returns all rules, the optional ones last.
func Rules() []*Rule { return slices.Clone(rules) }

var rules = []*Rule{
	ruleOptions, ruleDomain, ruleTimeZone, ruleHelpURL, ruleUserMessages, ruleReason, ruleGRPCCode, ruleSuccess,
	ruleFault, ruleNotes, ruleRetry, ruleDetail, ruleMethod,
	rulePresence, ruleOpenEnum, ruleLocales,
}

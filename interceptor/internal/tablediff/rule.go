package tablediff

import "slices"

// Class is the severity of a change.
type Class int

// The classes, the most severe first.
const (
	// Breaking changes make deployed programs behave wrongly.
	Breaking Class = iota
	// Behaviour changes affect the advice that callers get, or the codes that
	// they can meet.
	Behaviour
	// Text changes affect texts for people only.
	Text
)

// String returns the name of the class in lower case.
func (c Class) String() string { return [...]string{"breaking", "behaviour", "text"}[c] }

// Rule is a kind of change. Its ID is stable: configuration names it.
type Rule struct {
	ID      string
	Class   Class
	Purpose string // what the rule forbids, in one sentence
}

// The rules.
var (
	ruleGone        = &Rule{"CODETABLE_BREAKING_TABLE", Breaking, "A table is not removed."}
	ruleDomain      = &Rule{"CODETABLE_BREAKING_DOMAIN", Breaking, "The domain of a table does not change."}
	ruleRemoved     = &Rule{"CODETABLE_BREAKING_CODE_REMOVED", Breaking, "A code is not removed."}
	ruleRenumbered  = &Rule{"CODETABLE_BREAKING_CODE_RENUMBERED", Breaking, "The number of a code does not change."}
	ruleReason      = &Rule{"CODETABLE_BREAKING_REASON", Breaking, "The reason of a code does not change, and its aliases stay."}
	ruleGRPCCode    = &Rule{"CODETABLE_BREAKING_GRPC_CODE", Breaking, "The gRPC status of a code does not change."}
	rulePublicFault = &Rule{"CODETABLE_BREAKING_FAULT", Breaking, "A fault that a public boundary masks does not become public."}
	ruleRepeat      = &Rule{"CODETABLE_BREAKING_RETRY", Breaking, "A request that must not be repeated unchanged does not become SAME_REQUEST."}
	ruleMethod      = &Rule{"CODETABLE_BREAKING_METHOD", Breaking, "A method declares every code that it declared before."}

	ruleNew      = &Rule{"CODETABLE_BEHAVIOUR_TABLE_ADDED", Behaviour, "No table is added."}
	ruleTable    = &Rule{"CODETABLE_BEHAVIOUR_TABLE", Behaviour, "The values that all codes of a table share do not change."}
	ruleAdded    = &Rule{"CODETABLE_BEHAVIOUR_CODE_ADDED", Behaviour, "No code is added."}
	ruleAlias    = &Rule{"CODETABLE_BEHAVIOUR_REASON", Behaviour, "No alias is added."}
	ruleFault    = &Rule{"CODETABLE_BEHAVIOUR_FAULT", Behaviour, "The party that must act does not change."}
	ruleRetry    = &Rule{"CODETABLE_BEHAVIOUR_RETRY", Behaviour, "The retry advice of a code does not change."}
	ruleDetail   = &Rule{"CODETABLE_BEHAVIOUR_DETAIL", Behaviour, "The detail of a code does not change."}
	ruleDeclared = &Rule{"CODETABLE_BEHAVIOUR_METHOD", Behaviour, "A method declares no further code."}

	ruleTexts     = &Rule{"CODETABLE_TEXT_DEVELOPERS", Text, "The texts for developers and operators do not change."}
	ruleSentences = &Rule{"CODETABLE_TEXT_USER_MESSAGES", Text, "The user messages do not change."}
)

// Rules returns all rules, the most severe first.
func Rules() []*Rule { return slices.Clone(rules) }

var rules = []*Rule{
	ruleGone, ruleDomain, ruleRemoved, ruleRenumbered, ruleReason, ruleGRPCCode, rulePublicFault, ruleRepeat, ruleMethod,
	ruleNew, ruleTable, ruleAdded, ruleAlias, ruleFault, ruleRetry, ruleDetail, ruleDeclared,
	ruleTexts, ruleSentences,
}

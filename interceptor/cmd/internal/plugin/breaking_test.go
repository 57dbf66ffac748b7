package plugin_test

import (
	"encoding/json"
	"slices"
	"testing"

	"buf.build/go/bufplugin/check"
	"buf.build/go/bufplugin/check/checktest"
	gocmp "github.com/google/go-cmp/cmp"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/diff"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/plugin"
)

// breakingChanges runs codetable diff. It returns the exit status and the
// breaking changes.
func breakingChanges(t *testing.T, older, newer string) (status int, list []finding) {
	t.Helper()
	status, out := codetable(t, "diff", older, newer, "--format", "json")
	var report struct {
		Changes []struct {
			Class, Rule, Table, Subject, What, Whom string
		}
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		t.Fatal(err)
	}
	for _, c := range report.Changes {
		if c.Class == "breaking" {
			list = append(list, finding{Rule: c.Rule, Message: c.Table + ": " + c.Subject + ": " + c.What + "; breaks " + c.Whom})
		}
	}
	return status, list
}

// The command and the plugin report the same of each breaking change.
func TestDiffAndPluginReportEachBreakingChange(t *testing.T) {
	t.Parallel()
	for _, c := range breaking {
		t.Run(c.rule+"/"+c.name, func(t *testing.T) {
			t.Parallel()
			older, newer := c.older.shop(t), c.shop(t)
			status, byCommand := breakingChanges(t, older, newer)
			byPlugin := annotations(t, newer, older, check.RuleTypeBreaking, nil)
			if status != 100 || !c.reports(byCommand) {
				t.Errorf("codetable diff: exit status %d, and no %s with %q in %v", status, c.rule, c.text, byCommand)
			}
			for i := range byPlugin {
				if byPlugin[i].Path == "" {
					t.Errorf("no place of %v", byPlugin[i])
				}
				byPlugin[i].Path, byPlugin[i].StartLine = "", 0
			}
			if diff := gocmp.Diff(sorted(byCommand), sorted(byPlugin)); diff != "" {
				t.Errorf("the command (-) and the plugin (+) differ:\n%s", diff)
			}
		})
	}
}

func TestEachBreakingRuleHasACase(t *testing.T) {
	t.Parallel()
	for _, rule := range diff.BreakingRules() {
		if !slices.ContainsFunc(breaking, func(c breakingChange) bool { return c.rule == rule.ID }) {
			t.Errorf("no case for %s: %s", rule.ID, rule.Purpose)
		}
	}
}

// The opposite of a breaking change can be harmless, and a table can be new.
func TestHarmlessChangesDoNotBreak(t *testing.T) {
	t.Parallel()
	for _, c := range []change{
		{name: "nothing"},
		{name: "new table", new: closedTable},
		{name: "new code", old: "// The shop is busy.", new: "// New.\n  SHOP_CODE_NEW = 9 [(codetable.v1.code) = {grpc_code: GRPC_CODE_INTERNAL}];\n  // The shop is busy."},
		{name: "public code made the operator's", old: "fault: FAULT_END_USER", new: "fault: FAULT_OPERATOR"},
		{name: "retry made NEVER", old: "RETRY_ACTION_NEW_INPUT", new: "RETRY_ACTION_NEVER"},
		{name: "sentence", old: "This article is sold out.", new: "Sold out."},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			older, newer := change{}.shop(t), c.shop(t)
			if status, list := breakingChanges(t, older, newer); status != 0 || len(list) > 0 {
				t.Errorf("codetable diff: exit status %d, %v", status, list)
			}
			if list := annotations(t, newer, older, check.RuleTypeBreaking, nil); len(list) > 0 {
				t.Errorf("the plugin: %v", list)
			}
		})
	}
}

func breakingIDs() (ids []string) {
	for _, rule := range diff.BreakingRules() {
		ids = append(ids, rule.ID)
	}
	return ids
}

// A finding is at the new version, and a removed table at its file.
func TestBreakingAnnotationIsAtTheNewVersion(t *testing.T) {
	t.Parallel()
	newer := change{old: "    retry: {action: RETRY_ACTION_NEW_INPUT}", new: "\n    retry: {action: RETRY_ACTION_SAME_REQUEST}"}.shop(t)
	checktest.CheckTest{
		Spec: plugin.Spec(),
		Request: &checktest.RequestSpec{
			Files: protos(t, newer), AgainstFiles: protos(t, change{}.shop(t)),
			RuleIDs: breakingIDs(),
		},
		ExpectedAnnotations: []checktest.ExpectedAnnotation{{
			RuleID:              "CODETABLE_BREAKING_RETRY",
			FileLocation:        &checktest.ExpectedFileLocation{FileName: codeFile, StartLine: 41, StartColumn: 2, EndLine: 47, EndColumn: 5},
			AgainstFileLocation: &checktest.ExpectedFileLocation{FileName: codeFile, StartLine: 41, StartColumn: 2, EndLine: 46, EndColumn: 5},
		}},
	}.Run(t)
}

// A method that is gone leaves a finding too if its table is imported.
func TestMethodOfAnImportedTable(t *testing.T) {
	t.Parallel()
	service := func(c change) *checktest.ProtoFileSpec {
		files := protos(t, c.shop(t))
		files.FilePaths = []string{serviceFile}
		return files
	}
	checktest.CheckTest{
		Spec: plugin.Spec(),
		Request: &checktest.RequestSpec{
			Files: service(change{old: "rpc Order(", new: "rpc Buy("}), AgainstFiles: service(change{}),
			RuleIDs: breakingIDs(),
		},
		ExpectedAnnotations: []checktest.ExpectedAnnotation{{
			RuleID:              "CODETABLE_BREAKING_METHOD",
			FileLocation:        &checktest.ExpectedFileLocation{FileName: serviceFile},
			AgainstFileLocation: &checktest.ExpectedFileLocation{FileName: serviceFile, StartLine: 10, StartColumn: 2, EndLine: 23, EndColumn: 3},
		}},
	}.Run(t)
}

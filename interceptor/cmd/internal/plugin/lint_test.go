package plugin_test

import (
	"slices"
	"strings"
	"testing"

	"buf.build/go/bufplugin/check"
	"buf.build/go/bufplugin/check/checktest"
	gocmp "github.com/google/go-cmp/cmp"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/lint"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/plugin"
)

func TestSpec(t *testing.T) {
	t.Parallel()
	checktest.SpecTest(t, plugin.Spec())
}

// withEnglish requires the language that the faultless table has.
var withEnglish = map[string]any{"required_locales": []string{"en"}}

// The command and the plugin report the same of each fault.
func TestCheckAndPluginReportEachFault(t *testing.T) {
	t.Parallel()
	for _, c := range faults {
		t.Run(c.rule+"/"+c.name, func(t *testing.T) {
			t.Parallel()
			dir := c.shop(t)
			status, lines := codetable(t, "check", "--proto", dir, "--locale", "en", "--format", "json")
			byCommand := findings(t, lines, dir)
			byPlugin := annotations(t, dir, "", check.RuleTypeLint, withEnglish)
			if status != 100 || !c.reports(byCommand) {
				t.Errorf("codetable check: exit status %d, and no %s with %q in\n%s", status, c.rule, c.text, lines)
			}
			if diff := gocmp.Diff(sorted(byCommand), sorted(byPlugin)); diff != "" {
				t.Errorf("the command (-) and the plugin (+) differ:\n%s", diff)
			}
		})
	}
}

func TestEachLintRuleHasACase(t *testing.T) {
	t.Parallel()
	for _, rule := range lint.Rules() {
		if !slices.ContainsFunc(faults, func(c change) bool { return c.rule == rule.ID }) {
			t.Errorf("no case for %s: %s", rule.ID, rule.Purpose)
		}
	}
}

func TestNoFindingInAFaultlessTable(t *testing.T) {
	t.Parallel()
	dir := change{}.shop(t)
	if status, lines := codetable(t, "check", "--proto", dir, "--locale", "en"); status != 0 || lines != "" {
		t.Errorf("codetable check: exit status %d\n%s", status, lines)
	}
	if list := annotations(t, dir, "", check.RuleTypeLint, withEnglish); len(list) > 0 {
		t.Errorf("the plugin: %v", list)
	}
}

func TestAnnotationIsAtTheValue(t *testing.T) {
	t.Parallel()
	dir := change{old: "    fault: FAULT_END_USER\n"}.shop(t)
	checktest.CheckTest{
		Spec:    plugin.Spec(),
		Request: &checktest.RequestSpec{Files: protos(t, dir)},
		ExpectedAnnotations: []checktest.ExpectedAnnotation{{
			RuleID:  "CODETABLE_FAULT",
			Message: "value acme.shop.v1.SHOP_CODE_SOLD_OUT: fault is missing",
			FileLocation: &checktest.ExpectedFileLocation{
				FileName: codeFile, StartLine: 26, StartColumn: 2, EndLine: 38, EndColumn: 5,
			},
		}},
	}.Run(t)
}

// Nothing is required by default, and a wrong option is an error.
func TestRequiredLocales(t *testing.T) {
	t.Parallel()
	dir := change{}.shop(t)
	if list := annotations(t, dir, "", check.RuleTypeLint, nil); len(list) > 0 {
		t.Errorf("without options: %v", list)
	}
	list := annotations(t, dir, "", check.RuleTypeLint, map[string]any{"required_locales": []string{"zh-cn"}})
	if len(list) == 0 || slices.ContainsFunc(list, func(f finding) bool { return f.Rule != "CODETABLE_REQUIRED_LOCALES" }) {
		t.Errorf("with zh-cn: %v", list)
	}
	for _, wrong := range []any{"en", []string{"english language"}} {
		request, err := (&checktest.RequestSpec{Files: protos(t, dir), Options: map[string]any{"required_locales": wrong}}).ToRequest(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		client, err := newClient()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.Check(t.Context(), request); err == nil || !strings.Contains(err.Error(), "required_locales") {
			t.Errorf("%q: error %v", wrong, err)
		}
	}
}

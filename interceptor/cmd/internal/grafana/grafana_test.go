package grafana_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/catalogue"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/catalogue/cataloguetest"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/docgen"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/grafana"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/signals/signalstest"
)

const runbookURL = "https://example.com/runbook.md"

func generate(t *testing.T, c *catalogue.Catalogue) []byte {
	t.Helper()
	files, err := grafana.Files(c, grafana.Config{RunbookURL: runbookURL, Objective: 99.9})
	if err != nil {
		t.Fatal(err)
	}
	return files[0].Content
}

func catalogues(t *testing.T) map[string]*catalogue.Catalogue {
	t.Helper()
	return map[string]*catalogue.Catalogue{
		"JVerification": cataloguetest.Linked(t), "library": cataloguetest.Library(t), "hostile": cataloguetest.HostileTable(t),
		"no service": cataloguetest.Services(t), "two services": cataloguetest.Services(t, "A", "B"),
	}
}

// board is what the tests read of a dashboard.
type board struct {
	Templating struct {
		List []struct{ Name, Query string }
	}
	Panels []struct {
		ID                       int
		Type, Title, Description string
		GridPos                  struct{ X, Y, W, H int }
		Datasource               struct{ UID string }
		Targets                  []struct {
			RefID, Expr string
			Datasource  struct{ UID string }
		}
	}
}

func parse(t *testing.T, text []byte) (b board) {
	t.Helper()
	if err := json.Unmarshal(text, &b); err != nil {
		t.Fatal(err)
	}
	return b
}

// classic is the model of the files that Grafana imports and provisions.
type classic = dashboard.Dashboard //nolint:staticcheck // the SDK prefers that of the API of Grafana 12

// TestSchema lets Grafana's SDK decode the dashboard strictly: it refuses missing
// fields, unknown fields, and options that a panel does not have.
func TestSchema(t *testing.T) {
	t.Parallel()
	runtime := cog.NewRuntime() // it fills that of the process
	runtime.RegisterDataqueryVariant(prometheus.VariantConfig())
	runtime.RegisterPanelcfgVariant(stat.VariantConfig())
	runtime.RegisterPanelcfgVariant(table.VariantConfig())
	runtime.RegisterPanelcfgVariant(timeseries.VariantConfig())
	for name, c := range catalogues(t) {
		text := generate(t, c)
		var decoded classic
		if faults := strict(&decoded, text); faults != "" {
			t.Errorf("%s: %s", name, faults)
		}
		if err := decoded.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, wrong := range []string{`"w": 24`, `"cellHeight": "sm"`, `"refId": "A"`} {
			broken := strings.Replace(string(text), wrong, `"unknown": 1`, 1)
			if strict(new(classic), []byte(broken)) == "" {
				t.Errorf("%s: the schema accepts an unknown field instead of %s", name, wrong)
			}
		}
	}
}

// strict returns what is wrong. The SDK returns an error without a text if
// nothing is.
func strict(d *classic, text []byte) string {
	if err := d.UnmarshalJSONStrict(text); err != nil {
		return err.Error()
	}
	return ""
}

// TestQueries lets promtool parse the queries, and compares their metrics and
// labels with those that servers export.
func TestQueries(t *testing.T) {
	t.Parallel()
	lookup := regexp.MustCompile(`^label_values\((.*), (\w+)\)$`)
	for name, c := range catalogues(t) {
		queries := map[string]string{}
		b := parse(t, generate(t, c))
		for _, panel := range b.Panels {
			for _, target := range panel.Targets {
				queries[name+" "+panel.Title+" "+target.RefID] = target.Expr
			}
		}
		for _, variable := range b.Templating.List {
			if match := lookup.FindStringSubmatch(variable.Query); match != nil {
				queries[name+" "+variable.Name] = fmt.Sprintf("sum by (%s) (%s)", match[2], match[1])
			}
		}
		if len(queries) < 20 {
			t.Errorf("%s: %d queries", name, len(queries))
		}
		signalstest.Queries(t, queries)
	}
}

// TestValues runs queries on 100 minutes of samples: two instances end 20 calls a
// minute each. Of 20, two fail because of the operator, two because of the
// upstream, and four because of the caller. All of the operator's are masked.
func TestValues(t *testing.T) {
	t.Parallel()
	const method = `{job="test",grpc_service="library.v1.LibraryService",grpc_method="LendBook",instance="%s"%s}: "%s"`
	var input strings.Builder
	for _, instance := range []string{"a", "b"} {
		for _, series := range [][3]string{
			{"codetable_calls_total", "", "0+20x100"},
			{"codetable_failures_total", `,domain="library.example.com",reason="NO_MONEY",fault="OPERATOR",masked="true"`, "0+2x100"},
			{"codetable_failures_total", `,domain="library.example.com",reason="ANSWER_LOST",fault="UPSTREAM",masked="false"`, "0+2x100"},
			{"codetable_failures_total", `,domain="library.example.com",reason="BOOK_NOT_FOUND",fault="CALLER",masked="false"`, "0+4x100"},
			{"codetable_standing_faults", `,domain="library.example.com",reason="NO_MONEY"`, "1x100"},
			{"codetable_standing_faults", `,domain="library.example.com",reason="DAILY_QUOTA"`, "0x100"},
		} {
			name, values, _ := strings.Cut(fmt.Sprintf(method, instance, series[1], series[2]), ": ")
			fmt.Fprintf(&input, "  - {series: '%s%s', values: %s}\n", series[0], name, values)
		}
	}
	b := parse(t, generate(t, cataloguetest.Library(t)))
	choose := strings.NewReplacer("$job", ".*", "$service", ".*", "$domain", ".*", "$__range", "1h", "$__rate_interval", "5m")
	test := "evaluation_interval: 1m\ntests:\n"
	for title, want := range map[string]string{
		"Standing operator faults":               "{} 1",
		"What the operator must fix":             `{domain="library.example.com", reason="NO_MONEY", grpc_service="library.v1.LibraryService", grpc_method="LendBook"} 2`,
		"Calls without a service fault":          "{} 0.8",
		"Error budget left":                      "{} -199",
		"Calls per second by method":             `{grpc_service="library.v1.LibraryService", grpc_method="LendBook"} 0.6667`,
		"Share of failed calls by method":        `{grpc_service="library.v1.LibraryService", grpc_method="LendBook"} 0.4`,
		"Share of calls that the upstream fails": `{domain="library.example.com", reason="ANSWER_LOST"} 0.1`,
		"Share of failures that are masked":      `{grpc_service="library.v1.LibraryService"} 0.25`,
	} {
		labels, value := want[:strings.LastIndexByte(want, ' ')], want[strings.LastIndexByte(want, ' ')+1:]
		query := ""
		for _, panel := range b.Panels {
			if panel.Title == title {
				query = choose.Replace(panel.Targets[0].Expr)
			}
		}
		test += fmt.Sprintf("- interval: 1m\n  name: %s\n  input_series:\n%s  promql_expr_test:\n  - {expr: 'round(%s, 0.0001)', eval_time: 100m, exp_samples: [{labels: '%s', value: %s}]}\n",
			title, &input, query, labels, value)
	}
	signalstest.Promtool(t, map[string]string{"test.yaml": test}, "test", "rules", "test.yaml")
}

// TestPanels have an id, a place of their own, an explanation, and a query of the
// chosen data source.
func TestPanels(t *testing.T) {
	t.Parallel()
	b := parse(t, generate(t, cataloguetest.Linked(t)))
	taken := map[[2]int]string{}
	ids := map[int]bool{}
	for _, panel := range b.Panels {
		if panel.ID == 0 || ids[panel.ID] {
			t.Errorf("%s: the id %d is not unique", panel.Title, panel.ID)
		}
		ids[panel.ID] = true
		at := panel.GridPos
		if at.X < 0 || at.X+at.W > 24 {
			t.Errorf("%s: columns %d to %d", panel.Title, at.X, at.X+at.W)
		}
		for x := at.X; x < at.X+at.W; x++ {
			for y := at.Y; y < at.Y+at.H; y++ {
				if other := taken[[2]int{x, y}]; other != "" {
					t.Fatalf("%s covers %s", panel.Title, other)
				}
				taken[[2]int{x, y}] = panel.Title
			}
		}
		if panel.Type == "row" {
			continue
		}
		if panel.Title == "" || panel.Description == "" || panel.Datasource.UID != "${datasource}" || len(panel.Targets) == 0 {
			t.Errorf("%q: description %q, data source %q, %d queries", panel.Title, panel.Description, panel.Datasource.UID, len(panel.Targets))
		}
		for _, target := range panel.Targets {
			if target.Datasource.UID != "${datasource}" {
				t.Errorf("%q: data source %q", panel.Title, target.Datasource.UID)
			}
		}
	}
}

// TestRows come in the order in which an operator reads.
func TestRows(t *testing.T) {
	t.Parallel()
	var rows []string
	for _, panel := range parse(t, generate(t, cataloguetest.Library(t))).Panels {
		if panel.Type == "row" {
			rows = append(rows, panel.Title)
		}
	}
	const want = "Who must act now|Service level: faults of the operator and the upstream|Failures by fault|Failures by code|" +
		"Calls by method|The upstream|Outside the contract|Public boundary"
	if got := strings.Join(rows, "|"); got != want {
		t.Errorf("got the rows %s", got)
	}
}

// TestVariables are those that the queries use.
func TestVariables(t *testing.T) {
	t.Parallel()
	text := generate(t, cataloguetest.Linked(t))
	defined := map[string]bool{"__rate_interval": true, "__range": true}
	for _, variable := range parse(t, text).Templating.List {
		defined[variable.Name] = true
		if !strings.Contains(string(text), "$"+variable.Name) && !strings.Contains(string(text), "${"+variable.Name+"}") {
			t.Errorf("nothing uses $%s", variable.Name)
		}
	}
	for _, match := range regexp.MustCompile(`\$(\w+)`).FindAllStringSubmatch(string(text), -1) {
		if !defined[match[1]] && match[1] != "__all" {
			t.Errorf("$%s is not defined", match[1])
		}
	}
	for _, name := range []string{"datasource", "job", "service", "domain"} {
		if !defined[name] {
			t.Errorf("the reader can't choose the %s", name)
		}
	}
}

// TestLinks lead to anchors of the runbook, for each code.
func TestLinks(t *testing.T) {
	t.Parallel()
	c := cataloguetest.Linked(t)
	files, err := docgen.Runbook(c)
	if err != nil {
		t.Fatal(err)
	}
	codes := regexp.MustCompile(`\$\{__(?:data\.fields|field\.labels)\.domain\}/\$\{__(?:data\.fields|field\.labels)\.reason\}`)
	anchors := 0
	for _, match := range regexp.MustCompile(`"url": "`+runbookURL+`#([^"]*)"`).FindAllStringSubmatch(string(generate(t, c)), -1) {
		wanted := []string{match[1]}
		if codes.MatchString(match[1]) {
			wanted = nil
			for _, table := range c.Tables {
				for _, code := range table.Codes {
					if code.Failed() {
						wanted = append(wanted, codes.ReplaceAllString(match[1], code.ID()))
					}
				}
			}
		}
		for _, anchor := range wanted {
			anchors++
			if !strings.Contains(string(files[0].Content), fmt.Sprintf("<a id=%q></a>", anchor)) {
				t.Errorf("the runbook has no anchor %s", anchor)
			}
		}
	}
	if anchors < 50 {
		t.Errorf("%d links", anchors)
	}
}

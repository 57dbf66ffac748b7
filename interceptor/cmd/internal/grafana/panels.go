package grafana

import (
	"fmt"
	"strings"
)

// height is the number of lines of a panel.
const height = 8

// query is a PromQL query with the name of its series.
type query struct{ expr, legend string }

// unit of values, as Grafana names it.
type unit string

const (
	perSecond unit = "reqps"
	share     unit = "percentunit"
	count     unit = "short"
)

// stat shows one number: green below the limit and red from it on, or the other
// way around.
func stat(columns int, title, description string, u unit, expr string, limit float64, low, high string) panel {
	decimals := 0
	if u == share {
		decimals = 3
	}
	return panel{
		Type: "stat", Title: title, Description: description, Datasource: &source, GridPos: gridPos{W: columns, H: height},
		Targets: targets([]query{{expr, title}}, func(t *target) { t.Instant = true }),
		FieldConfig: &fieldConfig{Defaults: field{
			Unit: string(u), Decimals: &decimals, NoValue: "no data", Color: &color{Mode: "thresholds"},
			Thresholds: &thresholds{"absolute", []threshold{{low, nil}, {high, &limit}}},
		}, Overrides: []override{}},
		Options: map[string]any{
			"colorMode": "background", "graphMode": "none", "justifyMode": "auto", "textMode": "value", "orientation": "auto",
			"wideLayout": true, "showPercentChange": false, "percentChangeColorMode": "standard",
			"reduceOptions": map[string]any{"calcs": []string{"lastNotNull"}, "fields": "", "values": false},
		},
	}
}

// graph shows series over time.
func graph(columns int, title, description string, u unit, queries ...query) panel {
	zero := 0.0
	return panel{
		Type: "timeseries", Title: title, Description: description, Datasource: &source, GridPos: gridPos{W: columns, H: height},
		Targets: targets(queries, func(t *target) { t.Range = true }),
		FieldConfig: &fieldConfig{Defaults: field{
			Unit: string(u), Min: &zero, Color: &color{Mode: "palette-classic"}, Custom: map[string]any{"fillOpacity": 10, "showPoints": "never"},
		}, Overrides: []override{}},
		Options: map[string]any{
			"legend":  map[string]any{"displayMode": "list", "placement": "bottom", "showLegend": true, "calcs": []string{}},
			"tooltip": map[string]any{"mode": "multi", "sort": "desc"},
		},
	}
}

// table shows the labels of series and their values now. value is the heading of
// the values.
func table(columns int, title, description, value, expr string, labels ...string) panel {
	order := map[string]int{}
	for i, label := range append([]string{"Time"}, append(labels, "Value")...) {
		order[label] = i
	}
	return panel{
		Type: "table", Title: title, Description: description, Datasource: &source, GridPos: gridPos{W: columns, H: height},
		Targets:     targets([]query{{expr, ""}}, func(t *target) { t.Instant, t.Format = true, "table" }),
		FieldConfig: &fieldConfig{Defaults: field{Unit: string(count), NoValue: "none"}, Overrides: []override{}},
		Options:     map[string]any{"showHeader": true, "frameIndex": 0, "cellHeight": "sm"},
		Transformations: []transformation{{"organize", map[string]any{
			"excludeByName": map[string]bool{"Time": true}, "indexByName": order, "renameByName": map[string]string{"Value": value},
		}}},
	}
}

func targets(queries []query, set func(*target)) []target {
	list := make([]target, 0, len(queries))
	for i, q := range queries {
		t := target{RefID: string(rune('A' + i)), Datasource: source, Expr: q.expr, LegendFormat: q.legend}
		set(&t)
		list = append(list, t)
	}
	return list
}

// stacked fills a graph, so that the top is the sum.
func (p panel) stacked() panel {
	p.FieldConfig.Defaults.Custom["stacking"] = map[string]any{"mode": "normal", "group": "A"}
	p.FieldConfig.Defaults.Custom["fillOpacity"] = 60
	return p
}

// exemplars shows the traces of some failures.
func (p panel) exemplars() panel {
	for i := range p.Targets {
		p.Targets[i].Exemplar = true
	}
	return p
}

// limits draws lines at values.
func (p panel) limits(values ...float64) panel {
	steps := make([]threshold, 1, 1+len(values))
	steps[0].Color = "green"
	for i, value := range values {
		steps = append(steps, threshold{[]string{"orange", "red"}[min(i, 1)], &value})
	}
	p.FieldConfig.Defaults.Thresholds = &thresholds{"absolute", steps}
	p.FieldConfig.Defaults.Custom["thresholdsStyle"] = map[string]any{"mode": "dashed"}
	return p
}

// colored gives series their colours by name.
func (p panel) colored(colors map[string]string, names ...string) panel {
	for _, name := range names {
		p.FieldConfig.Overrides = append(p.FieldConfig.Overrides, override{
			matcher{"byName", name}, []property{{"color", color{"fixed", colors[name]}}},
		})
	}
	return p
}

// linked leads from each value to a section of the runbook.
func (p panel) linked(url string) panel {
	p.FieldConfig.Defaults.Links = []link{{"Runbook", url, true}}
	return p
}

// linkedCodes leads from each code to its section of the runbook. The query has
// the labels domain and reason.
func (p panel) linkedCodes(runbook string) panel {
	if p.Type == "table" {
		links := []link{{"Runbook", runbook + "#${__data.fields.domain}/${__data.fields.reason}", true}}
		p.FieldConfig.Overrides = append(p.FieldConfig.Overrides, override{matcher{"byName", "reason"}, []property{{"links", links}}})
		return p
	}
	return p.linked(runbook + "#${__field.labels.domain}/${__field.labels.reason}")
}

// selected returns the series of a metric that the variables select. matchers
// narrow them.
func selected(metric string, matchers ...string) string {
	return metric + "{" + strings.Join(append([]string{`job=~"$job"`, `grpc_service=~"$service"`}, matchers...), ", ") + "}"
}

// ofDomain selects the chosen domains.
const ofDomain = `domain=~"$domain"`

func rate(by, series string) string {
	return fmt.Sprintf("sum by (%s) (rate(%s[$__rate_interval]))", by, series)
}

package tablediff_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/codetable/grpc-codetable/interceptor/internal/tablediff"
	"github.com/codetable/grpc-codetable/interceptor/internal/text"
)

func parsed(tb testing.TB) *tablediff.Document {
	tb.Helper()
	d, err := tablediff.Decode([]byte(golden))
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

func lines(changes []tablediff.Change) (list []string) {
	for _, c := range changes {
		list = append(list, c.String())
	}
	return list
}

// busy and daily are the codes 7 and -3 of the document.
func busy(d *tablediff.Document) *tablediff.Code  { return &d.Codes[2] }
func daily(d *tablediff.Document) *tablediff.Code { return &d.Codes[0] }

func TestCompare(t *testing.T) {
	t.Parallel()
	const call = "codetable.test.TestService.Call"
	tests := map[string]struct {
		change func(*tablediff.Document)
		want   []string // the first words of each line
	}{
		"nothing": {func(*tablediff.Document) {}, nil},
		"domain": {func(d *tablediff.Document) { d.Domain = "new.example.com" }, []string{
			`breaking: the table: domain "codes.example.com" -> "new.example.com"; breaks every deployed client and server`,
		}},
		"time zone":               {func(d *tablediff.Document) { d.TimeZone = "" }, []string{`behaviour: the table: time_zone "Asia/Shanghai" -> (none); concerns callers`}},
		"unrecognized":            {func(d *tablediff.Document) { d.UnrecognizedGRPCCode = "INTERNAL" }, []string{`behaviour: the table: unrecognized_grpc_code "UNKNOWN" -> "INTERNAL"`}},
		"help URL":                {func(d *tablediff.Document) { d.HelpURL = "" }, []string{`behaviour: the table: help_url "https://example.com/<{reason}>" -> (none)`}},
		"locale":                  {func(d *tablediff.Document) { d.DefaultLocale = "zh-CN" }, []string{`behaviour: the table: default_locale "en" -> "zh-CN"`}},
		"code added":              {func(d *tablediff.Document) { d.Codes = append(d.Codes, tablediff.Code{Number: 9, Reason: "NEW"}) }, []string{"behaviour: code 9 NEW: it is added"}},
		"code removed":            {func(d *tablediff.Document) { d.Codes = d.Codes[1:] }, []string{"breaking: code -3 DAILY: it is removed; breaks callers that handle it"}},
		"reason":                  {func(d *tablediff.Document) { daily(d).Reason = "PER_DAY" }, []string{`breaking: code -3 DAILY: reason "DAILY" -> "PER_DAY"; breaks callers that match the reason`}},
		"gRPC code":               {func(d *tablediff.Document) { busy(d).GRPCCode = "INTERNAL" }, []string{`breaking: code 7 BUSY: gRPC code "ABORTED" -> "INTERNAL"`}},
		"success becomes failure": {func(d *tablediff.Document) { d.Codes[1].GRPCCode, d.Codes[1].Fault = "INTERNAL", "CALLER" }, []string{"breaking: code 0 DONE: a success is a failure now, INTERNAL"}},
		"failure becomes success": {func(d *tablediff.Document) {
			busy(d).GRPCCode, busy(d).Fault, busy(d).Retry = "OK", "", tablediff.Retry{}
		}, []string{
			"breaking: code 7 BUSY: a failure, ABORTED, is a success now",
		}},
		"renumbered": {func(d *tablediff.Document) {
			busy(d).Number, busy(d).Notes = 8, "Other"
			d.Aliases["OLD_NAME"] = 8
		}, []string{
			"breaking: code 7 BUSY: it is renumbered 7 -> 8; breaks every peer", `text: code 7 BUSY: notes "Too many calls" -> "Other"`,
		}},
		"number of another": {func(d *tablediff.Document) {
			d.Aliases = nil
			d.Codes = []tablediff.Code{*daily(d), {Number: 0, Reason: "BUSY", GRPCCode: "OK", Description: "done"}}
		}, []string{
			`breaking: code 0 DONE: reason "DONE" -> "BUSY"`, "breaking: code 7 BUSY: it is removed", "breaking: alias OLD_NAME of 7",
		}},

		"operator to unknown":             {func(d *tablediff.Document) { daily(d).Fault = "99" }, []string{`behaviour: code -3 DAILY: fault "OPERATOR" -> "99"`}},
		"operator to caller":              {func(d *tablediff.Document) { daily(d).Fault = "CALLER" }, []string{`breaking: code -3 DAILY: fault "OPERATOR" -> "CALLER"; breaks the operator: a public boundary`}},
		"operator to unspecified":         {func(d *tablediff.Document) { daily(d).Fault = "" }, []string{`behaviour: code -3 DAILY: fault "OPERATOR" -> "UNSPECIFIED"; concerns callers that use`}},
		"upstream to operator":            {func(d *tablediff.Document) { busy(d).Fault = "OPERATOR" }, []string{`behaviour: code 7 BUSY: fault "UPSTREAM" -> "OPERATOR"; concerns callers behind a public boundary`}},
		"other fault":                     {func(d *tablediff.Document) { busy(d).Fault = "CALLER" }, []string{`behaviour: code 7 BUSY: fault "UPSTREAM" -> "CALLER"; concerns callers that use the fault`}},
		"may be repeated":                 {func(d *tablediff.Document) { busy(d).Retry.Action = "SAME_REQUEST" }, []string{`breaking: code 7 BUSY: retry "NEW_INPUT" -> "SAME_REQUEST"`}},
		"window may be repeated":          {func(d *tablediff.Document) { daily(d).Retry = tablediff.Retry{Action: "SAME_REQUEST"} }, []string{`breaking: code -3 DAILY: retry "NEXT_WINDOW" -> "SAME_REQUEST"`, `behaviour: code -3 DAILY: retry window "DAY" -> (none)`}},
		"no advice":                       {func(d *tablediff.Document) { busy(d).Retry = tablediff.Retry{} }, []string{`behaviour: code 7 BUSY: retry "NEW_INPUT" -> "UNSPECIFIED"`, `behaviour: code 7 BUSY: retry delay "1.5s" -> (none)`}},
		"delay":                           {func(d *tablediff.Document) { busy(d).Retry.Delay = "2s" }, []string{`behaviour: code 7 BUSY: retry delay "1.5s" -> "2s"`}},
		"detail":                          {func(d *tablediff.Document) { busy(d).Detail = tablediff.Detail{} }, []string{`behaviour: code 7 BUSY: detail "QUOTA_FAILURE calls" -> (none)`}},
		"subject":                         {func(d *tablediff.Document) { busy(d).Detail.Subject = "sms" }, []string{`behaviour: code 7 BUSY: detail "QUOTA_FAILURE calls" -> "QUOTA_FAILURE sms"`}},
		"description":                     {func(d *tablediff.Document) { d.Codes[1].Description = "" }, []string{`text: code 0 DONE: description "done" -> (none); concerns developers`}},
		"notes":                           {func(d *tablediff.Document) { busy(d).Notes = "x" }, []string{`text: code 7 BUSY: notes "Too many calls" -> "x"`}},
		"resolution":                      {func(d *tablediff.Document) { busy(d).Resolution = "x" }, []string{`text: code 7 BUSY: resolution "Wait." -> "x"; concerns operators`}},
		"sentence":                        {func(d *tablediff.Document) { busy(d).UserMessages["en"] = "x" }, []string{`text: code 7 BUSY: user message in en "Busy." -> "x"; concerns end users`}},
		"new language":                    {func(d *tablediff.Document) { busy(d).UserMessages["de"] = "x" }, []string{`text: code 7 BUSY: user message in de (none) -> "x"`}},
		"language of a success":           {func(d *tablediff.Document) { d.Codes[1].UserMessages = map[string]string{"de": "x"} }, []string{`text: code 0 DONE: user message in de (none) -> "x"`}},
		"own sentence instead of neutral": {func(d *tablediff.Document) { busy(d).UserMessages["en"] = "Later." }, []string{`text: code 7 BUSY: user message in en "Busy." -> "Later."`}},
		"neutral sentence, one line":      {newNeutral, []string{`text: the table: neutral sentence in zh-CN "稍后。" -> "请稍后。"`}},

		"alias removed": {func(d *tablediff.Document) { d.Aliases = nil }, []string{"breaking: alias OLD_NAME of 7: it is removed; breaks peers that send this reason"}},
		"alias moved":   {func(d *tablediff.Document) { d.Aliases["OLD_NAME"] = -3 }, []string{"breaking: alias OLD_NAME of 7: it stands for -3"}},
		"alias added":   {func(d *tablediff.Document) { d.Aliases["NEW_NAME"] = 7 }, []string{"behaviour: alias NEW_NAME of 7: it is added"}},
		"alias comes first": {func(d *tablediff.Document) {
			busy(d).Reason = "OLD_NAME"
			d.Aliases = map[string]int32{"BUSY": 7}
		}, []string{`breaking: code 7 BUSY: reason "BUSY" -> "OLD_NAME"`, "behaviour: alias BUSY of 7: it is added"}},

		"declared code dropped":    {func(d *tablediff.Document) { d.Methods[call] = []string{"DONE"} }, []string{"breaking: method " + call + ": it no longer declares BUSY"}},
		"declared code added":      {func(d *tablediff.Document) { d.Methods[call] = []string{"BUSY", "DAILY", "DONE"} }, []string{"behaviour: method " + call + ": it declares DAILY"}},
		"contract dropped":         {func(d *tablediff.Document) { d.Methods = nil }, []string{"breaking: method " + call + ": it no longer declares codes of the table"}},
		"contract added":           {func(d *tablediff.Document) { d.Methods["p.S.New"] = []string{"BUSY", "DONE"} }, []string{`behaviour: method p.S.New: it declares codes of the table: ["BUSY" "DONE"]`}},
		"declared code renamed":    {func(d *tablediff.Document) { busy(d).Reason, d.Methods[call] = "FULL", []string{"DONE", "FULL"} }, []string{`breaking: code 7 BUSY: reason "BUSY" -> "FULL"`}},
		"declared code renumbered": {func(d *tablediff.Document) { busy(d).Number, d.Aliases["OLD_NAME"] = 8, 8 }, []string{"breaking: code 7 BUSY: it is renumbered 7 -> 8"}},
		"declared code removed": {func(d *tablediff.Document) {
			d.Codes, d.Aliases, d.Methods[call] = d.Codes[:2], nil, []string{"DONE"}
		}, []string{"breaking: code 7 BUSY: it is removed", "breaking: alias OLD_NAME of 7: it is removed"}},

		"value without a name": {func(d *tablediff.Document) { busy(d).Listed = false }, []string{"behaviour: the table: its document differs in another way"}},
		"most severe first": {func(d *tablediff.Document) { d.TimeZone, daily(d).Notes, busy(d).GRPCCode = "UTC", "x", "INTERNAL" }, []string{
			"breaking: code 7", "behaviour: the table", "text: code -3",
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			after := parsed(t)
			tt.change(after)
			got := lines(tablediff.Compare(parsed(t), after))
			if !slices.EqualFunc(got, tt.want, strings.HasPrefix) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
			for _, line := range got {
				if strings.ContainsAny(line, "\n\r") {
					t.Errorf("%q is not one line", line)
				}
			}
		})
	}
}

// Texts of a document can't control a terminal.
func TestChangesAreSafeForTerminals(t *testing.T) {
	t.Parallel()
	after := parsed(t)
	const reason = "A\nB\x1b[31m\u202e"
	busy(after).Reason, after.Domain, after.Aliases[reason+"2"] = reason, reason, 7
	after.Codes = append(after.Codes, tablediff.Code{Number: 9, Reason: reason})
	after.Methods["codetable.test.TestService.Call"] = []string{reason}
	changes := append(tablediff.Compare(parsed(t), after), tablediff.Compare(after, parsed(t))...)
	if len(changes) < 8 {
		t.Errorf("%d changes, want one of each text", len(changes))
	}
	for _, line := range lines(changes) {
		if text.OneLine(line) != line {
			t.Errorf("%q is not one line of text", line)
		}
	}
}

// newNeutral changes the sentence of every code that has no sentence of its
// own.
func newNeutral(d *tablediff.Document) {
	d.DefaultUserMessages["zh-CN"], busy(d).UserMessages["zh-CN"], daily(d).UserMessages["zh-CN"] = "请稍后。", "请稍后。", "请稍后。"
}

// A change of any value in a document is reported, in both directions.
func TestCompareMissesNothing(t *testing.T) {
	t.Parallel()
	n := 0
	for {
		after := parsed(t)
		at := n
		where := mutate(reflect.ValueOf(after).Elem(), "document", &at)
		if where == "" {
			break
		}
		n++
		if changes := tablediff.Compare(parsed(t), after); len(changes) == 0 {
			t.Errorf("%s: no change is found", where)
		}
		if changes := tablediff.Compare(after, parsed(t)); len(changes) == 0 {
			t.Errorf("%s: no change is found the other way", where)
		}
	}
	if n < 50 {
		t.Errorf("%d values were changed, want all of the document", n)
	}
}

// mutate changes the at-th leaf of a value and returns its name, or "" if there
// are fewer leaves.
func mutate(v reflect.Value, path string, at *int) string {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if where := mutate(v.Field(i), path+"."+v.Type().Field(i).Name, at); where != "" {
				return where
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			if where := mutate(v.Index(i), fmt.Sprintf("%s[%d]", path, i), at); where != "" {
				return where
			}
		}
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, key := range keys {
			elem := reflect.New(v.Type().Elem()).Elem()
			elem.Set(v.MapIndex(key))
			where := mutate(elem, path+"["+key.String()+"]", at)
			v.SetMapIndex(key, elem)
			if where != "" {
				return where
			}
		}
	default:
		if *at--; *at >= 0 {
			return ""
		}
		switch v.Kind() {
		case reflect.String:
			v.SetString(v.String() + "_CHANGED")
		case reflect.Bool:
			v.SetBool(!v.Bool())
		default:
			v.SetInt(v.Int() + 1)
		}
		return path
	}
	return ""
}

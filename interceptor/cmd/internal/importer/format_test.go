package importer_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/importer"
)

// want is a code as "number name description".
type want []string

func (r result) rows(tb testing.TB) (list []string) {
	tb.Helper()
	for _, n := range r.numbers() {
		value := r.enum.Values().ByNumber(protoNumber(n))
		code := r.code(tb, n)
		list = append(list, fmt.Sprintf("%d %s %s|%s", n, strings.TrimPrefix(string(value.Name()), "RESPONSE_CODE_"), code.GetDescription(), code.GetNotes()))
	}
	return list
}

func TestFormats(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, format, source string
		want                 want
		skipped              []string // "line text"
	}{
		{
			"comma", "csv", "Code,Message\n1,\"not found, \"\"gone\"\"\"\n",
			want{`1 NOT_FOUND_GONE not found, "gone"|not found, "gone"`},
			nil,
		},
		{"semicolon and byte order mark", "csv", "\xef\xbb\xbfcode;text\r\n1;a, b and c\r\n", want{"1 B_AND_C a, b and c|a, b and c"}, nil},
		{"tab", "csv", "错误码\t描述\t说明\n1\tinvalid token\t令牌无效\n", want{"1 INVALID_TOKEN invalid token|令牌无效"}, nil},
		{"UTF-16", "csv", "\xff\xfec\x00o\x00d\x00e\x00,\x00m\x00s\x00g\x00\n\x001\x00,\x00b\x00u\x00s\x00y\x00\n\x00", want{"1 BUSY busy|busy"}, nil},
		{
			"semicolon below a title", "csv", "Codes of ACME\n\ncode;text\n1;bad, very bad\n2;worse, really\n",
			want{"1 BAD_VERY_BAD bad, very bad|bad, very bad", "2 WORSE_REALLY worse, really|worse, really"},
			[]string{`1 it is before the header: "Codes of ACME"`},
		},
		{"comma beside semicolons", "csv", "code,msg\n1,a; b; c\n", want{"1 CODE_A a; b; c|a; b; c"}, nil},
		{"a delimiter of prose", "csv", "code:msg\n1:a, b; c\n2:d, e; f\n", want{"1 CODE_B a, b; c|a, b; c", "2 D_E d, e; f|d, e; f"}, nil},
		{"cell of two lines", "csv", "code,msg\n1,\"one\ntwo\"\n2,three\n", want{"1 ONE one\ntwo|one\ntwo", "2 THREE three|three"}, nil},
		{
			"title above the header", "csv", "Codes of ACME\n\nCode,Description\n7,seven up\n",
			want{"7 SEVEN_UP seven up|seven up"},
			[]string{`1 it is before the header: "Codes of ACME"`},
		},
		{
			"numbers", "csv",
			"code,msg\n00,zero point\n-32001,minus one\n−7,minus seven\n0x1F,thirty one\n１２,wide\n`13`,tick\n+14,plus\n400-499,range\n5xx,family\n1.5,float\n" +
				"2147483648,big\n-2147483649,low\n99999999999999999999,huge\n,empty\nn/a,none\n",
			want{
				"0 ZERO_POINT zero point|zero point", "-32001 MINUS_ONE minus one|minus one", "-7 MINUS_SEVEN minus seven|minus seven",
				"31 THIRTY_ONE thirty one|thirty one", "12 WIDE wide|wide", "13 TICK tick|tick", "14 PLUS plus|plus",
			},
			[]string{
				`9 its code is a range: list each number as a row: "400-499 | range"`,
				`10 its code is a range: list each number as a row: "5xx | family"`,
				`11 its code is not a number; if the row is a code, give it one: "1.5 | float"`,
				`12 its code does not fit int32, the type of enum numbers: "2147483648 | big"`,
				`13 its code does not fit int32, the type of enum numbers: "-2147483649 | low"`,
				`14 its code does not fit int32, the type of enum numbers: "99999999999999999999 | huge"`,
				`15 it has no code: "empty"`,
				`16 its code is not a number; if the row is a code, give it one: "n/a | none"`,
			},
		},
		{
			"repeated numbers", "csv", "code,msg\n1,first\n1,first\n1,other\n",
			want{"1 FIRST first|first"},
			[]string{"3 it repeats 1 of line 2", `4 1 is also on line 2, which counts: "other"`},
		},
		{
			"markdown", "md", "# Codes\n\ntext\n| `Code` | **Message** |\n|:--|--:|\n| `1` | a \\| b &amp; *c*<br>d |\n| 2 | [link](http://x.example) text | extra |\nnot | a row\n",
			want{"1 B_C_D a | b & c d|a | b & c d", "2 LINK_TEXT link text|link text"},
			[]string{`8 its code is not a number; if the row is a code, give it one: "not | a row"`},
		},
		{
			"markdown in a fence", "md", "```md\n| code | msg |\n|---|---|\n| 1 | no |\n~~~\n``\n````\n| code | msg |\n|---|---|\n| 2 | two |\n~~~ x\n| 3 | three |\n",
			want{"2 TWO two|two"},
			nil,
		},
		{
			"html", "html", "<!doctype html><table><tr><td>menu<tr><td>other</table>\n<table class=x>\n<thead><tr><th>Code<th>Name</th><th>Desc</th></tr></thead>\n" +
				"<tr><td><b>1</b></td><td><code>BAD_TOKEN</code></td><td>a &lt;b&gt;\n c<br>d<script>evil()</script></td></tr>\n" +
				"<tr><td colspan=3>section</td></tr>\n<tr><td>2<td>BAD_USER<td rowspan=2>both\n<tr><td>3<td>BAD_HOST\n</table>",
			want{"1 BAD_TOKEN a <b> c d|a <b> c d", "2 BAD_USER both|both", "3 BAD_HOST both|both"},
			[]string{`6 its code is not a number; if the row is a code, give it one: "section | section | section"`},
		},
		{
			"html table in a cell", "html", "<table><tr><td>layout<table>\n<tr><td>code<td>msg\n<tr><td>5<td>five five\n</table></td></tr></table>",
			want{"5 FIVE_FIVE five five|five five"},
			nil,
		},
		{
			"json array", "json", `{"version": 2, "errors": [
				{"code": 1, "message": "bad \u0001 token", "extra": {"a": [true, null]}},
				{"message": "slow down", "code": "2", "detail": "wait"},
				"text"]}`,
			want{"1 BAD_TOKEN bad \x01 token|bad \x01 token", "2 SLOW_DOWN slow down|wait"},
			[]string{`4 it has no code: "text"`},
		},
		{"json keyed by the code", "json", `{"10": "ten ten", "-3": {"description": "three three", "http": 404}, "note": "x"}`, want{
			"10 TEN_TEN ten ten|ten ten", "-3 THREE_THREE three three|three three",
		}, []string{`1 its code is not a number; if the row is a code, give it one: "note | x"`}},
		{"json with a key twice", "json", `{"10": "ten ten", "10": "ten more"}`, want{"10 TEN_TEN ten ten|ten ten"}, []string{
			`1 10 is also on line 1, which counts: "ten more"`,
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := importer.Options{Format: test.format}
			if strings.HasPrefix(test.source, "code:msg") {
				o.Delimiter = ':'
			}
			r := run(t, o, test.source, "")
			if got := r.rows(t); !reflect.DeepEqual(sorted(got), sorted(test.want)) {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
			var skipped []string
			for _, issue := range r.Skipped {
				skipped = append(skipped, fmt.Sprintf("%d %s", issue.Line, issue.Text))
			}
			if !reflect.DeepEqual(skipped, test.skipped) {
				t.Errorf("skipped %q\nwant    %q", skipped, test.skipped)
			}
			if r.Rows != r.Codes+len(r.Skipped) {
				t.Errorf("%d rows, but %d codes and %d skipped", r.Rows, r.Codes, len(r.Skipped))
			}
		})
	}
}

// Documents that can't be read have an error that says what to do.
func TestUnreadable(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, format, source, want string }{
		{"GBK", "csv", "code,msg\n1,\xb4\xed\xce\xf3\n", "line 2 is not UTF-8: convert the file, for example with iconv -f ENCODING -t UTF-8"},
		{"PDF", "csv", "%PDF-1.7\n\x00", "it is a PDF: copy the table into a CSV or Markdown file"},
		{"workbook", "csv", "PK\x03\x04\x14\x00", "it is a workbook: save the sheet as CSV"},
		{"UTF-16 without a mark", "csv", "c\x00o\x00", "line 1 has a NUL byte: if the file is UTF-16"},
		{"empty", "csv", "", "it has no table"},
		{"open quote", "csv", "code,msg\n1,\"x\n", "read CSV with the delimiter ',', or name another one with --delimiter: parse error on line 2"},
		{"no header", "csv", "not found,404\n,500\n", `name the columns with --columns code=1,description=2, or another delimiter than ',' with --delimiter`},
		{"no codes", "csv", "name,text\na,b\n", `no table of codes was found; name the columns with --columns`},
		{"letters", "csv", "Code,Text\nE01,a\nE02,b\n", `no table of codes was found:
  table 1, line 1 ("Code", "Text"): the column "Code" has no whole numbers ("E01"): give each code a number, because a protobuf enum needs one`},
		{"keyed by letters", "json", `{"E01": "a"}`, "it has no array of objects, and no object keyed by whole numbers"},
		{"no table", "md", "# Title\n\ntext\n", "it has no table"},
		{"only in a fence", "md", "~~~\n|code|msg|\n|-|-|\n|1|a|\n", "it has no table outside of fenced code"},
		{"syntax", "json", "[\n{\"code\": 1,}]", "read JSON: line 2: invalid character"},
		{"two values", "json", "[] []", "there is more than one value"},
		{"cut off", "json", `[{"code": 1`, "unexpected EOF"},
		{"deep", "json", strings.Repeat("[", 100), "values more than 32 deep"},
		{"deep tables", "html", strings.Repeat("<table><tr><td>", 100), "more than 32 tables in each other"},
		{"wide", "csv", "code,msg" + strings.Repeat(",x", 200) + "\n1,a\n", "or 200 columns"},
		{"long", "csv", "code,msg\n" + strings.Repeat("1,a\n", 20_001), "it has more than 20000 rows"},
		{"large", "csv", strings.Repeat("x", importer.MaxFile+1), "it has more than 16 MiB"},
		{"spans", "html", "<table>" + strings.Repeat("<tr>"+strings.Repeat("<td colspan=200 rowspan=200>x", 20), 100), "or 200 columns"},
		{"format", "pdf", "x", `format "pdf": want one of csv, json, md, html`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, _, err := importer.Import(importer.Options{Name: "codes", Format: test.format}, []byte(test.source), nil)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

// A cell that is too long is cut, and that is reported.
func TestLongCell(t *testing.T) {
	t.Parallel()
	r := run(t, importer.Options{Format: "csv"}, "code,msg\n1,"+strings.Repeat("wörd ", 4000)+"\n", "")
	if n := len(r.code(t, 1).GetDescription()); n > 8<<10 || n < 8<<10-4 {
		t.Errorf("%d bytes, want 8 KiB", n)
	}
	if len(r.Notes) != 1 || r.Notes[0].Line != 2 || !strings.Contains(r.Notes[0].Text, "column 2 is cut to 8192 bytes") {
		t.Errorf("notes %v", r.Notes)
	}
	if !strings.Contains(r.file, "TODO(codetable): name: it is only a part of the text") {
		t.Error("no TODO for the shortened name")
	}
}

package importer_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/importer"
)

// Columns are found by their headings and by what is in them.
func TestColumns(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, source, want string }{
		{"english", "Error Code,Error Message,Reason,Solution\n1,a b,c d,e f\n", "code description notes resolution"},
		{"chinese", "返回码,说明\n1,参数错误\n", "code description"},
		{"chinese, two texts", "错误码,描述,备注,解决方案\n1,a,b,c\n", "code description notes resolution"},
		{"japanese", "エラーコード,説明\n1,a b\n", "code description"},
		{"german", "Fehlercode,Beschreibung,Hinweis\n1,a b,c\n", "code description notes"},
		{"spelling", "ERROR_CODE,Http-Status,gRPC.Code\n1,404,NotFound\n", "code http grpc_code"},
		{"code is a name", "code,number,message\nBAD_TOKEN,7,a b\nBAD_USER,8,c d\n", "name code description"},
		{"code is a gRPC code", "number,code,message\n7,NOT_FOUND,a b\n", "code grpc_code description"},
		{"status is HTTP", "status,code,message\n404,70001,a b\n500,70002,c d\n", "http code description"},
		{"status is the code", "status,message\n0,a b\n70002,c d\n", "code description"},
		{"name is a text", "code,name\n1,invalid parameter\n", "code description"},
		{"kinds are no names", "code,type,message\n1,client,a\n2,client,b\n3,client,c\n", "code - description"},
		{"reason is a name", "code,reason\n1,BAD_TOKEN\n2,BAD_USER\n", "code name"},
		{"message and description", "code,message,description\n1,short,long text\n", "code description notes"},
		{"sentences", "code,en,zh_CN,user message (fr),no\n1,a b,c,d,5\n", "code user_messages.en user_messages.zh-CN user_messages.fr -"},
		{"fault and retry", "code,name,fault,retry\n1,ABC,CALLER,NEVER\n", "code name fault retry"},
		{"not used", "code,link,msg\n1,x,a b\n", "code - description"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := run(t, importer.Options{Format: "csv"}, test.source, "")
			var got []string
			for _, c := range r.Tables[0].Columns {
				use := c.Use
				if use == "" {
					use = "-"
				}
				got = append(got, use)
			}
			if strings.Join(got, " ") != test.want {
				t.Errorf("columns %v, want %s", got, test.want)
			}
		})
	}
}

func TestNamedColumns(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ columns, source, want string }{
		{"code=2,description=1", "x y,7,z\nv w,8,z\n", "7 X_Y x y|x y;8 V_W v w|v w"},
		{"code=Nummer,notes=wort", "Wort,Nummer\nab cd,7\n", "7 AB_CD |ab cd"},
		{"code=1,name=2,description=3", "id,label,what\n7,TOKEN_BAD,text text\n", "7 TOKEN_BAD text text|text text"},
	} {
		columns, err := importer.ParseColumns(strings.Split(test.columns, ","))
		if err != nil {
			t.Fatal(err)
		}
		r := run(t, importer.Options{Format: "csv", Columns: columns}, test.source, "")
		if got := strings.Join(r.rows(t), ";"); got != test.want || len(r.Skipped) > 0 {
			t.Errorf("--columns %s: %s, skipped %v, want %s", test.columns, got, r.Skipped, test.want)
		}
	}
}

func TestWrongColumns(t *testing.T) {
	t.Parallel()
	for columns, want := range map[string]string{
		"description=1":   "no column is named for the code",
		"code=1,color=2":  `column "color": want code, name, description`,
		"code":            `column "code": want code=NUMBER or code=HEADING, once`,
		"code=1,code=2":   `column "code=2": want code=NUMBER or code=HEADING, once`,
		"code=1,en=":      `column "en=": want user_messages.en=NUMBER`,
		"code=1,no-such=": "want code, name",
	} {
		if _, err := importer.ParseColumns(strings.Split(columns, ",")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", columns, err, want)
		}
	}
	for columns, want := range map[string]string{
		"code=9": "it lacks a column that --columns names", "code=none": "it lacks a column that --columns names",
		"code=2": `the column "msg" has no whole numbers ("a"): give each code a number`,
	} {
		c, err := importer.ParseColumns([]string{columns})
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = importer.Import(importer.Options{Name: "x", Format: "csv", Columns: c}, []byte("code,msg\n1,a\n"), nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", columns, err, want)
		}
	}
}

// Tables with the same columns are one table; the others are named.
func TestSeveralTables(t *testing.T) {
	t.Parallel()
	const source = `| Version | Date |
|---|---|
| a | b |

| Code | Message |
|---|---|
| 1 | one a |

| HTTP code | Code |
|---|---|
| 200 | 5 |

| code | message |
|---|---|
| 2 | two b |
| 1 | other |
`
	r := run(t, importer.Options{Format: "md"}, source, "")
	if got := strings.Join(r.rows(t), ";"); got != "1 ONE one a|one a;2 TWO_B two b|two b" {
		t.Errorf("got %s", got)
	}
	var got []string
	for _, table := range r.Tables {
		got = append(got, fmt.Sprintln(table.Number, table.Line, table.Rows, table.Used, table.Why))
	}
	want := []string{
		"1 1 1 false it has no column of codes", "2 5 1 true ",
		"3 9 1 false its columns differ from those of the table with most codes; import it with --table 3", "4 13 2 true ",
	}
	if strings.Join(got, "") != strings.Join(want, "\n")+"\n" {
		t.Errorf("tables:\n%s\nwant\n%s", strings.Join(got, ""), strings.Join(want, "\n"))
	}
	if len(r.Skipped) != 1 || r.Skipped[0].Line != 16 || !strings.Contains(r.Skipped[0].Text, "1 is also on line 7") {
		t.Errorf("skipped %v", r.Skipped)
	}
	if !strings.Contains(r.file, `// TODO(codetable): number: line 16 of the source gives 1 another meaning: "other"`) {
		t.Errorf("no TODO for the other meaning:\n%s", r.file)
	}
	third := run(t, importer.Options{Format: "md", Table: 3}, source, "")
	if fmt.Sprint(third.numbers()) != "[5]" {
		t.Errorf("--table 3 has the codes %v, want 5", third.numbers())
	}
	_, _, err := importer.Import(importer.Options{Name: "x", Format: "md", Table: 1}, []byte(source), nil)
	if err == nil || !strings.Contains(err.Error(), "table 1 has no codes to import") {
		t.Errorf("--table 1: %v", err)
	}
}

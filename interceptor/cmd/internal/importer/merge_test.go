package importer_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/importer"
)

// byHand is a file that people edited: other definitions, comments, sections,
// names and options of their own.
const byHand = `// A licence.
syntax = "proto3";
package acme.v1;

import   "codetable/v1/codetable.proto"; // needed
option go_package = "example.com/acme/v1;acmev1";

message TokenBad { optional Other other = 1; }
enum Other { OTHER_UNSPECIFIED = 0; OTHER_X = 7; }

/* The codes. */
enum AcmeCode {
    option (codetable.v1.table) = {domain: "acme.example"};
    reserved 90 to 99, -5;
    reserved "ACME_CODE_OLD";

    ACME_CODE_UNSPECIFIED = 0 [(codetable.v1.code) = {grpc_code: GRPC_CODE_UNKNOWN, notes: "no code", fault: FAULT_UPSTREAM, retry: {action: RETRY_ACTION_NEVER}}];

    // Tokens.

    // Renamed by hand.
    ACME_CODE_BAD = 0x7 [(codetable.v1.code) = { // why
        grpc_code: GRPC_CODE_UNAUTHENTICATED,
        description: "bad " 'token', notes: "bad token"; fault: FAULT_CALLER,
        retry: {action: RETRY_ACTION_NEVER}
    }, deprecated = true]; /* one */ // two

    // Hosts.
    ACME_CODE_HOST = 30 [(codetable.v1.code) = {grpc_code: GRPC_CODE_INTERNAL, description: "host", notes: "host", fault: FAULT_UPSTREAM, retry: {action: RETRY_ACTION_NEVER}}];
    // This comment belongs to 30 too.

    ACME_CODE_BARE = 31;
    ACME_CODE_GONE = 32;
    // The end.
}

enum After { AFTER_UNSPECIFIED = 0; }
`

// withoutAdded removes the values that were added, and the comments
// before them.
func withoutAdded(tb testing.TB, r result) string {
	tb.Helper()
	file := r.file
	for _, v := range r.Added {
		name := fmt.Sprintf("%s = %d [", v.Name, v.Number)
		at := strings.Index(file, name)
		if at < 0 {
			tb.Fatalf("no %s in:\n%s", name, file)
		}
		end := at + strings.Index(file[at:], "}];") + len("}];")
		start := strings.LastIndexByte(file[:at], '\n')
		for {
			before := strings.LastIndexByte(file[:start], '\n')
			line := strings.TrimSpace(file[before+1 : start])
			if !strings.HasPrefix(line, "// TODO(codetable)") && !strings.HasPrefix(line, "// New ") {
				break
			}
			start = before
		}
		file = file[:start] + file[end:]
	}
	return file
}

// New rows are added after their neighbours in the source. Nothing else
// changes.
func TestMerge(t *testing.T) {
	t.Parallel()
	const source = `code,description
6,new first
7,bad token
8,new eight
-5,new reserved
30,host
40,new token bad
31,bare
9,new old
90,new in range
41,new forty one
`
	r := run(t, importer.Options{Format: "csv"}, source, byHand)
	if got := withoutAdded(t, r); got != byHand {
		t.Errorf("without the added values the file is not the old one:\n%s", got)
	}
	var order []string
	for _, name := range r.names() {
		order = append(order, strings.TrimPrefix(name, "ACME_CODE_"))
	}
	if got, want := strings.Join(order, " "), "UNSPECIFIED BAD NEW_EIGHT HOST NEW_TOKEN_BAD BARE NEW_OLD NEW_FORTY_ONE GONE NEW_FIRST"; got != want {
		t.Errorf("order %s\nwant  %s", got, want)
	}
	if !strings.Contains(r.file, "// This comment belongs to 30 too.\n    // New token bad.\n") {
		t.Errorf("the comment after 30 is not kept there:\n%s", r.file)
	}
	if !strings.HasSuffix(r.Text(true), ": 10 rows, 8 codes, 2 skipped; 5 added, 2 unchanged, 1 changed, 1 gone; 15 TODOs\n") {
		t.Errorf("the summary does not add up:\n%s", r.Text(true))
	}
	if len(r.Skipped) != 2 || r.Skipped[0].Text != "enum AcmeCode reserves -5" || r.Skipped[1].Text != "enum AcmeCode reserves 90" {
		t.Errorf("skipped %v", r.Skipped)
	}
	if len(r.Gone) != 1 || r.Gone[0].Name != "ACME_CODE_GONE" || r.Gone[0].Number != 32 {
		t.Errorf("gone %v, want 32", r.Gone)
	}
	if len(r.Changed) != 1 || r.Changed[0].Number != 31 || r.Changed[0].Old != "" || r.Changed[0].New != "bare" {
		t.Errorf("changed %v, want the description of 31", r.Changed)
	}
	again := run(t, importer.Options{Format: "csv", UpdateTexts: true}, source, r.file)
	if again.file != r.file || len(again.Added) > 0 {
		t.Errorf("a second run changes the file: added %v", again.Added)
	}
}

// The names of the file and of the reserved values are not used again.
func TestMergeAvoidsNames(t *testing.T) {
	t.Parallel()
	r := run(t, importer.Options{Format: "csv"}, "code,name\n7,BAD\n8,OLD_\n9,BAD\n10,HO_ST\n", byHand)
	got := map[int32]string{}
	for _, v := range r.Added {
		got[v.Number] = v.Name
	}
	if got[8] != "ACME_CODE_OLD_8" || got[9] != "ACME_CODE_BAD_9" || got[10] != "ACME_CODE_HO_ST_10" {
		t.Errorf("names %v", got)
	}
	if !strings.Contains(r.file, "name: BAD is also proposed for 7") {
		t.Errorf("no TODO:\n%s", r.file)
	}
}

// The line breaks and the layout of a file are kept.
func TestMergeLayouts(t *testing.T) {
	t.Parallel()
	const head = "syntax = \"proto3\";\npackage a.v1;\nimport \"codetable/v1/codetable.proto\";\n"
	const option = "option (codetable.v1.table) = {domain: \"a.example\"};"
	for name, file := range map[string]string{
		"one line":        head + "enum C {" + option + " C_UNSPECIFIED = 0;}",
		"two on a line":   head + "enum C {\n" + option + "\n  C_UNSPECIFIED = 0; C_B = 2; }\n",
		"CRLF":            strings.ReplaceAll(head+"enum C {\n"+option+"\n  C_UNSPECIFIED = 0; // zero\n}\n", "\n", "\r\n"),
		"tabs":            head + "enum C {\n\t" + option + "\n\tC_UNSPECIFIED = 0;\n}\n",
		"nested":          head + "message M {\n  enum C {\n    " + option + "\n    C_UNSPECIFIED = 0;\n  }\n}\n",
		"block comment":   head + "enum C {\n" + option + "\n  C_UNSPECIFIED = 0; /* a\n b */ }\n",
		"no prefix":       head + "enum Code {\n" + option + "\n  NONE = 0;\n}\n",
		"byte order mark": "\xef\xbb\xbf" + head + "enum C {\n" + option + "\n  C_UNSPECIFIED = 0;\n}\n",
		"editions":        strings.Replace(head, `syntax = "proto3"`, `edition = "2023"`, 1) + "enum C {\n" + option + "\n  C_UNSPECIFIED = 0;\n}\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := importer.Options{Name: "c.csv", Format: "csv"}
			merged, s, err := importer.Import(o, []byte("code,description\n5,new\n"), []byte(file))
			if err != nil {
				t.Fatal(err)
			}
			compile(t, merged)
			if len(s.Added) != 1 || s.Added[0].Number != 5 {
				t.Fatalf("added %v", s.Added)
			}
			if want := strings.Contains(file, "NONE"); want != (s.Added[0].Name == "NEW") {
				t.Errorf("the name is %s", s.Added[0].Name)
			}
			if strings.Contains(file, "\r\n") && strings.Count(merged, "\n") != strings.Count(merged, "\r\n") {
				t.Errorf("line breaks are mixed: %q", merged)
			}
			if strings.Contains(file, "\t") && !strings.Contains(merged, "\n\tC_NEW = 5 [") {
				t.Errorf("the indent differs:\n%s", merged)
			}
			start, end := 0, 0
			for start < len(file) && file[start] == merged[start] {
				start++
			}
			for end < len(file)-start && file[len(file)-1-end] == merged[len(merged)-1-end] {
				end++
			}
			if start+end < len(file) {
				t.Errorf("more than an insertion:\n%s", merged)
			}
			again, _, err := importer.Import(o, []byte("code,description\n5,new\n"), []byte(merged))
			if err != nil || again != merged {
				t.Errorf("a second run changes the file (%v):\n%s", err, again)
			}
		})
	}
}

// What the flags say is not written over what the file says.
func TestMergeContradictions(t *testing.T) {
	t.Parallel()
	o := importer.Options{Format: "csv", Enum: "AcmeCode", Domain: "other.example", Package: "other.v1", GoPackage: "example.com/other"}
	r := run(t, o, "code,description\n7,bad token\n", byHand)
	if r.file != byHand {
		t.Errorf("the file changed:\n%s", r.file)
	}
	var got []string
	for _, note := range r.Notes {
		got = append(got, note.Text)
	}
	want := `--package "other.v1": the file has "acme.v1", which stays
--go-package "example.com/other": the file has "example.com/acme/v1;acmev1", which stays
--domain "other.example": the file has "acme.example", which stays`
	if strings.Join(got, "\n") != want {
		t.Errorf("notes:\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
}

// A gRPC code that people chose stays, and the other one is reported.
func TestMergeKeepsTheCode(t *testing.T) {
	t.Parallel()
	r := run(t, importer.Options{Format: "csv", UpdateTexts: true}, "code,grpc code\n7,NotFound\n30,INTERNAL\n31,INTERNAL\n", byHand)
	if r.file != byHand {
		t.Errorf("the file changed:\n%s", r.file)
	}
	if len(r.Notes) != 1 || r.Notes[0].Line != 2 || r.Notes[0].Text != "it states GRPC_CODE_NOT_FOUND: ACME_CODE_BAD has GRPC_CODE_UNAUTHENTICATED, which stays" {
		t.Errorf("notes %v", r.Notes)
	}
}

func TestMergeRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ enum, file, want string }{
		{"", "syntax", "merge into the existing file: existing.proto:1:"},
		{"", "syntax = \"proto3\";\nenum A { A_0 = 0; }\n", "it has 0 tables: name one of its enums with --enum: A"},
		{"B", byHand, "it has 0 enums B: name one of Other, AcmeCode, After with --enum"},
		{"A", "syntax = \"proto3\";\nenum A { A_0 = 0; }\n", `it does not import "codetable/v1/codetable.proto": add the import`},
		{"A", "syntax = \"proto3\";\nimport \"codetable/v1/codetable.proto\";\nenum A {}\n", "enum A"},
	} {
		o := importer.Options{Name: "x", Format: "csv", Enum: test.enum}
		if _, _, err := importer.Import(o, []byte("code,msg\n1,a\n"), []byte(test.file)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v, want %q", err, test.want)
		}
	}
}

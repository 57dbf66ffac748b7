package importer_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/importer"
)

// FuzzImport imports a source in one of the formats, and then imports it again
// into the result. The file always compiles, has each code of the source once
// and nothing else, and the second run changes nothing.
func FuzzImport(f *testing.F) {
	formats := []string{"csv", "json", "md", "html"}
	for i, seed := range []string{
		"code;msg\n0x1F;a\n",
		`[{"code":"1","msg":"a"}]`,
		"a\n|code|msg|\n|-|-|\n|1|a`b|\n",
		"<table><tr><th>code<th rowspan=2>msg<tr><td>1",
	} {
		f.Add(i, seed)
		f.Add(i, document(f, formats[i], hostile))
		f.Add(i, document(f, formats[i], []string{"success", "success", "not found", "参数错误", "", "a b; c"}))
	}
	f.Fuzz(func(t *testing.T, format int, source string) {
		o := importer.Options{Name: "fuzz", Format: formats[uint(format)%uint(len(formats))]}
		file, s, err := importer.Import(o, []byte(source), nil)
		if err != nil {
			return
		}
		r := result{s, file, compile(t, file).Enums().ByName("ResponseCode")}
		checkFile(t, r)
		checkText(t, s.Text(true))
		var want []int32
		for _, v := range s.Added {
			if v.Line > 0 { // the zero value of a table without code 0 has no line
				want = append(want, v.Number)
			}
		}
		got := make([]int32, 0, len(want))
		for i := range r.enum.Values().Len() {
			if n := int32(r.enum.Values().Get(i).Number()); n != 0 || slices.Contains(want, 0) {
				got = append(got, n)
			}
		}
		if len(want) != s.Codes || !reflect.DeepEqual(got, append([]int32{}, want...)) {
			t.Errorf("%d codes, the file has %v, want %v", s.Codes, got, want)
		}
		if s.Rows != s.Codes+len(s.Skipped) {
			t.Errorf("%d rows, but %d codes and %d skipped", s.Rows, s.Codes, len(s.Skipped))
		}
		again, second, err := importer.Import(o, []byte(source), []byte(file))
		if err != nil || again != file || second.Differs() {
			t.Errorf("a second run differs: %v, %+v", err, second)
		}
	})
}

// FuzzMerge merges a source with other codes into a file that it edits first:
// the old file is what is left without the insertions.
func FuzzMerge(f *testing.F) {
	f.Add("a b", "// c", 1)
	f.Add("success", "/* d\n */", 40)
	f.Add("\"", "\r\n", 300)
	f.Fuzz(func(t *testing.T, text, noise string, at int) {
		file, _, err := importer.Import(importer.Options{Name: "a", Format: "json"}, []byte(document(t, "json", []string{text, "b", "c"})), nil)
		if err != nil {
			return
		}
		at = min(max(at, 0), len(file))
		edited := file[:at] + noise + file[at:]
		o := importer.Options{Name: "b", Format: "csv"}
		source := "code,description\n-3,minus\n2,b\n20,twenty\n21,b\n"
		merged, s, err := importer.Import(o, []byte(source), []byte(edited))
		if err != nil {
			return // the noise is not a comment
		}
		rest := merged
		for i := 0; i < len(edited) && rest != ""; {
			if rest[0] == edited[i] {
				i++
			}
			rest = rest[1:]
			if rest == "" && i < len(edited) {
				t.Fatalf("a part of the file is lost:\n%s\nmerged:\n%s", edited, merged)
			}
		}
		for _, v := range s.Added {
			if strings.Count(merged, fmt.Sprintf("%s = %d [", v.Name, v.Number)) < 1 {
				t.Errorf("%v is not added", v)
			}
		}
		again, second, err := importer.Import(o, []byte(source), []byte(merged))
		if err != nil || again != merged || len(second.Added) > 0 {
			t.Errorf("a second run differs: %v, %+v", err, second)
		}
	})
}

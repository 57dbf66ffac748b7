package faulty_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"io"
	"slices"
	"strings"
	"unicode/utf16"
)

// bodies are replies with the status 200 whose body is no object of JSON.
func bodies() []reply {
	const object = `{"code":9000}`
	return []reply{
		{name: "no body", give: answers(200, ""), want: unintelligible},
		{name: "no body and no length", give: says(ok + "\r\n"), want: unintelligible},
		{name: "white space", give: answers(200, " \r\n\t"), want: unintelligible},
		{name: "a page", give: answers(200, "<!doctype html><p>@free @echo", "Content-Type: text/html"), want: unintelligible},
		{name: "a page with the object", give: answers(200, "<pre>"+object+"</pre>"), want: unintelligible},
		{name: "XML", give: answers(200, "<code>9000</code>"), want: unintelligible},
		{name: "YAML", give: answers(200, "code: 9000"), want: unintelligible},
		{name: "a form", give: answers(200, "code=9000&content=@free"), want: unintelligible},
		{name: "JSONP", give: answers(200, "callback("+object+")"), want: unintelligible},
		{name: "a byte order mark", give: answers(200, "\ufeff"+object), want: unintelligible},
		{name: "UTF-16", give: answers(200, wide(object), "Content-Type: application/json; charset=utf-16"), want: unintelligible},
		{name: "a cut object", give: answers(200, `{"code":9001,"content":"@free`), want: unintelligible},
		{name: "trailing garbage", give: answers(200, object+"@free"), want: unintelligible},
		{name: "two objects", give: answers(200, object+object), want: unintelligible},
		{name: "a comment", give: answers(200, `{"code":9000/*@free*/}`), want: unintelligible},
		{name: "a trailing comma", give: answers(200, `{"code":9000,}`), want: unintelligible},
		{name: "single quotes", give: answers(200, `{'code':9000}`), want: unintelligible},
		{name: "NUL after the object", give: answers(200, object+"\x00"), want: unintelligible},
		{name: "NUL within the object", give: answers(200, `{"code":9000,"content":"`+"\x00"+`"}`), want: unintelligible},
		{name: "an array", give: answers(200, "["+object+"]"), want: unintelligible},
		{name: "a number", give: answers(200, "9000"), want: unintelligible},
		{name: "a string", give: answers(200, `"9000"`), want: unintelligible},
		{name: "null", give: answers(200, "null"), want: unintelligible},
		{name: "deep nesting", give: answers(200, strings.Repeat("[", 1<<19)), want: unintelligible},
		{name: "deep nesting beside the code", give: answers(200, `{"code":9000,"a":`+strings.Repeat("[", 20000)+strings.Repeat("]", 20000)+"}"), want: unintelligible},
		{name: "just above the limit", give: answers(200, object+strings.Repeat(" ", 1<<20)), want: unintelligible},
	}
}

func wide(text string) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune(text)) {
		b.Write([]byte{byte(unit), byte(unit >> 8)})
	}
	return b.String()
}

// encodings are bodies that are compressed, or said to be.
func encodings() []reply {
	const object, encoded = `{"code":9001,"content":"` + free + `"}`, "Content-Encoding: gzip"
	packed, blanks := zip(object), slices.Repeat([]string{strings.Repeat(" ", 1<<20)}, 64)
	return []reply{
		{name: "gzip", give: answers(200, packed, encoded), want: coded(9001)},
		{name: "gzip twice", give: answers(200, zip(packed), encoded), want: unintelligible},
		{name: "gzip that is not said to be", give: answers(200, packed), want: unintelligible},
		{name: "said to be gzip", give: answers(200, object, encoded), want: unintelligible},
		{name: "said to be gzip, and empty", give: answers(200, "", encoded), want: unintelligible},
		{name: "gzip that is cut", give: answers(200, packed[:len(packed)/2], encoded), want: noAnswer},
		{name: "gzip without its sum", give: answers(200, packed[:len(packed)-8]+"\x00\x00\x00\x00\x00\x00\x00\x00", encoded), want: unintelligible},
		{name: "garbage after gzip", give: answers(200, packed+"@free", encoded), want: unintelligible},
		{name: "two members of gzip", give: answers(200, zip(`{"code":`)+zip(`9001}`), encoded), want: coded(9001)},
		{name: "a bomb of gzip", give: answers(200, zip(blanks...), encoded), want: unintelligible},
		{name: "a bomb within a string", give: answers(200, zip(slices.Concat([]string{`{"code":9000,"content":"`}, blanks, []string{`"}`})...), encoded), want: unintelligible},
		{name: "deflate", give: answers(200, deflate(object), "Content-Encoding: deflate"), want: unintelligible},
		{name: "an unknown encoding", give: answers(200, "@free", "Content-Encoding: br"), want: unintelligible},
	}
}

func zip(texts ...string) string {
	var b bytes.Buffer
	pack(gzip.NewWriter(&b), texts...)
	return b.String()
}

func deflate(text string) string {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.BestSpeed) // the level is valid
	pack(w, text)
	return b.String()
}

// pack can't fail: a buffer takes everything.
func pack(w io.WriteCloser, texts ...string) {
	for _, text := range texts {
		_, _ = io.WriteString(w, text)
	}
	_ = w.Close()
}

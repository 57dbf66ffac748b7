package docgen_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"
	nethtml "golang.org/x/net/html"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/artefact"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/catalogue"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/catalogue/cataloguetest"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/docgen"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/signals/signalstest"
)

// documents returns each Markdown document and the page, as HTML by name.
func documents(t *testing.T, c *catalogue.Catalogue) map[string]*nethtml.Node {
	t.Helper()
	parsed := map[string]*nethtml.Node{}
	for _, file := range generate(t, c) {
		text := file.Content
		if strings.HasSuffix(file.Name, ".md") {
			text = render(t, text)
		}
		node, err := nethtml.Parse(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		parsed[file.Name] = node
	}
	return parsed
}

func generate(t *testing.T, c *catalogue.Catalogue) (files []artefact.File) {
	t.Helper()
	for _, generate := range []func(*catalogue.Catalogue) ([]artefact.File, error){
		docgen.Markdown, docgen.HTML, docgen.Runbook,
	} {
		list, err := generate(c)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, list...)
	}
	return files
}

// render keeps raw HTML, so that a text which becomes HTML is seen.
func render(t *testing.T, markdown []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	err := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(html.WithUnsafe())).Convert(markdown, &b)
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func attribute(node *nethtml.Node, key string) (string, bool) {
	for _, a := range node.Attr {
		if a.Key == key {
			return a.Val, true
		}
	}
	return "", false
}

// TestLinksResolve follows each link inside the documents, and each anchor is
// there once.
func TestLinksResolve(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]*catalogue.Catalogue{
		"JVerification": cataloguetest.Linked(t), "library": cataloguetest.Library(t), "hostile": cataloguetest.HostileTable(t),
	} {
		for file, root := range documents(t, c) {
			anchors, links := map[string]int{}, 0
			for node := range root.Descendants() {
				if id, ok := attribute(node, "id"); ok {
					anchors["#"+id]++
				}
			}
			for node := range root.Descendants() {
				href, ok := attribute(node, "href")
				if !ok || !strings.HasPrefix(href, "#") || href == "#ZgotmplZ" {
					continue
				}
				links++
				if anchors[unescape(t, href)] != 1 {
					t.Errorf("%s: %s leads to %d anchors", name+" "+file, href, anchors[unescape(t, href)])
				}
			}
			if links == 0 || len(anchors) == 0 {
				t.Errorf("%s %s: %d links and %d anchors", name, file, links, len(anchors))
			}
		}
	}
}

func unescape(t *testing.T, href string) string {
	t.Helper()
	return "#" + regexp.MustCompile(`%[0-9A-Fa-f]{2}`).ReplaceAllStringFunc(href[1:], func(s string) string {
		var b byte
		if _, err := fmt.Sscanf(s, "%%%02x", &b); err != nil {
			t.Fatal(err)
		}
		return string([]byte{b})
	})
}

// shape returns how often each element with its attributes is in a document.
// Texts, ids and links are left out.
func shape(root *nethtml.Node) map[string]int {
	count := map[string]int{}
	for node := range root.Descendants() {
		if node.Type == nethtml.CommentNode {
			count["comment"]++
		}
		if node.Type == nethtml.ElementNode {
			name := node.Data
			for _, a := range node.Attr {
				name += " " + a.Key
			}
			count[name]++
		}
	}
	return count
}

// TestHostileTexts replaces all texts by harmless ones. A text that becomes
// Markdown or HTML changes the elements of the document.
func TestHostileTexts(t *testing.T) {
	t.Parallel()
	hostile := documents(t, cataloguetest.HostileTable(t))
	harmless := documents(t, cataloguetest.HarmlessTable(t))
	for file, root := range harmless {
		if diff := cmp.Diff(shape(root), shape(hostile[file])); diff != "" {
			t.Errorf("%s (-harmless +hostile):\n%s", file, diff)
		}
		for node := range hostile[file].Descendants() {
			for _, key := range []string{"href", "src"} {
				if value, ok := attribute(node, key); ok && value != "#ZgotmplZ" && !strings.HasPrefix(value, "#") {
					t.Errorf("%s: a text made the link %s", file, value)
				}
			}
		}
	}
	for _, file := range generate(t, cataloguetest.HostileTable(t)) {
		if bytes.ContainsAny(file.Content, "\x1b\u202e") {
			t.Errorf("%s has a control character", file.Name)
		}
	}
}

// TestPageIsAccessible checks what a screen reader needs.
func TestPageIsAccessible(t *testing.T) {
	t.Parallel()
	root := documents(t, cataloguetest.Linked(t))["codes.html"]
	last, languages := 0, map[string]bool{}
	for node := range root.Descendants() {
		if node.Type != nethtml.ElementNode {
			continue
		}
		lang, hasLang := attribute(node, "lang")
		switch node.Data {
		case "html":
			if lang != "en" {
				t.Errorf("the page has the language %q", lang)
			}
		case "h1", "h2", "h3":
			level := int(node.Data[1] - '0')
			if level > last+1 {
				t.Errorf("%s follows h%d", node.Data, last)
			}
			last = level
		case "th":
			if scope, _ := attribute(node, "scope"); scope != "col" && scope != "row" {
				t.Errorf("a header has the scope %q", scope)
			}
		case "dd":
			if hasLang {
				languages[lang] = true
			}
		case "script", "link", "img", "iframe":
			t.Errorf("the page has a %s", node.Data)
		}
	}
	if diff := cmp.Diff(map[string]bool{"en": true, "zh-CN": true}, languages); diff != "" {
		t.Errorf("languages of sentences (-want +got):\n%s", diff)
	}
}

// TestJSON has the document of the golden file, and two more fields.
func TestJSON(t *testing.T) {
	t.Parallel()
	files, err := docgen.JSON(cataloguetest.Linked(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		golden, err := os.ReadFile("../../../../proto/jiguang/jverification/v1/testdata/" + strings.TrimSuffix(file.Name, "s.json") + ".golden.json")
		if err != nil {
			t.Fatal(err)
		}
		var want, got map[string]any
		if err := json.Unmarshal(golden, &want); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(file.Content, &got); err != nil {
			t.Fatal(err)
		}
		want["generatedBy"] = "codetable gen json"
		want["enum"] = got["enum"]
		if diff := cmp.Diff(want, got); diff != "" || !strings.HasPrefix(fmt.Sprint(got["enum"]), "jiguang.jverification.v1.") {
			t.Errorf("%s (-want +got):\n%s", file.Name, diff)
		}
	}
	if len(files) != 2 {
		t.Errorf("%d files, want one for each table", len(files))
	}
}

// TestEveryCode has each code in each document once, and only the failing ones
// in the runbook.
func TestEveryCode(t *testing.T) {
	t.Parallel()
	c := cataloguetest.Linked(t)
	files := map[string]string{}
	for _, file := range generate(t, c) {
		files[file.Name] = string(file.Content)
	}
	runbook := files["runbook.md"]
	for _, table := range c.Tables {
		for _, code := range table.Codes {
			anchor := fmt.Sprintf("<a id=%q></a>\n\n### %d %s\n", code.Reason, code.Number, code.Reason)
			if n := strings.Count(files[table.Name+".md"], anchor); n != 1 {
				t.Errorf("%s: %d sections in the document", code.ID(), n)
			}
			if n := strings.Count(files["codes.html"], fmt.Sprintf("<article id=%q>", code.ID())); n != 1 {
				t.Errorf("%s: %d sections in the page", code.ID(), n)
			}
			want := 0
			if code.Failed() {
				want = 1
			}
			if n := strings.Count(runbook, fmt.Sprintf("<a id=%q></a>", code.ID())); n != want {
				t.Errorf("%s: %d sections in the runbook, want %d", code.ID(), n, want)
			}
		}
	}
}

// TestRunbookQueries lets promtool parse the queries of the runbook, and compares
// their metrics and labels with those that servers export.
func TestRunbookQueries(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]*catalogue.Catalogue{
		"JVerification": cataloguetest.Linked(t), "library": cataloguetest.Library(t), "hostile": cataloguetest.HostileTable(t),
	} {
		files, err := docgen.Runbook(c)
		if err != nil {
			t.Fatal(err)
		}
		queries := map[string]string{}
		for i, match := range regexp.MustCompile("(?s)```promql\n(.*?)\n```").FindAllStringSubmatch(string(files[0].Content), -1) {
			queries[fmt.Sprintf("%s query %d", name, i)] = match[1]
		}
		if len(queries) < 10 {
			t.Errorf("%s: %d queries", name, len(queries))
		}
		signalstest.Queries(t, queries)
	}
}

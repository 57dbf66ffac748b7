package cli

import (
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/artefact"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/catalogue"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/docgen"
)

// anyLanguage is for artefacts that hold the sentences of all languages.
func anyLanguage(files func(*catalogue.Catalogue) ([]artefact.File, error)) func(*catalogue.Catalogue, string) ([]artefact.File, error) {
	return func(c *catalogue.Catalogue, _ string) ([]artefact.File, error) { return files(c) }
}

func genMarkdown() generator {
	return generator{
		name: "markdown", short: "Write each table as a Markdown document",
		long: `Writes a document for each table, named after the enum: ResponseCode becomes
response_codes.md. It has a table of all codes, and a section for each code with
its meaning, who acts, what they do, the retry advice, the gRPC and HTTP status,
the detail, the sentences for end users, and the methods that declare it.

The anchor of a section is the reason of the code. A help_url that ends in
response_codes.md#{reason} therefore leads to it. Comments of the .proto files
are included with --proto, and with an --image that has them.`,
		example: `codetable gen markdown --proto proto --out docs/codes`,
		pattern: "*.md", mark: docgen.MarkdownMark, files: anyLanguage(docgen.Markdown),
	}
}

func genJSON() generator {
	return generator{
		name: "json", short: "Write each table as JSON",
		long: `Writes a JSON document for each table, named after the enum: ResponseCode becomes
response_codes.json. docs/codetable.md describes its fields.`,
		example: `codetable gen json --out docs/codes`,
		pattern: "*.json", mark: docgen.JSONMark, files: anyLanguage(docgen.JSON),
	}
}

func genHTML() generator {
	return generator{
		name: "html", short: "Write all tables as one page",
		long: `Writes codes.html, one page with the content of the Markdown documents. It needs
no other file, no script and no server. The anchor of a code is domain/REASON.`,
		example: `codetable gen html --proto proto --out public`,
		pattern: "codes.html", mark: docgen.HTMLMark, files: anyLanguage(docgen.HTML),
	}
}

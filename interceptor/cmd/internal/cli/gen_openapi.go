package cli

import (
	"cmp"

	"github.com/spf13/pflag"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/artefact"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/catalogue"
	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/openapi"
)

func genOpenAPI() generator {
	var config openapi.Config
	return generator{
		name: "openapi", short: "Describe the methods over HTTP, with the errors that they declare",
		long: `Writes openapi.yaml, an OpenAPI 3.0 document of the unary methods of each service
that declares codes with (codetable.v1.method). Each code is an example of the
response that has its HTTP status. --lang is the language of these examples.

The path of a method is the --route given for it, or its option google.api.http,
or else its path in the Connect protocol, whose errors have another form. Streams
are left out.`,
		example: `codetable gen openapi --proto proto --out deploy --title 'My service'
codetable gen openapi --proto proto --out deploy --route VerifyNumber=/v1/numbers:verify
codetable gen openapi --proto proto --out deploy --route 'GetBook=GET /v1/books/{id}'`,
		pattern: "openapi.yaml", mark: openapi.Mark,
		flags: func(flags *pflag.FlagSet) {
			flags.StringArrayVar(&config.Routes, "route", nil, "describe a method at a path: `METHOD=[VERB ]PATH`, POST by default; may be repeated")
			flags.StringVar(&config.Title, "title", "", "the `TITLE` of the document (default: the names of the services)")
			flags.StringVar(&config.Description, "description", "", "a `TEXT` at the beginning of the description")
			flags.StringVar(&config.Version, "api-version", "v1", "the `VERSION` of the API")
			flags.StringVar(&config.Server, "server", "/", "the `URL` of the API")
		},
		translated: true,
		files: func(c *catalogue.Catalogue, lang string) ([]artefact.File, error) {
			config.Language = cmp.Or(lang, "*") // the default language of each table
			return openapi.Files(c, config)
		},
	}
}

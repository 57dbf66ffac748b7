// Command buf-plugin-codetable adds rules for tables of response codes to buf
// lint and buf breaking:
//
//	# buf.yaml
//	version: v2
//	lint:
//	  use:
//	    - STANDARD
//	    - CODETABLE
//	breaking:
//	  use:
//	    - FILE
//	    - CODETABLE_BREAKING
//	plugins:
//	  - plugin: buf-plugin-codetable
//	    options:
//	      required_locales: [en, zh-CN]
//
// The lint rules are those of codetable check, and the breaking rules those of
// codetable diff. The option required_locales lists the languages in which each
// table must have sentences for end users; the default is none.
package main

import (
	"buf.build/go/bufplugin/check"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/plugin"
)

func main() { check.Main(plugin.Spec()) }

// Command buf-plugin-codetable adds rules for tables of response codes to buf
// lint:
//
//	# buf.yaml
//	version: v2
//	lint:
//	  use:
//	    - STANDARD
//	    - CODETABLE
//	plugins:
//	  - plugin: buf-plugin-codetable
//	    options:
//	      required_locales: [en, zh-CN]
//
// The rules are those of codetable check. The option required_locales lists the languages in which each
// table must have sentences for end users; the default is none.
package main

import (
	"buf.build/go/bufplugin/check"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/plugin"
)

func main() { check.Main(plugin.Spec()) }

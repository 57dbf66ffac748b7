// Command codetable shows, explains, decodes, checks and compares tables of
// response codes. Run it with --help.
package main

import (
	"os"

	"github.com/codetable/grpc-codetable/interceptor/cmd/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

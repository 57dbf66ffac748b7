// Command gateway serves JiGuang JVerification over gRPC, gRPC-Web, Connect and REST. Run it
// with -help to see its settings.
package main

import (
	_ "golang.org/x/crypto/x509roots/fallback" // authorities of the upstream, for images that have none

	"github.com/codetable/grpc-codetable/examples/gateway/internal/server"
)

func main() { server.Main() }

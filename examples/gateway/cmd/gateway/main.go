// Command gateway serves JiGuang JVerification over gRPC, gRPC-Web, Connect and REST. Run it
// with -help to see its settings.
package main

import "github.com/codetable/grpc-codetable/examples/gateway/internal/server"

func main() { server.Main() }

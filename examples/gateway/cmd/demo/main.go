// Command demo sends every response code of the table from an upstream through the gateway
// to a client, and shows what the client gets. Run it with -help to see more.
package main

import "github.com/codetable/grpc-codetable/examples/gateway/internal/demo"

func main() { demo.Main() }

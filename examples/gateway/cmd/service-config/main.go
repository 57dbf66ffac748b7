// Command service-config prints the gRPC service config for clients of several gateways. Run it
// with -help to see its settings.
package main

import "github.com/codetable/grpc-codetable/examples/gateway/internal/serviceconfig"

func main() { serviceconfig.Main() }

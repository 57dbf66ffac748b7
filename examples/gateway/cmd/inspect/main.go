// Command inspect calls a server of any language for each response code, and compares what
// it sends with what the Go library would send. Run it with -help to see more.
package main

import "github.com/codetable/grpc-codetable/examples/gateway/internal/inspect"

func main() { inspect.Main() }

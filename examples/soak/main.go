// Command soak drives servers and clients with the interceptors under failures,
// cancellations, resets and hostile peers, and checks what the clients get. Run
// it with -help to see more.
package main

import "github.com/codetable/grpc-codetable/examples/soak/internal/soak"

func main() { soak.Main() }

// Command capability runs scenarios with codetable and with the libraries that a user could choose
// instead, and prints a table of what was kept, lost and leaked.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/codetable/grpc-codetable/examples/bench/internal/capability"
)

func main() {
	if err := capability.Write(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "capability:", err)
		os.Exit(1)
	}
}

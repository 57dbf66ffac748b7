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
	code, ran, err := capability.ComingDefault(context.Background())
	if err == nil && !ran {
		err = capability.Write(context.Background(), os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "capability:", err)
		code = 1
	}
	os.Exit(code)
}

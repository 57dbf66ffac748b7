// Command simulator serves a model of the JVerification REST API over plain HTTP. Run it with
// -help to see what the model knows and what it guesses.
package main

import "github.com/codetable/grpc-codetable/examples/gateway/internal/simulator/command"

func main() { command.Main() }

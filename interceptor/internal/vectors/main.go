// Command vectors writes the test vectors of the wire contract: serialized
// google.rpc.Status messages, and how a reader in any language must read each.
// The expected readings come from the table or from constants in this package,
// not from a decoder of this project.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"

	"google.golang.org/protobuf/proto"
)

const usage = `Writes the test vectors of the wire contract to standard output, as JSON:

  go run ./interceptor/internal/vectors > proto/jiguang/jverification/v1/testdata/vectors.json

Each vector has a name, a google.rpc.Status in base64, its gRPC code, and the
expected reading. The reading is null if there is nothing to read. It has
"known": false if the table does not know the code. make generate runs this.
`

// Vector is one status and its expected reading.
type Vector struct {
	Name     string   `json:"name"`
	Status   []byte   `json:"status"`
	GRPCCode int32    `json:"grpc_code"`
	Reading  *Reading `json:"reading"`
}

// Reading is the result of reading a status.
type Reading struct {
	Known       bool              `json:"known"`
	Code        *int32            `json:"code"`
	Reason      string            `json:"reason"`
	Domain      string            `json:"domain"`
	Fault       string            `json:"fault"`
	Retry       Retry             `json:"retry"`
	Metadata    map[string]string `json:"metadata"`
	UserMessage map[string]string `json:"user_message"` // by requested locale
}

// Retry is the advice of a reading.
type Retry struct {
	Action  string `json:"action"`
	DelayMS int64  `json:"delay_ms"`
	Window  string `json:"window"`
}

func main() {
	flag.Usage = func() { fmt.Fprint(flag.CommandLine.Output(), usage) }
	flag.Parse()
	if err := write(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "vectors:", err)
		os.Exit(1)
	}
}

func write(w io.Writer) error {
	var list []Vector
	for _, c := range append(codeCases(), hostileCases()...) {
		raw, err := proto.MarshalOptions{Deterministic: true}.Marshal(c.status)
		if err != nil {
			return fmt.Errorf("case %q: %w", c.name, err)
		}
		list = append(list, Vector{Name: c.name, Status: raw, GRPCCode: c.status.GetCode(), Reading: c.reading})
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(list)
}

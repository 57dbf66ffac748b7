// Command vectors writes the test vectors of the wire contract: serialized
// google.rpc.Status messages, how a reader in any language must read each, and
// for which error a server must send it. The expected statuses and readings come
// from the table and from constants in this package, not from the encoder and
// the decoder of this project.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
)

const usage = `Writes the test vectors of the wire contract to standard output, as JSON:

  go run ./interceptor/internal/vectors > proto/jiguang/jverification/v1/testdata/vectors.json
  go run ./interceptor/internal/vectors -relays > proto/jiguang/jverification/v1/testdata/relays.json

Each vector has these fields:

  name       "group: what is tested"
  status     a google.rpc.Status in base64, as in grpc-status-details-bin
  grpc_code  the header grpc-status. If it differs from the code in the status,
             the status must be refused
  reading    what a client must read, or null if there is nothing to read:
               known         the table knows the domain and the code is a failure
               code          the number, or null
               reason, domain, fault, metadata
               retry         action, delay_ms, window
               user_message  the sentence for each locale that is asked for
               masked        the error is masked: it has a RequestInfo and no
                             ErrorInfo
               request_id    the id of the RequestInfo, or ""

The vectors of what a server sends also have:

  send       what the server is given:
               code            the number, or null for an error without a code
               message         as in WithMessage, "" for none
               metadata        as in WithMetadata
               retry_after_ms  as in WithRetryAfter, or null
               accept_language the header of the call, "" for none
               public          the server is a public boundary
               budget          the detail budget in bytes
               request_id      use it in the place of a random one
  pushback   the value of the trailer grpc-retry-pushback-ms

The server must send exactly these bytes, except for the order of the entries of
a map.

A relay is what a server sends whose handler returns the error of a call, as the
client interceptor returned it:

  received, received_grpc_code        the status of the call
  public, accept_language, request_id as above
  status, grpc_code, pushback         what the server sends

make generate runs this command.
`

// Vector is one status, its expected reading, and the error for which a server
// sends it.
type Vector struct {
	Name     string   `json:"name"`
	Status   []byte   `json:"status"`
	GRPCCode int32    `json:"grpc_code"`
	Reading  *Reading `json:"reading"`
	Send     *Send    `json:"send,omitempty"`
	Pushback string   `json:"pushback,omitempty"`
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
	Masked      bool              `json:"masked"`
	RequestID   string            `json:"request_id"`
}

// Retry is the advice of a reading.
type Retry struct {
	Action  string `json:"action"`
	DelayMS int64  `json:"delay_ms"`
	Window  string `json:"window"`
}

// Send is an error that a server is given, and the options of the server.
type Send struct {
	Code           *int32            `json:"code"`
	Message        string            `json:"message"`
	Metadata       map[string]string `json:"metadata"`
	RetryAfterMS   *int64            `json:"retry_after_ms"`
	AcceptLanguage string            `json:"accept_language"`
	Public         bool              `json:"public"`
	Budget         int               `json:"budget"`
	RequestID      string            `json:"request_id"`
}

func main() {
	flag.Usage = func() { fmt.Fprint(flag.CommandLine.Output(), usage) }
	onlyRelays := flag.Bool("relays", false, "")
	flag.Parse()
	var list any = relays()
	if !*onlyRelays {
		list = vectors()
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(list); err != nil {
		fmt.Fprintln(os.Stderr, "vectors:", err)
		os.Exit(1)
	}
}

func vectors() []Vector {
	var list []Vector
	for _, g := range []struct {
		name  string
		cases []vectorCase
	}{
		{"", codeCases()},
		{"option: ", optionCases()},
		{"language: ", languageCases()},
		{"budget: ", budgetCases()},
		{"hidden: ", maskCases()},
		{"partial: ", partialCases()},
		{"delay: ", readDelayCases()},
		{"two ErrorInfo: ", severalCases()},
		{"refused: ", refusedCases()},
		{"unlisted: ", unlistedCases()},
		{"foreign: ", foreignCases()},
		{"masked: ", maskedCases()},
		{"invalid UTF-8: ", textCases()},
		{"large: ", bulkyCases()},
	} {
		for _, c := range g.cases {
			v := c.vector()
			v.Name = g.name + c.name
			list = append(list, v)
		}
	}
	return list
}

func (c vectorCase) vector() Vector {
	v := Vector{Status: c.raw, GRPCCode: c.status.GetCode(), Reading: c.reading, Send: c.send, Pushback: c.pushback}
	if c.raw == nil {
		v.Status = bytesOf(c.status)
	}
	if c.header != nil {
		v.GRPCCode = *c.header
	}
	return v
}

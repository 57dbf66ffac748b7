package codetable

import (
	"encoding/json"

	"github.com/codetable/grpc-codetable/interceptor/internal/table"
)

// MarshalJSON encodes the content of the error without the cause.
func (e *Error) MarshalJSON() ([]byte, error) {
	if !e.valid() {
		return []byte("null"), nil
	}
	return json.Marshal(struct {
		Number   int32             `json:"number"`
		Reason   string            `json:"reason"`
		Domain   string            `json:"domain"`
		GRPCCode string            `json:"grpcCode"`
		Message  string            `json:"message"`
		Fault    string            `json:"fault"`
		Retry    Retry             `json:"retry"`
		Metadata map[string]string `json:"metadata,omitempty"`
		Remote   bool              `json:"remote,omitempty"`
	}{
		e.Number(), e.Reason(), e.Domain(), table.CodeName(e.GRPCStatus().Code()), e.Message(),
		table.FaultName(e.Fault()), e.Retry(), e.addedMetadata(), e.Remote(),
	})
}

// MarshalJSON encodes everything that the table defines for the code.
func (s Spec) MarshalJSON() ([]byte, error) { return json.Marshal(s.entry().Document(s.number)) }

// MarshalJSON encodes the action, the window if there is one, and the delay in
// the JSON form of google.protobuf.Duration, such as "1s".
func (r Retry) MarshalJSON() ([]byte, error) { return json.Marshal(table.Retry(r).Document()) }

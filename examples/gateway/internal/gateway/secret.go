package gateway

import (
	"fmt"
	"io"
)

const redacted = "[redacted]"

// Secret is a text that does not show itself when something prints, logs or
// marshals it. string(s) is the text.
type Secret string

// Format hides the text from package fmt, whatever the verb.
func (Secret) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, redacted) }

// MarshalText hides the text from JSON, slog and the like.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

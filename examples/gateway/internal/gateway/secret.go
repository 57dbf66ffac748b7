package gateway

import "log/slog"

const redacted = "[redacted]"

// Secret is a text that does not show itself when something prints, logs or
// marshals it. string(s) is the text.
type Secret string

// String hides the text.
func (Secret) String() string { return redacted }

// GoString hides the text from %#v.
func (Secret) GoString() string { return redacted }

// LogValue hides the text from slog.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText hides the text from JSON and the like.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

package gateway

const redacted = "[redacted]"

// Secret is a text that does not show itself when something prints, logs or
// marshals it. string(s) is the text.
type Secret string

// String hides the text.
func (Secret) String() string { return redacted }

// GoString hides the text from %#v.
func (Secret) GoString() string { return redacted }

// MarshalText hides the text from JSON, slog and the like.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

package codetable

import (
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/codetable/grpc-codetable/interceptor/internal/text"
	"github.com/codetable/grpc-codetable/interceptor/internal/wire"
)

// ErrInvalidOption marks an [ErrorOption] that [NewError] refused, such as a
// metadata key that AIP-193 does not allow. The code is sent without this
// option. Error() names the fault, and a test can find it with errors.Is(err,
// ErrInvalidOption).
var ErrInvalidOption = errors.New("invalid error option")

// ErrorOption adds content to one error. Only this package can implement it.
type ErrorOption interface {
	applyError(e *Error)
}

type errorOption func(*Error)

func (o errorOption) applyError(e *Error) { o(e) }

// WithCause stores the error that caused this one. Logs show it and Unwrap
// returns it. It is never sent. Default: no cause.
func WithCause(cause error) ErrorOption {
	return errorOption(func(e *Error) { e.cause = joined(cause, e.cause) })
}

// WithMessage replaces the message of the status. The message is for developers
// and is sent to the client: put nothing private into it. Invalid UTF-8 is
// replaced. The message is cut to 1 KiB in gRPC's percent encoding. An empty
// message has no effect. Default: the notes of the table.
func WithMessage(message string) ErrorOption {
	return errorOption(func(e *Error) {
		if message != "" {
			e.parts.Message = text.CutMessage(text.Clean(message), text.MaxMessage)
		}
	})
}

// metadataOption is a struct and not a closure like the others, because it is
// the most common option: it costs only one small allocation.
type metadataOption wire.Pair

// WithMetadata adds an entry to ErrorInfo.metadata. The entry is sent to the
// client: put nothing private into it. The key follows AIP-193: lowerCamelCase,
// 2 to 64 letters, digits, '-' and '_'. The key "code" is reserved. Invalid
// UTF-8 in the value is replaced. If a key is given twice, the last value is
// used.
func WithMetadata(key, value string) ErrorOption {
	return metadataOption{key, value}
}

func (o metadataOption) applyError(e *Error) {
	switch {
	case o.Key == wire.CodeKey:
		e.refuse("metadata key %q is reserved for the number of the code", o.Key)
	case !validKey(o.Key):
		e.refuse("metadata key %q: want 2 to %d of a-z, A-Z, 0-9, '-' and '_', the first of a-z (AIP-193)", text.Cut(o.Key, 2*wire.MaxKey), wire.MaxKey)
	default:
		e.parts.Metadata = append(e.parts.Metadata, wire.Pair{Key: o.Key, Value: text.Clean(o.Value)})
	}
}

// validKey implements the rule of AIP-193: [a-z][a-zA-Z0-9-_]+ and at most 64
// characters. It is a loop and not a regular expression because it runs for
// each entry of each error.
func validKey(key string) bool {
	if len(key) < 2 || len(key) > wire.MaxKey || key[0] < 'a' || key[0] > 'z' {
		return false
	}
	for i := range len(key) {
		c := key[i] | 0x20 // lower case, for letters
		if (c < 'a' || c > 'z') && (key[i] < '0' || key[i] > '9') && key[i] != '-' && key[i] != '_' {
			return false
		}
	}
	return true
}

// WithRetryAfter sets the delay of RetryInfo. It does not change the action: if
// the action forbids a retry, the delay does not allow one. A negative delay is
// invalid. Default: the delay of the table.
func WithRetryAfter(delay time.Duration) ErrorOption {
	return errorOption(func(e *Error) {
		if delay < 0 {
			e.refuse("retry delay %v is negative", delay)
			return
		}
		e.parts.After = delay
	})
}

// WithDetail adds an error detail after the details of the table. It replaces a
// detail of the same type. It is sent to the client: put nothing private into
// it. An *anypb.Any is sent unchanged. ErrorInfo and RetryInfo are invalid
// here, because they are built from the table and the other options.
func WithDetail(detail proto.Message) ErrorOption {
	return errorOption(func(e *Error) {
		raw, err := pack(detail)
		if err != nil {
			e.refuse("detail %T: %w", detail, err)
			return
		}
		switch raw.Name() {
		case wire.ErrorInfo:
			e.refuse("detail %s: use WithMetadata", wire.ErrorInfo)
		case wire.RetryInfo:
			e.refuse("detail %s: use WithRetryAfter", wire.RetryInfo)
		default:
			e.parts.Details = append(e.parts.Details, raw)
		}
	})
}

func pack(detail proto.Message) (wire.Detail, error) {
	if detail == nil || !detail.ProtoReflect().IsValid() {
		return wire.Detail{}, errors.New("is nil")
	}
	raw, ok := detail.(*anypb.Any)
	if !ok {
		var err error
		if raw, err = anypb.New(detail); err != nil {
			return wire.Detail{}, err
		}
	}
	packed := wire.Detail{URL: raw.GetTypeUrl(), Value: string(raw.GetValue())}
	if packed.Name() == "" || !utf8.ValidString(packed.URL) {
		return wire.Detail{}, fmt.Errorf("type URL %q names no message", packed.URL)
	}
	return packed, nil
}

func (e *Error) refuse(format string, args ...any) {
	e.cause = joined(e.cause, fmt.Errorf("%w: %w", ErrInvalidOption, fmt.Errorf(format, args...)))
}

// joined is errors.Join, except that a single error is returned unchanged.
func joined(a, b error) error {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	default:
		return errors.Join(a, b)
	}
}

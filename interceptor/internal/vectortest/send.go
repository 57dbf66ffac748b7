// Package vectortest gives tests what the field send of a test vector describes: an error of a
// handler, and the options of the server that sends it.
package vectortest

import (
	"errors"
	"maps"
	"slices"
	"time"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// Send is the field send of a vector. CONTRIBUTING says which command writes the vectors.
type Send struct {
	Code           *jverificationv1.ResponseCode `json:"code"`
	Message        string                        `json:"message"`
	Metadata       map[string]string             `json:"metadata"`
	RetryAfterMS   *int64                        `json:"retry_after_ms"`
	AcceptLanguage string                        `json:"accept_language"`
	Public         bool                          `json:"public"`
	Budget         int                           `json:"budget"`
	RequestID      string                        `json:"request_id"`
}

// Err returns what the handler returns: an error of the code, or one without a code.
func (s *Send) Err() error {
	if s.Code == nil {
		return errors.New("a secret")
	}
	var options []codetable.ErrorOption
	if s.Message != "" {
		options = append(options, codetable.WithMessage(s.Message))
	}
	for _, key := range slices.Sorted(maps.Keys(s.Metadata)) {
		options = append(options, codetable.WithMetadata(key, s.Metadata[key]))
	}
	if s.RetryAfterMS != nil {
		options = append(options, codetable.WithRetryAfter(time.Duration(*s.RetryAfterMS)*time.Millisecond))
	}
	return codetable.NewError(*s.Code, options...)
}

// Options returns the options of the server.
func (s *Send) Options() []interceptor.ServerOption {
	options := []interceptor.ServerOption{interceptor.WithDetailBudget(s.Budget)}
	if s.Public {
		options = append(options, interceptor.WithPublicBoundary())
	}
	return options
}

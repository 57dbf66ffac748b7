// Package unittest_test shows what a user's own tests see of errors, with go-cmp and with
// testify.
package unittest_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"google.golang.org/genproto/googleapis/rpc/errdetails"

	jverificationv1 "github.com/codetable/grpc-codetable/gen/go/jiguang/jverification/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

const (
	expired = jverificationv1.ResponseCode_RESPONSE_CODE_TOKEN_EXPIRED_OR_NOT_EXIST
	tooSoon = jverificationv1.ResponseCode_RESPONSE_CODE_VERIFY_INTERVAL_BELOW_MINIMUM
	perDay  = jverificationv1.ResponseCode_RESPONSE_CODE_NUMBER_FREQUENCY_BEYOND_LIMIT
)

// maxLines bounds the output of a failing assertion.
const maxLines = 50

// kinds has a constructor for each kind of error.
var kinds = map[string]func() error{
	"static": func() error { return codetable.NewError(expired) },
	"timed":  func() error { return codetable.NewError(tooSoon) },
	"window": func() error { return codetable.NewError(perDay) },
	"unlisted": func() error {
		return codetable.NewError(jverificationv1.ResponseCode(424242))
	},
	"with metadata and a cause": func() error {
		return codetable.NewError(expired, codetable.WithMetadata("id", "117270465679982593"), codetable.WithCause(io.ErrUnexpectedEOF))
	},
	"with everything": func() error {
		return codetable.NewError(expired, codetable.WithMessage("made here"), codetable.WithRetryAfter(time.Minute),
			codetable.WithMetadata("id", "117270465679982593"), codetable.WithMetadata("trace", "t-1"), codetable.WithCause(io.ErrUnexpectedEOF),
			codetable.WithDetail(&errdetails.DebugInfo{Detail: strings.Repeat("a stack, ", 20)}))
	},
	"with a detail": func() error {
		return codetable.NewError(expired, codetable.WithMessage("made here"), codetable.WithRetryAfter(time.Minute),
			codetable.WithDetail(&errdetails.DebugInfo{Detail: strings.Repeat("a stack, ", 20)}))
	},
	"received": func() error {
		return received(codetable.NewError(tooSoon, codetable.WithMetadata("id", "117270465679982593")))
	},
	"received unlisted": func() error {
		return received(codetable.NewError(jverificationv1.ResponseCode(-7), codetable.WithMessage("of a later table")))
	},
}

// received is an error as a client gets it.
func received(err error) error {
	e, ok := codetable.FromError(err)
	if !ok {
		panic("no code")
	}
	decoded, ok := codetable.FromError(e.GRPCStatus().Err())
	if !ok {
		panic("not decoded")
	}
	return decoded
}

// recorder is a testing.T that keeps its failures.
type recorder struct{ text strings.Builder }

func (r *recorder) Errorf(format string, args ...any) { fmt.Fprintf(&r.text, format, args...) }

// pair is two errors of different kinds.
type pair struct {
	name string
	a, b error
}

func pairs() []pair {
	var list []pair
	for name, a := range kinds {
		for other, b := range kinds {
			if name != other {
				list = append(list, pair{name + " and " + other, a(), b()})
			}
		}
	}
	return list
}

func TestFailingAssertEqual(t *testing.T) {
	t.Parallel()
	for _, p := range pairs() {
		var r recorder
		if assert.Equal(&r, p.a, p.b) {
			t.Errorf("%s: equal", p.name)
		}
		checkReport(t, p.name, r.text.String(), p.a, p.b)
	}
}

func TestFailingDiff(t *testing.T) {
	t.Parallel()
	for _, p := range pairs() {
		diff := cmp.Diff(p.a, p.b)
		if diff == "" {
			t.Errorf("%s: no difference", p.name)
		}
		checkReport(t, p.name, diff, p.a, p.b)
	}
}

// checkReport checks that a report is short and names both codes.
func checkReport(t *testing.T, name, report string, errs ...error) {
	t.Helper()
	if n := strings.Count(report, "\n"); n >= maxLines {
		t.Errorf("%s: %d lines:\n%s", name, n, report)
	}
	for _, err := range errs {
		var e *codetable.Error
		if !errors.As(err, &e) || !strings.Contains(report, fmt.Sprint(e.Number())) {
			t.Errorf("%s: %v is not named:\n%s", name, e, report)
		}
	}
}

// TestEqualErrors checks that equal errors stay equal when one of them was sent. Only
// assert.Equal, which compares by reflection, tells two received errors apart: each
// holds the status that it was received with.
func TestEqualErrors(t *testing.T) {
	t.Parallel()
	for name, newError := range kinds {
		a, b := newError(), newError()
		for _, when := range []string{"made", "sent"} {
			if diff := cmp.Diff(a, b); diff != "" {
				t.Errorf("%s, %s: cmp.Diff (-want +got):\n%s", name, when, diff)
			}
			var r recorder
			if !assert.Equal(&r, a, b) && !strings.HasPrefix(name, "received") {
				t.Errorf("%s, %s: assert.Equal:\n%s", name, when, &r.text)
			}
			if !assert.ErrorIs(&r, a, b) {
				t.Errorf("%s, %s: assert.ErrorIs:\n%s", name, when, &r.text)
			}
			var e *codetable.Error
			if !errors.As(a, &e) {
				t.Fatalf("%s: %T", name, a)
			}
			e.GRPCStatus()
		}
	}
}

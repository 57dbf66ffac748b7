package plan

import (
	"errors"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
)

// Each of these errors has a method that panics.
type (
	panicsInUnwrap struct{ error }
	panicsInAs     struct{ error }
	panicsInIs     struct{ error }
	panicsInStatus struct{ error }
	panicsInError  struct{ secret string }
)

func (e panicsInUnwrap) Unwrap() error              { panic(e.error) }
func (e panicsInAs) As(any) bool                    { panic(e.error) }
func (e panicsInIs) Is(error) bool                  { panic(e.error) }
func (e panicsInStatus) GRPCStatus() *status.Status { panic(e.error) }
func (e panicsInError) Error() string               { panic(e.secret) }

// lies has a status that can't be the one of a failure.
type lies struct {
	error
	status *status.Status
}

func (e lies) GRPCStatus() *status.Status { return e.status }

// endless wraps itself.
type endless struct{ error }

func (e *endless) Unwrap() error { return e }

// blames is an error of the operator, of a foreign type.
type blames struct{ error }

func (blames) Fault() codetablev1.Fault { return codetablev1.Fault_FAULT_OPERATOR }
func (e blames) Unwrap() error          { return e.error }

// foreign is an error of a careless type, or a panic of the handler.
func (d dice) foreign() Failure {
	if d.chance(5) {
		text := d.operator()
		return Failure{
			Name: "foreign fault", Code: codes.NotFound, Hidden: true,
			Make: func() error { return blames{status.Error(codes.NotFound, text)} },
		}
	}
	text := d.secret()
	secret := errors.New(text)
	careless := pick(d, []error{
		nil, // the handler panics
		panicsInUnwrap{secret},
		panicsInAs{secret},
		panicsInIs{secret},
		panicsInStatus{secret},
		panicsInError{text},
		lies{secret, nil},
		lies{secret, status.New(codes.OK, text)},
		&endless{secret}, (*codetable.Error)(nil), &codetable.Error{},
	})
	wrap := d.wrapper()
	if careless == nil {
		return Failure{Name: "panic of the handler", Opaque: true, Make: func() error { panic(secret) }}
	}
	return Failure{Name: "careless error", Opaque: true, Make: func() error { return wrap(careless) }}
}

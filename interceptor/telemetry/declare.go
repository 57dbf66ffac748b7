package telemetry

import (
	"context"
	"errors"
	"strconv"

	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	codetablev1 "github.com/codetable/grpc-codetable/gen/go/codetable/v1"
	"github.com/codetable/grpc-codetable/interceptor"
	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/internal/quiet"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
)

// errBare is an error with neither a code nor a status.
var errBare = errors.New("bare")

// declare creates the series of the methods of a linked service. event returns
// the event of an error of a method.
func (s *side) declare(service string, event func(fullMethod string, err error) interceptor.Event) {
	desc, _ := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(service))
	linked, ok := desc.(protoreflect.ServiceDescriptor)
	if !ok {
		return
	}
	for i := range linked.Methods().Len() {
		desc := linked.Methods().Get(i)
		fullMethod := "/" + service + "/" + string(desc.Name())
		m := s.methods.add(fullMethod)
		if !s.client {
			s.metrics.series(m, failureOf(event(fullMethod, errBare)))
		}
		specs, _ := codetable.Declared(desc)
		tables := map[*table.Table]bool{}
		for _, spec := range specs {
			s.declareFailure(m, event(fullMethod, spec.NewError()))
			tables[table.Linked.ByDomain([]byte(spec.Domain()))] = true
		}
		for t := range tables {
			unlisted, _ := codetable.LookupDescriptor(t.Desc, protoreflect.EnumNumber(t.Absent))
			s.declareFailure(m, event(fullMethod, unlisted.NewError()))
			s.describeTable(t)
		}
	}
}

// declareFailure creates the series of a failure. The event of a success is
// empty.
func (s *side) declareFailure(m *method, e interceptor.Event) {
	if e.Err == nil {
		return
	}
	f := failureOf(e)
	s.metrics.series(m, f)
	if e.Err.Fault() == codetablev1.Fault_FAULT_OPERATOR {
		m.declare(f.code)
	}
}

// describeTable sets the info of all failing codes of a table, once.
func (s *side) describeTable(t *table.Table) {
	if _, done := s.described.LoadOrStore(t.Domain, true); done {
		return
	}
	for _, entry := range t.Entries {
		spec, _ := codetable.LookupDescriptor(t.Desc, protoreflect.EnumNumber(entry.Number))
		err := spec.NewError()
		if err == nil {
			continue
		}
		f := failureOf(received("", err))
		s.metrics.info.with(f.domain, f.reason, strconv.Itoa(int(entry.Number)), f.fault, entry.Retry.ActionName(), f.grpcCode).
			add(context.Background(), 1)
	}
}

// sent returns what the server sends of an error, and calls no observer.
func (s *Server) sent(fullMethod string, err error) interceptor.Event {
	return s.translator.Translate(within(quiet.Context(context.Background()), fullMethod), err)
}

// received returns what a client receives of an error.
func received(_ string, err error) interceptor.Event {
	return interceptor.EventOf(status.Convert(err).Err())
}

package telemetry

import (
	"context"
	"maps"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/codetable/grpc-codetable/interceptor/codetable"
	"github.com/codetable/grpc-codetable/interceptor/internal/table"
)

// unknown is the label of what is not linked.
const unknown = "unknown"

// code identifies a code by its labels.
type code struct{ domain, reason string }

// method has the series of a method, so that a successful call looks up no
// label.
type method struct {
	service, name string
	quiet         bool          // neither logged nor traced
	declared      map[code]bool // nil if the method has no option
	calls         series
	inFlight      series
	standing      standing
}

// methods are the methods that have labels of their own: those that the program
// links, and those that were declared.
type methods struct {
	metrics *metrics
	unknown *method

	known atomic.Pointer[map[string]*method] // by "/service/method"
	mu    sync.Mutex                         // held while known is replaced
}

func newMethods(m *metrics) *methods {
	ms := &methods{metrics: m}
	ms.unknown = ms.make(unknown, unknown)
	ms.known.Store(&map[string]*method{})
	return ms
}

// of returns a method by its full name.
func (ms *methods) of(fullMethod string) *method {
	if m, ok := (*ms.known.Load())[fullMethod]; ok {
		return m
	}
	if table.FindMethod(fullMethod) == nil {
		return ms.unknown
	}
	return ms.add(fullMethod)
}

// add returns a method that gets labels of its own.
func (ms *methods) add(fullMethod string) *method {
	ms.mu.Lock()
	defer ms.mu.Unlock()
	known := *ms.known.Load()
	if m, ok := known[fullMethod]; ok {
		return m
	}
	service, name, _ := strings.Cut(strings.TrimPrefix(fullMethod, "/"), "/")
	m := ms.make(service, name)
	if desc := table.FindMethod(fullMethod); desc != nil {
		if specs, ok := codetable.Declared(desc); ok {
			m.declared = make(map[code]bool, len(specs))
			for _, spec := range specs {
				m.declared[code{spec.Domain(), spec.Reason()}] = true
			}
		}
	}
	next := maps.Clone(known)
	next[fullMethod] = m
	ms.known.Store(&next)
	return m
}

func (ms *methods) make(service, name string) *method {
	m := &method{service: service, name: name, quiet: isQuiet("/" + service + "/" + name)}
	m.calls = ms.metrics.calls.with(service, name)
	m.inFlight = ms.metrics.inFlight.with(service, name)
	m.standing.family = ms.metrics.standing
	return m
}

// isQuiet reports whether a method is one of gRPC's own services, such as health
// checks and reflection, which would be most of a log.
func isQuiet(fullMethod string) bool { return strings.HasPrefix(fullMethod, "/grpc.") }

// standing holds the faults of the operator that a method has, and that no
// success has ended.
type standing struct {
	family *family
	failed atomic.Uint64 // the failures so far
	any    atomic.Bool   // a fault stands: what a success looks at
	mu     sync.Mutex
	faults map[code]*fault
}

type fault struct {
	series series
	stands bool
}

// declare creates the series of a code.
func (m *method) declare(c code) {
	m.standing.mu.Lock()
	defer m.standing.mu.Unlock()
	m.fault(c)
}

// fault returns the fault of a code. The lock is held.
func (m *method) fault(c code) *fault {
	s := &m.standing
	f := s.faults[c]
	if f == nil {
		f = &fault{series: s.family.with(m.service, m.name, c.domain, c.reason)}
		if s.faults == nil {
			s.faults = map[code]*fault{}
		}
		s.faults[c] = f
	}
	return f
}

// fail sets the fault of a code.
func (m *method) fail(ctx context.Context, c code) {
	s := &m.standing
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed.Add(1)
	if f := m.fault(c); !f.stands {
		f.stands = true
		f.series.add(ctx, 1)
	}
	s.any.Store(true)
}

// succeed clears all faults, unless there was a failure since the call began,
// when failed was since.
func (m *method) succeed(ctx context.Context, since uint64) {
	s := &m.standing
	if !s.any.Load() {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed.Load() != since {
		return
	}
	for _, f := range s.faults {
		if f.stands {
			f.stands = false
			f.series.add(ctx, -1)
		}
	}
	s.any.Store(false)
}

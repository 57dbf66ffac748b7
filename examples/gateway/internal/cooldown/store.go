package cooldown

import (
	"context"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// maxKeys bounds the memory. A gateway has one AppKey or a few.
const maxKeys = 1024

// Entry is the cool-down of one key.
type Entry struct {
	// Code is the number to answer with; 0 in the zero Entry, which is none.
	Code int32
	// Left is how long calls are held. What [Store.Take] returns with 0 makes
	// the call the probe.
	Left time.Duration
	// Probe is how far apart probes are once Left is over. 0 lets all calls go
	// on then.
	Probe time.Duration
}

// Store keeps cool-downs. Keys are hex digits. Durations count by the store's
// own clock, to the millisecond at least, so that the clocks of several
// gateways need not agree. Implementations are safe for concurrent use.
type Store interface {
	// Take returns what a call of the key meets. Where the time is over and
	// Probe is set it returns Left 0 to this call, and holds all others for
	// another Probe.
	Take(ctx context.Context, key string) (Entry, error)
	// Hold sets the cool-down of a key, unless one with more time left stands.
	// It need not be kept for longer than Left and Probe together, nor for
	// longer than twice Probe after a probe.
	Hold(ctx context.Context, key string, entry Entry) error
	// Lift ends the cool-down of a key.
	Lift(ctx context.Context, key string) error
}

// MemoryStore is a [Store] within the process. It keeps the 1024 keys that were
// used last, and never fails.
type MemoryStore struct {
	mu   sync.Mutex
	held *simplelru.LRU[string, held]
}

var _ Store = (*MemoryStore)(nil)

// held is an entry with a time in place of a duration.
type held struct {
	code  int32
	ends  time.Time
	probe time.Duration
}

// NewMemoryStore returns an empty store.
func NewMemoryStore() *MemoryStore {
	held, _ := simplelru.NewLRU[string, held](maxKeys, nil) // fails for a size below 1 only
	return &MemoryStore{held: held}
}

// Take implements [Store].
func (m *MemoryStore) Take(_ context.Context, key string) (Entry, error) {
	return m.take(key), nil
}

// Hold implements [Store].
func (m *MemoryStore) Hold(_ context.Context, key string, entry Entry) error {
	m.hold(key, entry)
	return nil
}

// Lift implements [Store].
func (m *MemoryStore) Lift(_ context.Context, key string) error {
	m.put(key, Entry{})
	return nil
}

func (m *MemoryStore) take(key string) Entry {
	m.mu.Lock()
	defer m.mu.Unlock()
	h, ok := m.held.Get(key)
	if !ok {
		return Entry{}
	}
	entry := Entry{Code: h.code, Left: time.Until(h.ends), Probe: h.probe}
	switch {
	case entry.Left > 0:
		return entry
	case entry.Left <= -h.probe: // forgotten, or never to be probed
		m.held.Remove(key)
		return Entry{}
	default:
		h.ends = time.Now().Add(h.probe)
		m.held.Add(key, h)
		entry.Left = 0
		return entry
	}
}

func (m *MemoryStore) hold(key string, entry Entry) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if h, ok := m.held.Peek(key); ok && time.Until(h.ends) > entry.Left {
		return
	}
	m.set(key, entry)
}

// put makes the store a copy of what another store has returned.
func (m *MemoryStore) put(key string, entry Entry) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if entry.Left == 0 {
		entry.Left = entry.Probe // that is the call which was told so
	}
	m.set(key, entry)
}

func (m *MemoryStore) set(key string, entry Entry) {
	if entry.Left <= 0 {
		m.held.Remove(key)
		return
	}
	m.held.Add(key, held{code: entry.Code, ends: time.Now().Add(entry.Left), probe: entry.Probe})
}

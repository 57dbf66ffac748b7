package cooldown

import (
	"cmp"
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
	// Look returns the entry that holds the calls of the key, or the zero Entry. It
	// changes nothing, so it makes no call the probe.
	Look(ctx context.Context, key string) (Entry, error)
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

// held is an entry with the time when it ends.
type held struct {
	Entry

	ends time.Time
}

// NewMemoryStore returns an empty store.
func NewMemoryStore() *MemoryStore {
	held, _ := simplelru.NewLRU[string, held](maxKeys, nil) // fails for a size below 1 only
	return &MemoryStore{held: held}
}

// Take implements [Store].
func (m *MemoryStore) Take(_ context.Context, key string) (Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	h, _ := m.held.Get(key)
	h.Left = time.Until(h.ends)
	switch {
	case h.Left > 0:
		return h.Entry, nil
	case h.Left <= -h.Probe: // forgotten, or never to be probed
		m.held.Remove(key)
		return Entry{}, nil
	default:
		h.Left = 0
		m.set(key, h.Entry)
		return h.Entry, nil
	}
}

// Look implements [Store].
func (m *MemoryStore) Look(_ context.Context, key string) (Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	h, _ := m.held.Peek(key)
	if h.Left = time.Until(h.ends); h.Left <= 0 {
		return Entry{}, nil
	}
	return h.Entry, nil
}

// Hold implements [Store].
func (m *MemoryStore) Hold(_ context.Context, key string, entry Entry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if h, _ := m.held.Peek(key); time.Until(h.ends) <= entry.Left {
		m.set(key, entry)
	}
	return nil
}

// Lift implements [Store].
func (m *MemoryStore) Lift(_ context.Context, key string) error {
	m.put(key, Entry{})
	return nil
}

// put makes the store a copy of what another store has returned.
func (m *MemoryStore) put(key string, entry Entry) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.set(key, entry)
}

// set holds all calls but the one that was told that no time is left: the probe.
func (m *MemoryStore) set(key string, entry Entry) {
	if left := cmp.Or(entry.Left, entry.Probe); left > 0 {
		m.held.Add(key, held{entry, time.Now().Add(left)})
	} else {
		m.held.Remove(key)
	}
}

package simulator

import "crypto/sha256"

// maxEntries bounds every ledger, and with it the simulator's memory.
const maxEntries = 1 << 16

// digest stands for a token or a phone number. Its size does not depend on the
// caller, and it keeps secrets out of the keys of maps.
type digest [sha256.Size]byte

func digestOf(value string) digest {
	return sha256.Sum256([]byte(value))
}

// ledger is a map that forgets its oldest keys. The zero value is empty and
// ready to use. It is not safe for concurrent use.
type ledger[V any] struct {
	entries map[digest]V
	order   []digest // keys, oldest first
}

func (l *ledger[V]) get(key digest) (V, bool) {
	value, ok := l.entries[key]
	return value, ok
}

// put adds or replaces a value. A replaced value keeps its age.
func (l *ledger[V]) put(key digest, value V) {
	if l.entries == nil {
		l.entries = make(map[digest]V)
	}
	if _, ok := l.entries[key]; !ok {
		if len(l.order) == maxEntries {
			l.dropOldest()
		}
		l.order = append(l.order, key)
	}
	l.entries[key] = value
}

// dropWhile forgets the oldest values while they are stale.
func (l *ledger[V]) dropWhile(stale func(V) bool) {
	for len(l.order) > 0 && stale(l.entries[l.order[0]]) {
		l.dropOldest()
	}
}

func (l *ledger[V]) dropOldest() {
	delete(l.entries, l.order[0])
	l.order = l.order[1:]
}

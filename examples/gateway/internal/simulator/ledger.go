package simulator

import (
	"crypto/rand"
	"crypto/sha256"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// maxEntries bounds every ledger, and with it the simulator's memory.
const maxEntries = 1 << 16

// ledger is a map that forgets what was put first. It keeps digests of its keys, so
// that their size does not depend on the caller. It is not safe for concurrent use.
type ledger[V any] struct {
	values *simplelru.LRU[[sha256.Size]byte, V]
}

func newLedger[V any]() ledger[V] {
	values, _ := simplelru.NewLRU[[sha256.Size]byte, V](maxEntries, nil) // fails for a size below 1 only
	return ledger[V]{values}
}

func (l ledger[V]) get(key string) (V, bool) {
	return l.values.Peek(sha256.Sum256([]byte(key)))
}

func (l ledger[V]) put(key string, value V) {
	l.values.Add(sha256.Sum256([]byte(key)), value)
}

// add counts one more of key and returns its count.
func add(counts ledger[int], key string) int {
	n, _ := counts.get(key)
	counts.put(key, n+1)
	return n + 1
}

// ticket is what a single-use token stands for.
type ticket struct {
	phone   string
	expires time.Time
}

func issue(tokens ledger[ticket], phone string, expires time.Time) string {
	token := "token-" + rand.Text()
	tokens.put(token, ticket{phone, expires})
	return token
}

// redeem spends a token and returns the number that it stands for. A phone- token
// need not be issued, and does not expire.
func redeem(tokens ledger[ticket], token string, now time.Time) (phone string, ok bool) {
	found, known := tokens.get(token)
	if reserved := phoneToken.FindStringSubmatch(token); reserved != nil && !known {
		found = ticket{reserved[1], now.Add(1)}
	}
	if !now.Before(found.expires) {
		return "", false
	}
	tokens.put(token, ticket{}) // which has expired
	return found.phone, true
}

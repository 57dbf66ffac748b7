package simulator

import (
	"crypto/rand"
	"time"
)

// tokens are the single-use tokens of one kind. Not safe for concurrent use.
type tokens struct {
	ttl    time.Duration
	issued ledger[ticket]
	// spent has the phone- tokens that were used. They were not issued, so they do
	// not expire.
	spent ledger[struct{}]
}

type ticket struct {
	phone   string
	expires time.Time
	used    bool
}

func (t *tokens) issue(phone string, now time.Time) string {
	// All tokens of a kind are valid equally long, so the oldest expire first.
	t.issued.dropWhile(func(old ticket) bool { return !now.Before(old.expires) })
	token := "token-" + rand.Text()
	t.issued.put(digestOf(token), ticket{phone: phone, expires: now.Add(t.ttl)})
	return token
}

// redeem spends a token and returns the number that it stands for.
func (t *tokens) redeem(token string, now time.Time) (phone string, ok bool) {
	key := digestOf(token)
	if phone, ok := phoneIn(token); ok {
		return phone, markFirst(&t.spent, key)
	}
	found, ok := t.issued.get(key)
	if !ok || found.used || !now.Before(found.expires) {
		return "", false
	}
	found.used = true
	t.issued.put(key, found)
	return found.phone, true
}

// markFirst reports whether key is new to seen, and adds it.
func markFirst(seen *ledger[struct{}], key digest) bool {
	_, known := seen.get(key)
	seen.put(key, struct{}{})
	return !known
}

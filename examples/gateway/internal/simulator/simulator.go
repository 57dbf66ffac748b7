package simulator

import (
	"crypto/rsa"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
)

// firstID is above 2^53, where a float64 holds even numbers only. Ids are odd, so a
// client that reads an id as a float64 gets another number.
const firstID = 1<<56 + 1

// Simulator is an [http.Handler] that answers as the upstream does. Make one with
// [New]. It is safe for concurrent use, logs nothing and starts no goroutines.
type Simulator struct {
	config Config
	mux    *http.ServeMux
	ahead  atomic.Int64 // nanoseconds that the model's clock is ahead of Config.Clock

	mu        sync.Mutex // guards what follows
	publicKey *rsa.PublicKey
	activated bool
	nextID    int64
	quota     quota
	verify    tokens
	login     tokens
	captchas  ledger[struct{}]
	calls     ledger[int]
	random    *rand.Rand
}

var _ http.Handler = (*Simulator)(nil)

// New returns a simulator. The error names every field of config that is not valid.
func New(config Config) (*Simulator, error) {
	if err := config.validate(); err != nil {
		return nil, fmt.Errorf("simulator config: %w", err)
	}
	if config.Wait == nil {
		config.Wait = wait
	}
	s := &Simulator{
		config:    config,
		mux:       http.NewServeMux(),
		publicKey: config.PublicKey,
		nextID:    firstID,
		quota:     quota{config: config},
		verify:    tokens{ttl: config.VerifyTokenTTL},
		login:     tokens{ttl: config.LoginTokenTTL},
		//nolint:gosec // A load profile has to be repeatable, not secret.
		random: rand.New(rand.NewPCG(config.Seed, 0)),
	}
	for path, e := range s.endpoints() {
		s.mux.Handle(path, s.handler(e))
	}
	return s, nil
}

// ServeHTTP answers one call. It reads at most 1 MiB of the body.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mux.ServeHTTP(w, r)
}

// IssueToken returns a fresh verify token of a number, as the SDK gets one from the
// carrier. It is valid for one call within [Config.VerifyTokenTTL].
func (s *Simulator) IssueToken(phone string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.verify.issue(phone, s.now())
}

// IssueLoginToken returns a fresh login token of a number. It is valid for one
// call within [Config.LoginTokenTTL].
func (s *Simulator) IssueLoginToken(phone string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.login.issue(phone, s.now())
}

// Calls returns how many authenticated calls had this token, or this value in the
// field that stands for one: captchaContent, the phone of queryBusinessRisk, the
// app_key of /v1/admin/open. It counts them whatever the answer was.
func (s *Simulator) Calls(token string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, _ := s.calls.get(digestOf(token))
	return n
}

// count counts a call, and returns how many had this token.
func (s *Simulator) count(token string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := digestOf(token)
	n, _ := s.calls.get(key)
	s.calls.put(key, n+1)
	return n + 1
}

// draw returns the part of the load profile for the next call, if any.
func (s *Simulator) draw() (part, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.config.Mix.draw(s.random)
}

func (s *Simulator) loginKey() *rsa.PublicKey {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.publicKey
}

func (s *Simulator) newID() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := s.nextID
	s.nextID += 2
	return id
}

package simulator

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"time"
)

const (
	// firstID is above 2^53, where a float64 holds even numbers only. Ids are odd, so
	// a client that reads an id as a float64 gets another number.
	firstID = 1<<56 + 1
	// The simulator answers from memory: a call that takes seconds has a client that
	// does not read or write.
	ioTimeout   = 10 * time.Second
	idleTimeout = time.Minute
)

// Simulator is an [http.Handler] that answers as the upstream does. Make one with
// [New]. It is safe for concurrent use, logs nothing and starts no goroutines, except
// in [Simulator.Serve].
type Simulator struct {
	config Config
	paths  map[string]endpoint

	mu        sync.Mutex    // guards what follows, while a call is answered
	ahead     time.Duration // of Config.Clock
	publicKey *rsa.PublicKey
	activated bool
	nextID    int64
	balance   int
	random    *rand.Rand

	verify, login ledger[ticket]
	calls         ledger[int]       // by their tokens
	captchas      ledger[int]       // by their content
	counts        ledger[int]       // by the period, and the number if it is counted for one
	verified      ledger[time.Time] // when each number was
}

// New returns a simulator. The error names every field of config that is not valid.
func New(config Config) (*Simulator, error) {
	if err := config.validate(); err != nil {
		return nil, fmt.Errorf("simulator config: %w", err)
	}
	s := &Simulator{
		config:    config,
		publicKey: config.PublicKey,
		nextID:    firstID,
		balance:   config.Balance,
		//nolint:gosec // A load profile has to be repeatable, not secret.
		random:   rand.New(rand.NewPCG(config.Seed, 0)),
		verify:   newLedger[ticket](),
		login:    newLedger[ticket](),
		captchas: newLedger[int](),
		calls:    newLedger[int](),
		counts:   newLedger[int](),
		verified: newLedger[time.Time](),
	}
	s.paths = s.endpoints()
	return s, nil
}

// ServeHTTP answers one call. It reads at most 1 MiB of the body.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e, ok := s.paths[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	body, fault := s.answer(e, r)
	s.deliver(w, r, body, fault)
}

// Serve answers the calls of a listener until ctx is done. Open calls then have grace
// to end; the error tells that some did not and were cut off.
func (s *Simulator) Serve(ctx context.Context, listener net.Listener, grace time.Duration) error {
	server := &http.Server{Handler: s, ReadTimeout: ioTimeout, WriteTimeout: ioTimeout, IdleTimeout: idleTimeout}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	if err := server.Shutdown(end); err != nil {
		return fmt.Errorf("shut down: %w", errors.Join(err, server.Close()))
	}
	return nil
}

// IssueToken returns a fresh verify token of a number, as the SDK gets one from the
// carrier. It is valid for one call within [Config.VerifyTokenTTL].
func (s *Simulator) IssueToken(phone string) string {
	return s.issue(s.verify, phone, s.config.VerifyTokenTTL)
}

// IssueLoginToken returns a fresh login token of a number. It is valid for one
// call within [Config.LoginTokenTTL].
func (s *Simulator) IssueLoginToken(phone string) string {
	return s.issue(s.login, phone, s.config.LoginTokenTTL)
}

// Calls returns how many authenticated calls had this token, or this value in the
// field that stands for one: captchaContent, the phone of queryBusinessRisk, the
// app_key of /v1/admin/open. It counts them whatever the answer was.
func (s *Simulator) Calls(token string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, _ := s.calls.get(token)
	return n
}

// Advance moves the clock of the model forward, so that a test or a person need not
// wait for a limit or a token to end. A negative d does nothing.
func (s *Simulator) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ahead += max(d, 0)
}

// Refill pays for more billed answers, where [Config.Balance] limits them. A negative
// number does nothing.
func (s *Simulator) Refill(answers int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.balance += max(answers, 0)
}

// now is the time of the model, in the zone of its calendar.
func (s *Simulator) now() time.Time { return s.config.Clock().Add(s.ahead).In(s.config.Zone) }

// ServeAdvance answers POST with the body {"seconds": 30}, from 1 second to a
// day, by [Simulator.Advance]. No wait is longer. It is no path of the upstream: mount it where the
// page of a simulated gateway can call it.
func (s *Simulator) ServeAdvance(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Seconds int64 `json:"seconds"`
	}
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&body)
	if err != nil || body.Seconds < 1 || body.Seconds > 86400 {
		http.Error(w, `want {"seconds": N} with N from 1 to 86400`, http.StatusBadRequest)
		return
	}
	s.Advance(time.Duration(body.Seconds) * time.Second)
	w.WriteHeader(http.StatusNoContent)
}

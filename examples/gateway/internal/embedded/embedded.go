// Package embedded runs the simulator on a loopback port of this process, for
// programs that need an upstream without an account.
package embedded

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/simulator"
)

const (
	ioTimeout = 10 * time.Second
	keyBits   = 1024 // the size that the upstream documents
)

// Upstream is a running simulator. Stop it with [Upstream.Close].
type Upstream struct {
	// URL is the address of the simulator. It replaces both hosts of the
	// upstream.
	URL string
	// Simulator issues tokens and counts calls.
	Simulator *simulator.Simulator

	// PhoneKey decrypts the phone numbers of logins, until an activation sets
	// another key.
	PhoneKey *rsa.PrivateKey

	config simulator.Config
	server *http.Server
	failed chan error
}

// scripted matches the reserved values of the simulator that can replace a
// phone number.
const scripted = `code--?[0-9]+|riskcheck--?[0-9]+|fault-[a-z0-9]+|then-success-(-?[0-9]+|fault-[a-z0-9]+)-[0-9A-Za-z-]+`

// Start returns a running simulator. change modifies the default configuration,
// which has its own key.
func Start(ctx context.Context, change ...func(*simulator.Config)) (*Upstream, error) {
	key, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return nil, fmt.Errorf("generate key: %w", err)
	}
	u := &Upstream{PhoneKey: key, config: simulator.DefaultConfig(), failed: make(chan error, 1)}
	u.config.PublicKey = &key.PublicKey
	for _, apply := range change {
		apply(&u.config)
	}
	if u.Simulator, err = simulator.New(u.config); err != nil {
		return nil, err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err // net names the operation and the address
	}
	u.URL = "http://" + listener.Addr().String()
	u.server = &http.Server{Handler: u.Simulator, ReadTimeout: ioTimeout, WriteTimeout: ioTimeout}
	go func() { u.failed <- u.server.Serve(listener) }()
	return u, nil
}

// Configure returns config with the simulator as its upstream. The reserved
// values are then valid phone numbers, unless config has its own pattern.
func (u *Upstream) Configure(config gateway.Config) gateway.Config {
	config.UpstreamURL, config.AdminURL = u.URL, u.URL
	config.AppKey, config.MasterSecret = u.config.AppKey, gateway.Secret(u.config.MasterSecret)
	config.DevKey, config.DevSecret = u.config.DevKey, gateway.Secret(u.config.DevSecret)
	if config.PhonePattern == "" || config.PhonePattern == gateway.DefaultPhonePattern {
		config.PhonePattern = gateway.DefaultPhonePattern + "|" + scripted
	}
	return config
}

// Close stops the simulator at once and waits until it has stopped.
func (u *Upstream) Close() error {
	err := u.server.Close()
	if served := <-u.failed; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

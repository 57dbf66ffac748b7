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

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/simulator"
)

// Upstream is a running simulator. Stop it with [Upstream.Close].
type Upstream struct {
	// URL is the address of the simulator. It replaces both hosts of the
	// upstream.
	URL string
	// Simulator issues tokens and counts calls.
	Simulator *simulator.Simulator

	config simulator.Config
	stop   context.CancelFunc
	served chan error
}

// scripted matches the reserved values of the simulator that can replace a
// phone number.
const scripted = `code--?[0-9]+|riskcheck--?[0-9]+|fault-[a-z0-9]+|then-success-(-?[0-9]+|fault-[a-z0-9]+)-[0-9A-Za-z-]+`

// Start returns a running simulator. change modifies the default configuration,
// which has its own key.
func Start(ctx context.Context, change ...func(*simulator.Config)) (*Upstream, error) {
	key, err := rsa.GenerateKey(rand.Reader, simulator.KeyBits)
	if err != nil {
		return nil, fmt.Errorf("generate key: %w", err)
	}
	u := &Upstream{config: simulator.DefaultConfig(), served: make(chan error, 1)}
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
	ctx, u.stop = context.WithCancel(context.WithoutCancel(ctx)) // Close ends it
	go func() { u.served <- u.Simulator.Serve(ctx, listener, 0) }()
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
	u.stop()
	if err := <-u.served; !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil // calls were open, and were cut off
}
